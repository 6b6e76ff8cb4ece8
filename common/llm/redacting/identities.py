"""Numbers by which states and banks know a person, where their form alone says what they are, checksum included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from common.llm.redacting.findings import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class _Form:
    """How one is written, and the module in `stdnum` that knows whether it can be one."""

    pattern: re.Pattern[str]
    checked_by: str | None
    kind: Kind = Kind.IDENTITY


_NOT_WITHIN = r"(?<![\w.-])(?:{})(?![\w-]|\.\d)"


def _form(pattern: str, checked_by: str | None, kind: Kind = Kind.IDENTITY) -> _Form:
    return _Form(re.compile(_NOT_WITHIN.format(pattern)), checked_by, kind)


_FORMS = (
    _form(r"[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?", "iban", Kind.ACCOUNT),
    _form(r"\d{3}-\d{2}-\d{4}", "us.ssn"),
    _form(r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", "fr.nir"),
    _form(r"\d{8}[ -]?[A-Z]", "es.dni"),
    _form(r"[XYZ][ -]?\d{7}[ -]?[A-Z]", "es.nie"),
    _form(r"[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z]", "it.codicefiscale"),
    # UK national insurance: https://www.gov.uk/hmrc-internal-manuals/national-insurance-manual/nim39110
    _form(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]", None),
    _form(r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    _form(r"756\.\d{4}\.\d{4}\.\d{2}", "ch.ssn"),
    _form(r"(?:19|20)?\d{6}[-+]\d{4}", "se.personnummer"),
)


def find_identities(text: str) -> Iterator[Finding]:
    """Every number that can only be one of these."""
    for form in _FORMS:
        for match in form.pattern.finditer(text):
            if form.checked_by is None or _valid(form.checked_by, match.group()):
                yield Finding(form.kind, match.start(), match.end())


def _valid(kind: str, number: str) -> bool:
    import stdnum

    valid: bool = import_module(f"{stdnum.__name__}.{kind}").is_valid(number)
    return valid
