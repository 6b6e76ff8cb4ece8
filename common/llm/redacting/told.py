"""Numbers that say nothing by themselves, where the words around give them away: "your code is 48 29"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.llm.redacting.findings import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from common.llm.redacting.digits import Run, Token

_NEAR = 45
"""Characters between a number and the words that say what it is."""
_LINKED = 12
"""Characters between a number and the word that links it to what it is."""
_LINK = re.compile(
    r"\b(?:is|are|was|be|to|it's|its|ist|war|lautet|auf|es|era|est|c'est|è|é|jest)\b|'s\b|[:=#]", re.IGNORECASE
)
_MOST_DIGITS = 34
"""Of any number that is looked for."""
_BACK = r"\W{0,3}(?:is|was|ist|war|es|est|è|é)\W(?:\w+\W){1,3}?"


@dataclass(frozen=True)
class _Told:
    """What the words are, how many digits follow them, and whether something must link the two."""

    kind: Kind
    cue: re.Pattern[str]
    after: re.Pattern[str]
    lengths: Container[int]
    linked: bool = False


def _told(kind: Kind, cue: str, lengths: Container[int], *, linked: bool = False) -> _Told:
    words = rf"(?<!\w)(?:{cue})(?!\w)"
    return _Told(kind, re.compile(words, re.IGNORECASE), re.compile(_BACK + words, re.IGNORECASE), lengths, linked)


_CODE = r"(?:codes?|password|passcode|pin|kennwort|passwort|código|codice)"
_TOLD = (
    _told(Kind.IDENTITY, r"social security(?: number)?|ssn|social insurance(?: number)?|sin number", {9}),
    _told(
        Kind.IDENTITY,
        r"steuer-?id(?:entifikationsnummer|nummer)?|idnr|tax (?:id|number|identification number)|pesel|cpf"
        r"|codigo fiscal|número fiscal|nif",
        {9, 11},
    ),
    _told(Kind.IDENTITY, r"aadhaa?r(?: card)?(?: number| no)?", {12}),
    _told(Kind.IDENTITY, r"num[ée]ro de s[ée]curit[ée] sociale|sozialversicherungsnummer", {10, 12, 13, 15}),
    _told(Kind.IDENTITY, r"bsn|burgerservicenummer|personnummer|nhs number", {8, 9, 10, 12}),
    _told(
        Kind.IDENTITY,
        r"(?:passport|licen[cs]e|national id|identity(?: card)?|id card) (?:number|no\.?)|(?:personal)?ausweisnummer"
        r"|reisepassnummer|dni|numéro de passeport|número de pasaporte",
        range(6, 14),
    ),
    _told(
        Kind.ACCOUNT,
        r"(?:bank )?account (?:number|no\.?)|routing number|sort code|iban|kontonummer|num[ée]ro de compte"
        r"|n[úu]mero de cuenta|numero di conto",
        range(6, 35),
        linked=True,
    ),
    _told(Kind.CODE, r"cvv2?|cvc2?|card verification (?:code|number)|prüfnummer", {3, 4}),
    _told(
        Kind.CODE,
        rf"(?:verification|security|confirmation|one[ -]?time|authentication|authenticator|access|log-?in|two[ -]factor"
        rf"|2fa|door|alarm|gate|safe|entry|unlock) {_CODE}|otp|pass-?code|sicherheitscode|bestätigungscode"
        rf"|código de (?:verificación|seguridad)|code de (?:vérification|sécurité)|codice di (?:verifica|sicurezza)",
        range(3, 9),
        linked=True,
    ),
    _told(
        Kind.CODE,
        r"pin(?: codes?| numbers?)?|geheimzahl|(?:your|my|our) code|dein code|ihr code|tu código|votre code",
        range(4, 9),
        linked=True,
    ),
)


def find_told(text: str, numbers: Sequence[Run]) -> Iterator[Finding]:
    """Every number that the words around it give away."""
    for run in numbers:
        before = text[max(0, run.start - _NEAR * 2) : run.start]
        after = text[run.end : run.end + _NEAR]
        for told in _TOLD:
            if not (_of_length(run.tokens, told.lengths) and (_leads_to(told, before) or told.after.match(after))):
                continue
            for tokens in _each_of_length(run.tokens, told.lengths):
                for start, end in type(run)(tokens).parts(text):
                    yield Finding(told.kind, start, end)
            break


def _leads_to(told: _Told, before: str) -> bool:
    cues = list(told.cue.finditer(before))
    if not cues:
        return False
    between = before[cues[-1].end() :]
    links = list(_LINK.finditer(between)) if told.linked else []
    return len(between) <= _NEAR and (not told.linked or (bool(links) and len(between) - links[-1].end() <= _LINKED))


def _each_of_length(tokens: tuple[Token, ...], lengths: Container[int]) -> Iterator[tuple[Token, ...]]:
    """Number after number, as in a list of codes, for as long as what follows is another of them."""
    while found := _of_length(tokens, lengths):
        yield found
        tokens = tokens[len(found) :]


def _of_length(tokens: tuple[Token, ...], lengths: Container[int]) -> tuple[Token, ...]:
    """As many of the first tokens as make such a number: what follows may be another."""
    best: tuple[Token, ...] = ()
    count = 0
    for number, token in enumerate(tokens, start=1):
        count += len(token.digits)
        if count > _MOST_DIGITS:
            break
        if count in lengths:
            best = tokens[:number]
    return best
