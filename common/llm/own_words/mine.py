"""What may follow "my" where it holds for good: names, favourites, kin and what they do, the body, the firm."""

import re
from functools import cache

from common.llm.own_words.belongings import HAD, ILLNESS
from common.llm.own_words.habits import habit_of
from common.llm.own_words.third_person import base_form
from common.llm.own_words.words import (
    FEW,
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
    r" (?:is|are|has been|have been) (?:bad|weak|terrible|ruined|fused|broken|shot|poor|awful|damaged|sensitive)\b"
    rf"|(?:team|office|company|firm|school|shop|department) is (?:in|at|near|based in) {PROPER}"
    r"|(?:office|workshop|shop|studio|flat|house|apartment|practice) is (?:above|below|opposite|next to"
    r"|behind|right by|on the) \w"
    r"|(?:company|firm|shop|team|department|business|employer|band) (?:makes|sells|builds|runs|develops|designs"
    r"|produces)"
    r" (?!it\b|this\b|that\b|the\b)\w)"
)
_RELATIVE_DOES = rf"{RELATIVE}(?:,? {PROPER},?)? ({OF_RELATIVES}) (.+)$"
_TRADES = (
    r"(?:both |all )?(?!strangers|others|winners|losers|lovers|visitors|customers|brothers|sisters|mothers"
    r"|fathers|daughters)\w+(?:er|or|ist|ant|ian|nurse)s$"
)
_RELATIVE_ANY = rf"(?P<kin>{RELATIVE})(?:,? {PROPER},?)? (?P<verb>[a-z]+) (?P<what>.+)$"
_PASSES = re.compile(
    r"\b(?:today|tonight|tomorrow|now|again|this (?:week|weekend|morning|time|year)|always says|for you)\b"
)
_VAGUE = r"\w+ (?:it|this|that|them)$|late\b|asleep"
_RELATIVE_HAS = rf"{FEW}(?:{HAD}|{ILLNESS})\b|(?:been living|lived|been staying|moved) (?:with|in|to|back)\b"
_STATES = f"{RELATIVE_IS}|{_TRADES}"
_NAME, _STATE, _DEED, _HABITS = 9, 7, 6, 4


def weight_of_mine(predicate: str) -> int:
    """How much what follows "my" matters for good; 0 where it doesn't."""
    if _matches(_OWN_IS, predicate):
        return _NAME if _matches(_NAMING, predicate) else _STATE
    if _matches(_OTHER, predicate):
        return _DEED
    found = _matches(_RELATIVE_DOES, predicate)
    if found is None:
        return _habit_of_relative(predicate)
    if _matches(SOMETHING, found[2]) is None or _matches(_VAGUE, found[2]):
        return 0
    verb = found[1].lower()
    wanted = {
        "is": _STATES,
        "are": _STATES,
        "was": _STATES,
        "were": _STATES,
        "has": _RELATIVE_HAS,
        "have": _RELATIVE_HAS,
    }
    return _DEED if verb not in wanted or _matches(wanted[verb], found[2]) else 0


def _habit_of_relative(predicate: str) -> int:
    """What a relative does again and again: "my kids ride to school" and "my dad rides horses" are told like habits."""
    found = _matches(_RELATIVE_ANY, predicate)
    if found is None or _PASSES.search(predicate):
        return 0
    verb = found["verb"].lower()
    base = verb if found["kin"].lower().endswith(("s", "children")) else base_form(verb)
    return _HABITS if base and habit_of(f"{base} {found['what']}") else 0


def _matches(pattern: str, text: str) -> re.Match[str] | None:
    return _compiled(pattern).match(text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
