"""What may follow "my" where it holds for good: names, favourites, kin and what they do, the body, the firm."""

import re
from functools import cache

from common.llm.own_words.words import (
    FEW,
    HAD,
    ILLNESS,
    LIFE,
    OF_RELATIVES,
    OWN,
    PROPER,
    RELATIVE,
    RELATIVE_IS,
    SOMETHING,
    any_of,
)

_NO_STATE = any_of("on_the_list done gone missing wrong so very too really not just always")
_OWN_IS = rf"(?:{OWN}|{RELATIVE}'s name) (?:is|are|was) (?!{_NO_STATE}\b){SOMETHING}"
_NAMING = r"(?:first |last |sur)?name|birthday"
_OTHER = (
    rf"(?:(?:big |long-term )?(?:dream|goal|plan|ambition) (?:is|was|has always been) to {LIFE}"
    r"|(?:left |right |lower )?(?:back|knees?|hips?|heart|shoulders?|eyes|eyesight|hearing|memory|lungs|stomach"
    r"|teeth|skin)"
    r" (?:is|are|has been|have been) (?:bad|weak|terrible|ruined|poor|awful|damaged|sensitive)\b"
    rf"|(?:team|office|company|firm|school|shop|department) is (?:in|at|near|based in) {PROPER}"
    r"|(?:company|firm|shop|team|department|business|employer|band) (?:makes|sells|builds|runs|develops|designs"
    r"|produces)"
    r" (?!it\b|this\b|that\b|the\b)\w)"
)
_RELATIVE_DOES = rf"{RELATIVE}(?:,? {PROPER},?)? ({OF_RELATIVES}) (.+)$"
_VAGUE = r"\w+ (?:it|this|that|them)$|late\b|asleep"
_RELATIVE_HAS = rf"{FEW}(?:{HAD}|{ILLNESS})\b"
_NAME, _STATE, _DEED = 9, 7, 6


def weight_of_mine(predicate: str) -> int:
    """How much what follows "my" matters for good; 0 where it doesn't."""
    if _matches(_OWN_IS, predicate):
        return _NAME if _matches(_NAMING, predicate) else _STATE
    if _matches(_OTHER, predicate):
        return _DEED
    found = _matches(_RELATIVE_DOES, predicate)
    if found is None or _matches(SOMETHING, found[2]) is None or _matches(_VAGUE, found[2]):
        return 0
    verb = found[1].lower()
    if verb in {"is", "are", "was", "were"} and not _matches(RELATIVE_IS, found[2]):
        return 0
    if verb in {"has", "have"} and not _matches(_RELATIVE_HAS, found[2]):
        return 0
    return _DEED


def _matches(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).match(text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
