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
        found = _card_in(run, cued=_CUE.search(text, max(0, run.start - _NEAR), run.end + _NEAR) is not None)
        if found is not None:
            for start, end in type(run)(found).parts(text):
                yield Finding(Kind.CARD, start, end)


def _card_in(run: Run, *, cued: bool) -> tuple[Token, ...] | None:
    """The tokens of the number. A list of numbers holds one by chance now and then, so it begins or ends with it."""
    tokens = run.tokens
    windows = [tokens[:end] for end in range(min(len(tokens), _LONGEST), 0, -1)]
    windows += [tokens[start:] for start in range(max(1, len(tokens) - _LONGEST), len(tokens))]
    for window in windows:
        digits = "".join(token.digits for token in window)
        if _SHORTEST <= len(digits) <= _LONGEST and _plausible(window, digits, cued=cued) and _is_card(digits):
            return window
    return None


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
