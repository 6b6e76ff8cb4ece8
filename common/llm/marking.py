"""Other people's words as data within a prompt."""

from collections.abc import Iterable

from common.core.ids import digest
from common.llm.ports import PHOTO, Dialogue, Turn
from common.llm.unseen import seen

_TAKEN = frozenset({"user", PHOTO.lower()})


def marked(what: str, lines: Iterable[str]) -> str:
    """Lines between marks (`between_marks`), as people see them; what would be several lines becomes one."""
    return between_marks(what, "\n".join(" ".join(seen(line).split()) for line in lines))


def between_marks(what: str, text: str) -> str:
    """A text between two lines that hold a digest of it: nobody can say one of these, and so end the data.

    Args:
        what: what it is, in capital letters.
        text: the data.
    """
    mark = digest(text)
    return f"===== {what} {mark} BEGINS =====\n{text}\n===== {what} {mark} ENDS ====="


def spoken_lines(dialogue: Dialogue) -> list[str]:
    """A line for each turn in which anything was said."""
    return [f"{_speaker(turn)}: {' '.join(turn.text.split())}" for turn in dialogue.turns if turn.text.strip()]


def _speaker(turn: Turn) -> str:
    """Who says it; nobody plays the user, or a picture, by being called so."""
    if turn.is_user:
        return "User"
    name = " ".join(turn.speaker.replace(":", " ").split())
    return f"{name} (not the user)" if name.lower() in _TAKEN and turn.speaker != PHOTO else name or "Somebody"
