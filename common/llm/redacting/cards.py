"""Numbers of payment cards: a length and beginning of some brand, and a checksum that holds (ISO/IEC 7812)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from common.llm.redacting.findings import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from common.llm.redacting.digits import Run, Token

_BRAND = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"  # Discover
    r"|3(?:0[0-5]\d|[68]\d\d)\d{10}"  # Diners Club
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|62\d{14,17}"  # UnionPay
    r"|(?:508|60|81|82)\d{13,14}"  # RuPay
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"  # Maestro
)
_SHORTEST, _LONGEST = 13, 19
_USUAL = (15, 16)
_MOST_GROUPS = 6
"""In which one is written, and one more."""
_MOST_WITH_OTHERS = 10
"""Groups of a card's number, its date and its code."""
_GROUPS = {(16,), (15,), (4, 4, 4, 4), (4, 6, 5), (8, 8), (4, 6, 4), (19,), (4, 4, 4, 4, 3), (6, 13)}
"""How the digits of one are usually written together."""
_CUE = re.compile(
    r"\b(?:card|visa|master ?card|amex|american express|maestro|credit|debit|karte\w*|kreditkarte\w*|tarjeta|carte"
    r"|carta|cartão)\b",
    re.IGNORECASE,
)
_NEAR = 120


def find_cards(text: str, numbers: Sequence[Run]) -> Iterator[Finding]:
    """Every card number among the numbers of a text."""
    for run in numbers:
        if len(run.digits) < _SHORTEST:
            continue
        cued = _CUE.search(text, max(0, run.start - _NEAR), run.end + _NEAR) is not None
        for found in _cards_in(run.tokens, cued=cued):
            for start, end in type(run)(found).parts(text):
                yield Finding(Kind.CARD, start, end)


def _cards_in(tokens: tuple[Token, ...], *, cued: bool) -> Iterator[tuple[Token, ...]]:
    """The tokens of each number; what is left on both sides of one may hold others."""
    open_parts = [(0, len(tokens))]
    while open_parts:
        begin, end = open_parts.pop()
        found = next((each for each in _windows(begin, end) if _is_found(tokens, each, (begin, end), cued=cued)), None)
        if found is not None:
            yield tokens[slice(*found)]
            open_parts += [(begin, found[0]), (found[1], end)]


def _windows(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Where a number may stand: first where one usually does, at the beginning and at the end."""
    yield from ((begin, to) for to in range(min(end, begin + _LONGEST), begin, -1))
    yield from ((start, end) for start in range(max(begin + 1, end - _LONGEST), end))
    yield from (
        (start, to) for start in range(begin + 1, end) for to in range(start + 1, min(end, start + _MOST_GROUPS))
    )


def _is_found(tokens: tuple[Token, ...], at: tuple[int, int], part: tuple[int, int], *, cued: bool) -> bool:
    """Whether a card's number stands there. A list of numbers holds one by chance now and then.

    So within others it has to be written as one number, or as cards are where somebody speaks of one and the others
    may be its date and code.
    """
    window = tokens[slice(*at)]
    inside = part[0] < at[0] and at[1] < part[1]
    if inside and len(window) > 1 and not (cued and part[1] - part[0] <= _MOST_WITH_OTHERS):
        return False
    digits = "".join(token.digits for token in window)
    fits = _SHORTEST <= len(digits) <= _LONGEST and _plausible(window, digits, cued=cued and not inside)
    return fits and _is_card(digits)


def _plausible(window: tuple[Token, ...], digits: str, *, cued: bool) -> bool:
    lengths = tuple(len(token.digits) for token in window)
    if cued:
        return True
    if lengths in _GROUPS:
        return True
    spoken = all(token.spoken or len(token.digits) == 1 for token in window)
    return spoken and len(digits) in _USUAL


def _is_card(digits: str) -> bool:
    return _BRAND.fullmatch(digits) is not None and len(set(digits)) > 1 and _luhn(digits)


def _luhn(digits: str) -> bool:
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(int("0246813579"[int(digit)]) for digit in even)) % 10 == 0
