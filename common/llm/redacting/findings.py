"""What was found in a text, and how it is said that something was there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(StrEnum):
    """What something is that is hidden; the value is what is shown in its place, in brackets."""

    CARD = "card number"
    ACCOUNT = "account number"
    IDENTITY = "identity number"
    PASSWORD = "password"  # noqa: S105 - what is shown in place of one
    KEY = "access key"
    CODE = "secret code"


@dataclass(frozen=True)
class Finding:
    """A stretch of a text that is to be hidden."""

    kind: Kind
    start: int
    end: int


def hidden(text: str, findings: Iterable[Finding]) -> str:
    """The text with what was found replaced; where findings overlap, the longest that begins first counts."""
    pieces: list[str] = []
    at = 0
    for finding in sorted(findings, key=lambda each: (each.start, -each.end)):
        if finding.start >= at:
            pieces += (text[at : finding.start], f"[{finding.kind.value}]")
        at = max(at, finding.end)
    return "".join((*pieces, text[at:]))
