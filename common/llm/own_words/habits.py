"""The simple present of an action tells a habit in English: "I keep bees". What happens now would be "am keeping".

Not so with states, thoughts and acts of speech, nor where the object was pointed at or left to the situation.
"""

import re

from common.llm.own_words.words import ALWAYS, EVERY, SOMETHING

_NO_HABITS = frozenset(
    """
    am is are was were be been have had has do did does can could will would shall should may might must cannot not know
    think believe want need see mean guess hope feel understand agree remember forget get hear look wonder wish promise
    say tell ask suggest recommend apologize apologise thank suppose assume expect bet swear admit imagine like love
    hate prefer seem doubt realise realize notice find let keep put give call bring show owe trust miss regret sound
    appear figure reckon insist disagree consider care mind matter deserve propose order check start stop try help come
    go take make set leave turn add move open close finish begin send plan use quit lose win pick choose decide wait
    stay never always really also still just only even already almost nearly usually often sometimes rarely probably
    actually definitely certainly simply then now once maybe hardly ever too so both all went got took came saw made
    said told thought found left lost met paid ran sat sent sold spent stood taught won wrote broke brought bought built
    caught chose drank drove ate fell felt flew forgot gave grew heard held hid hurt kept knew led meant rode rang rose
    sang sank shook shot slept spoke stole swam threw understood woke wore began became shut cut hit cost beat read
    grow
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
"""What may follow "I" without telling a habit: states, thoughts, acts of speech, what is past, and no verbs."""
_UNTOLD = frozenset(
    """
    it him her them you me us this that these those the one ones his your their my our up down out off in on over back
    away here there into onto through past late early to with what how when where if why so now
    then first last another some any
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
_VAGUE = frozenset("it him her them this that everyone".split())  # noqa: SIM905
_ENDS = ("ed", "ly", "ing", "s")
_OFTEN = re.compile(rf"(?:[\w-]+ ){{1,7}}{EVERY}(?!\w)", re.IGNORECASE)
_HERE = re.compile(r"come here (?:every|each) \w+", re.IGNORECASE)
_ADVERB = re.compile(rf"{ALWAYS} (?P<verb>[a-z]+)(?P<rest>$| (?P<object>{SOMETHING}))", re.IGNORECASE)
_ABSENT = ("usually", "rarely", "never", "seldom", "normally")
HABIT, RULE = 3, 4
"""What a habit weighs, and what is always so."""


def habit_of(predicate: str) -> int:
    """The weight of a habit that follows "I" or "we"; 0 where there is none."""
    if (ruled := _ADVERB.match(predicate)) is not None and _is_action(ruled["verb"].lower()):
        if ruled["object"]:
            return RULE
        return HABIT if predicate.lower().startswith(_ABSENT) else 0
    tokens = predicate.lower().removeprefix("do not ").split()
    if _HERE.match(predicate):
        return HABIT
    if len(tokens) < 2 or not _is_action(tokens[0]):  # noqa: PLR2004 - a verb and what it is about
        return 0
    if tokens[1] in {"when", "whenever"} and tokens[2:3] in (["i"], ["we"]):
        return HABIT
    told = tokens[1] not in _UNTOLD and (len(tokens) < 3 or tokens[2] not in _VAGUE)  # noqa: PLR2004
    return HABIT if told or _OFTEN.match(predicate) else 0


def _is_action(verb: str) -> bool:
    return verb.isalpha() and verb not in _NO_HABITS and not verb.endswith(_ENDS)
