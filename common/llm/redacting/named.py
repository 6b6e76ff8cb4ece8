"""Fields of JSON whose names say that what they hold is nobody else's business, whatever it looks like."""

from __future__ import annotations

import re
from typing import Any

from common.llm.redacting.findings import Kind

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAMED = tuple(
    (kind, re.compile(rf"(?:.*_)?(?:{names})"))
    for kind, names in (
        (Kind.PASSWORD, "password|passwd|pwd|passphrase|pass_phrase|passcode|seed_phrase|(?:client_)?secret"),
        (
            Kind.KEY,
            (
                "api_?key|(?:access|secret|private|signing)_key|authorization"
                "|(?:access|auth|refresh|bearer|api|session|id)_?token"
            ),
        ),
        (Kind.CODE, r"cvv2?|cvc2?|pin(?:_?code)?|otp|(?:verification|security)_code"),
        (Kind.CARD, "(?:credit_)?card_number"),
        (Kind.IDENTITY, "ssn|social_security_number"),
    )
)
_NUMBERS = {Kind.CODE, Kind.CARD, Kind.IDENTITY}
"""Kinds whose names mean something else where no number is given: `pin: "top"`."""
_SHOWN = {f"[{kind.value}]" for kind in Kind}


def kind_named(name: object) -> Kind | None:
    """What a field of this name holds, if that is to be hidden."""
    if not isinstance(name, str):
        return None
    plain = re.sub(r"[^a-z0-9]+", "_", _CAPITAL.sub("_", name).lower()).strip("_")
    return next((kind for kind, pattern in _NAMED if pattern.fullmatch(plain)), None)


def hidden_value(value: Any, kind: Kind) -> Any:
    """The value of such a field without what it says: texts and numbers, also in a list; what is neither stays."""
    if isinstance(value, list | tuple):
        return [hidden_value(item, kind) for item in value]
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "" or value in _SHOWN:
        return value
    if kind in _NUMBERS and not any(character.isdigit() for character in str(value)):
        return value
    return f"[{kind.value}]"
