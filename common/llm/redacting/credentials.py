"""Keys, tokens and passwords: by the forms that their issuers give them, and by what people say before them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from common.llm.redacting.findings import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYS = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[\s\S]{0,12000}?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|\Z)"
    r"|(?<![A-Za-z0-9_-])(?:"
    r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"  # JSON web tokens
    r"|sk-[\w-]{20,}|(?:sk|rk|pk)_(?:live|test)_\w{10,}|whsec_[\w+/=]{16,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}"
    r"|xox[abeprs]-[\w-]{10,}|AIza[\w-]{35}|ya29\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|npm_\w{30,}|pypi-[\w-]{40,}|hf_\w{30,}|omi_(?:dev|mcp)_\w{16,}|pcsk_\w{20,}"
    r")"
)
_BEARER = re.compile(r"\b(?:bearer|basic)\s+(?=[\w.~+/=-]*\d)([\w.~+/-]{16,}={0,2})", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"://[^\s/:@]{1,100}:([^\s/@]{1,200})@")
_ASSIGNED = re.compile(
    r"\b\w{0,30}(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?(?:key|token)|auth[_-]?token)\w{0,10}"
    r"[\"']?\s{0,3}(?:=|:(?!\s*\n))\s{0,3}[\"']?(?P<value>(?!\$)[^\s\"'<>{}\[\],;]{4,200})",
    re.IGNORECASE,
)

_NAMED = r"(?:pass ?word|pass ?code|passwort|kennwort|contraseña|clave|mot de passe|senha|wachtwoord|hasło)"
_IS = r"(?:is now|is|was|be|to|'s|ist|war|lautet|es|era|est|è|é|jest)"
_SAID = re.compile(rf"\b{_NAMED}\b[^.!?\n:=]{{0,40}}?(?:\s{_IS}|'s)\s+", re.IGNORECASE)
_PHRASE = re.compile(
    rf"\b(?:pass ?phrase|seed phrase|recovery phrase)\b[^.!?\n:=]{{0,30}}?(?:\s{_IS}\s|:)\s*"
    r"(?P<value>[\w' -]{8,200})",
    re.IGNORECASE,
)
_FEWEST_WORDS = 3
_QUOTED = re.compile(r"[\"'«\u2018\u201c\u201e](?P<value>[^\"'»\u2018-\u201e\n]{3,64})[\"'»\u2018-\u201d]")
_STRONG = re.compile(
    r"(?=\S*\d|\S*[@#$%&*_+!~^\\|]\S)(?!\d{1,3}\b)(?=\S*[A-Za-z@#$%&*_+~^\\|])[^\s\"'<>{}\[\],;]{4,64}(?<![.,!?])"
    r"|\d{4,}|[a-z]+[A-Z]\w*|[A-Z]+[a-z]+[A-Z]\w*"
)
_SIGN = r"(?:at sign|dollar sign|hash(?: ?tag)?|under ?score|dash|hyphen|dot|exclamation (?:mark|point)|ampersand|star)"
_DIGIT = r"(?:zero|one|two|three|four|five|six|seven|eight|nine|\d+)"
_SPELLED = re.compile(
    rf"(?:(?:(?:capital|upper ?case|lower ?case|small|all) )?(?:[A-Za-z]\b|{_DIGIT}\b|{_SIGN}\b)[ ,.-]{{1,2}}"
    rf"(?:and )?){{2,}}"
    rf"(?:(?:capital|upper ?case|lower ?case) )?(?:[A-Za-z]|{_DIGIT}|{_SIGN})\b"
    rf"|[A-Za-z]{{3,20}}(?: (?:{_DIGIT}|{_SIGN})\b)+",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?P<value>[^\W\d_]{4,30})(?=\s*(?:[.!,\"\n]|\Z))")
_DESCRIBING = """
abgelaufen above accepted also always anders annoying anything awful bad below blank blocked broken caducada
changed complex compromised cool correct correcta correta corretta debole diferente different dort débil easy
empty encrypted errada everything everywhere expired expiré faible falsch fine forgotten fraca fuerte geändert
gleich gone good great hard hashed here hidden important incorrect incorrecta insecure inside invalid just known
leaked leer locked long lost mandatory maybe mine missing necesaria necessary needed never nothing nowhere nötig
obligatoria okay optional ours perdu private probably public really rejected required reset richtig ridiculous
right safe same saved sbagliata scaduta schwach secret secure segura shared short sicher sicura simple something
somewhere stark still stored strong stupid sûr terrible that theirs them there these this those unbekannt unknown
unsafe unsicher updated valid vergessen very weak weg what working written wrong yours
"""
_NO_PASSWORDS = frozenset(_DESCRIBING.split())


def find_credentials(text: str) -> Iterator[Finding]:
    """Every key, token and password that gives itself away."""
    for match in _KEYS.finditer(text):
        yield Finding(Kind.KEY, match.start(), match.end())
    for pattern in (_BEARER, _IN_ADDRESS):
        for match in pattern.finditer(text):
            yield Finding(Kind.KEY, match.start(1), match.end(1))
    for match in _ASSIGNED.finditer(text):
        if match["value"].lower() not in _NO_PASSWORDS:
            yield Finding(Kind.PASSWORD, match.start("value"), match.end("value"))
    for match in _PHRASE.finditer(text):
        if len(match["value"].split()) >= _FEWEST_WORDS:
            yield Finding(Kind.PASSWORD, match.start("value"), match.end("value"))
    for match in _SAID.finditer(text):
        yield from _said(text, match.end())


def _said(text: str, at: int) -> Iterator[Finding]:
    """The password that is said at a place, if one is: what looks like one, or one word that ends the sentence."""
    quoted = _QUOTED.match(text, at)
    if quoted is not None:
        yield Finding(Kind.PASSWORD, quoted.start("value"), quoted.end("value"))
        return
    found = _SPELLED.match(text, at) or _STRONG.match(text, at)
    if found is None:
        found = _WORD.match(text, at)
        if found is None or found["value"].lower() in _NO_PASSWORDS:
            return
    yield Finding(Kind.PASSWORD, found.start(), found.end())
