"""The simple present of an action tells a habit in English: "I keep bees". What happens now would be "am keeping".

Not so with states, thoughts and acts of speech, nor where the object was pointed at or left to the situation.
"""

import re

from common.llm.own_words.words import ALWAYS, EVERY, SOMETHING

_NO_ACTIONS = frozenset(
    """
    am is are was were be been have had has do did does can could will would shall should may might must cannot not know
    think believe want need see mean guess hope feel understand agree remember forget get hear look wonder wish promise
    say tell ask suggest recommend apologize apologise thank suppose assume expect bet swear admit imagine like love
    hate prefer seem doubt realise realize notice find owe trust miss regret sound appear figure reckon insist disagree
    consider care mind matter deserve propose decide never always really also still just only even already almost nearly
    usually often sometimes rarely probably actually definitely certainly simply then now once maybe hardly ever too so
    both all went got took came saw made said told thought found left lost met paid ran sat sent sold spent stood taught
    won wrote broke brought bought built caught chose drank drove ate fell felt flew forgot gave grew heard held hid
    hurt kept knew led meant rode rang rose sang sank shook shot slept spoke stole swam threw understood woke wore began
    became shut grow
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
"""What may follow "I" without telling a habit: states, thoughts, acts of speech, what is past, and no verbs."""
_TOO_COMMON = frozenset(
    """
    let keep put give call bring show order check start stop try help come go take make set leave turn add move open
    close finish begin send plan use quit lose win pick choose wait stay cut hit cost beat read live
    work meet
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
"""What tells a habit only where it is said how often."""
_UNTOLD = frozenset(
    """
    it him her them you me us this that these those the one ones his your their my our up down out off in on over back
    away here there into onto through past late early to with what how when where if why so now
    then first last another some any
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
_VAGUE = frozenset("it him her them you me this that everyone".split())  # noqa: SIM905
_WHEREIN = frozenset("in to with from for".split())  # noqa: SIM905
_NOT_BARE = _UNTOLD | _VAGUE | frozenset("a an case time both mind".split())  # noqa: SIM905
_ENDS = ("ed", "ly", "ing", "s")
_OFTEN = re.compile(rf"(?:[\w-]+ ){{1,7}}{EVERY}(?!\w)", re.IGNORECASE)
_HERE = re.compile(r"come here (?:every|each) \w+", re.IGNORECASE)
_ADVERB = re.compile(rf"{ALWAYS} (?P<verb>[a-z]+)(?P<rest>$| (?P<object>{SOMETHING}))", re.IGNORECASE)
_ONLY_SO = re.compile(r"only (?:come|go|get|take|make|bring|let|keep|put|use|show|see)\b", re.IGNORECASE)
_ABSENT = ("usually", "rarely", "never", "seldom", "normally")
HABIT, RULE = 3, 4
"""What a habit weighs, and what is always so."""


def habit_of(predicate: str) -> int:
    """The weight of a habit that follows "I" or "we"; 0 where there is none."""
    if (
        (ruled := _ADVERB.match(predicate)) is not None
        and not _ONLY_SO.match(predicate)
        and is_action(ruled["verb"].lower())
    ):
        if ruled["object"]:
            return RULE
        return HABIT if predicate.lower().startswith(_ABSENT) else 0
    tokens = predicate.lower().removeprefix("do not ").removeprefix("only ").split()
    if _HERE.match(predicate):
        return HABIT
    if len(tokens) < 2 or not is_action(tokens[0]):  # noqa: PLR2004 - a verb and what it is about
        return 0
    often = _OFTEN.match(predicate) is not None
    return HABIT if often or (tokens[0] not in _TOO_COMMON and _is_general(tokens[1:])) else 0


def _is_general(about: list[str]) -> bool:
    """Whether what a verb is about was not pointed at, nor left to the situation."""
    if about[0] in {"when", "whenever"} and about[1:2] in (["i"], ["we"]):
        return True
    if about[0] in _WHEREIN:
        return about[1:2] != [] and about[1] not in _NOT_BARE
    return about[0] not in _UNTOLD and not _VAGUE.intersection(about[1:2])


def is_action(verb: str) -> bool:
    """Whether a word that follows "I" is the verb of an action in the present."""
    return verb.isalpha() and verb not in _NO_ACTIONS and not verb.endswith(_ENDS)
