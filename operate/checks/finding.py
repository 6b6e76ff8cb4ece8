"""What a look at one thing found."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is."""

    OK = "ok"
    NOTE = "note"
    """As it was chosen, and worth knowing."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing: what it is, how it is, and the command that mends it."""

    what: str
    state: State
    says: str = ""
    mend: str = ""


def fine(what: str, says: str = "") -> Finding:
    """As it should be."""
    return Finding(what, State.OK, says)


def note(what: str, says: str, mend: str = "") -> Finding:
    """As somebody chose it to be."""
    return Finding(what, State.NOTE, says, mend)


def wrong(what: str, says: str, mend: str) -> Finding:
    """To be mended."""
    return Finding(what, State.WRONG, says, mend)
