"""What somebody lets slip of themselves without being the subject: "as a nurse", "us altos", "heights scare me"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from common.llm.own_words.third_person import seen_from_outside
from common.llm.own_words.words import FIELD, RELATIVE, any_of

_NOBODY = any_of(
    r"kid child teen\w* result matter rule joke test favou?r treat gift thank_you reminder whole group team "
    r"first_\w+",
    r"last_\w+ start precaution",
)
_OFFICE = (
    r"(?:head of \w+|(?:\w+ )?(?:lead|leader|manager|treasurer|captain|chair\w*|secretary|president|owner|founder"
    r"|director|coach|conductor|landlord|trainer|editor|principal))(?: (?:of|at) (?:the |our |my )?\w+)?"
)
_SOURCE = (
    r"(?P<source>(?!(?i:it|the|that|this|he|she|they|you|which|what|and|but|so|something|nothing|everything)\b)"
    r"[A-Za-z][\w-]*(?: [\w-]+){0,3}?)"
)
_STATE = any_of(
    "nervous anxious dizzy sick ill sleepy sneeze itch swell hives migraines headaches panic awake up sad sane",
    r"a_rash a_headache a_migraine the_creeps",
)
_PASTIME = any_of(
    r"hobby hobbies passion weakness religion favou?rite(?:_\w+)? native_language mother_tongue home_town "
    r"guilty_pleasure",
    r"\w+_day \w+_night day_off",
)
_LIVING = any_of("kids children daughters sons boys girls dogs cats horses jobs dog cat toddler baby teenager newborn")
_STARTS = r"(?:^|[,.;] )(?:(?:well|so|and|but|yeah|yes|honestly|you know|because|hi|hello|hey|good \w+),? )*"
_NO_GROUP = any_of(
    "always sometimes perhaps guys kids discuss pass miss guess dress cross press process focus ladies folks besides",
    "this plus others girls boys lads afterwards towards themselves ourselves unless does",
)


@dataclass(frozen=True)
class _Hint:
    weight: int
    cue: str
    """What the sentence must have for the pattern to be tried."""
    pattern: str
    told: str

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)


_HINTS = (
    _Hint(
        7,
        "s a",
        rf"\b[Aa]s (?P<role>an? (?!{_NOBODY}\b)(?:(?!(?:and|but|so|or|when|because|which"
        rf"|that)\b)[\w-]+,? ){{1,3}})I\b",
        "{user} is {role}",
    ),
    _Hint(
        7,
        "ing a",
        r"\b(?:[Ss]peaking as|[Bb]eing) (?P<role>an? [\w-]+(?: (?!I\b)[\w-]+)?)(?=,| I\b|$)",
        "{user} is {role}",
    ),
    _Hint(6, "s ", rf"\b[Aa]s (?:the |your |our )?(?P<role>{_OFFICE}),? I\b", "{user} is {role}"),
    _Hint(
        6,
        "the only",
        r"\b[Aa]s (?P<role>the only (?:(?!I\b)[\w-]+ ){1,4}?(?:(?:on|in|of|at) (?:the |my |our )?\w+ )?)(?:I|my)\b",
        "{user} is {role}",
    ),
    _Hint(
        7,
        " with m",
        r"\b(?P<source>[A-Za-z][\w-]*(?: [\w-]+)?) (?:do(?:es)?(?: not|n't)|never) agrees? with (?:me|my stomach)\b",
        "{user} cannot tolerate {source}",
    ),
    _Hint(
        7,
        " for me",
        r"\b[Nn]o (?P<source>meat|fish|dairy|gluten|nuts|alcohol|caffeine|sugar|pork|milk|beef) for me\b",
        "{user} does not have {source}",
    ),
    _Hint(
        6,
        " me ",
        rf"{_STARTS}{_SOURCE} (?:always )?(?P<does>makes?|gives?|keeps?) me (?:so |really "
        rf"|very )?(?P<state>{_STATE})\b",
        "{source} {does} {user} {state}",
    ),
    _Hint(
        5,
        " me",
        _STARTS + r"(?P<source>(?!The\b|This\b|That\b)[A-Z]?[a-z]+(?:ing|s)|[A-Z][a-z]+ [a-z]+)"
        r" (?P<does>relax(?:es)?|calms?|bores?|scares?|terrif(?:y|ies)|stress(?:es)?) me\b",
        "{source} {does} {user}",
    ),
    _Hint(
        6,
        "y ",
        rf"{_STARTS}(?P<source>[A-Za-z][\w-]*(?: [\w-]+)?) (?:is|are) (?:my|our) (?:big |great "
        rf"|only )?(?P<pastime>{_PASTIME})\b",
        "{user}'s {pastime} is {source}",
    ),
    _Hint(
        5,
        "ith ",
        rf"\b[Ww]ith (?P<living>(?:two|three|four|five|six|seven|a|one) (?:\w+ )?{_LIVING})\b(?=.*\b(?:I|we|you)\b)",
        "{user} has {living}",
    ),
    _Hint(
        2,
        " the ",
        r"\b(?:[Ss]ince|[Bb]ecause of|[Ww]ith|[Bb]efore|pick up|drop off|collect|walk|feed"
        r"|wake) the (?P<living>kids|twins|children|dogs)\b",
        "{user} has {living}",
    ),
    _Hint(
        2,
        " the ",
        r"\b(?:[Ss]ince|[Bb]ecause of|[Ww]ith|[Bb]efore|pick up|drop off|walk|feed|wake) the (?P<living>baby"
        r"|dog|cat)\b",
        "{user} has a {living}",
    ),
    _Hint(
        5,
        "n ",
        rf"{_STARTS}(?:[Hh]ere |over )?(?P<field>[Ii]n {FIELD}),? (?:we|you|I|nobody|everybody|everyone|people)\b",
        "{user} is {field}",
    ),
    _Hint(5, "e", rf"\b[Ww]e(?:'re)? (?:.{{0,60}} )?(?P<field>in {FIELD})$", "{user} is {field}"),
    _Hint(
        5,
        "s",
        rf"\b(?:[Ww]e|[Uu]s|[Yy]ou) (?P<group>(?!{_NO_GROUP}\b)(?:[a-z]{{4,}}|[A-Z][a-z]+)s)\b(?=,| (?:[a-z]+"
        rf"|can't|don't))",
        "{user} is one of the {group}",
    ),
    _Hint(
        4,
        "r ",
        r"\b(?:[Ii]n|[Aa]t) (?:our|my) (?P<where>lab|school|hospital|firm|office|restaurant|department|studio"
        r"|newsroom|clinic"
        r"|ward|orchestra|parish|factory|laboratory|hotel|agency|kitchen brigade)\b(?! (?:days|time))",
        "{user} works in a {where}",
    ),
    _Hint(4, "home in", r"\bhome in (?P<place>[A-Z]\w+)", "{user} has a home in {place}"),
    _Hint(
        6,
        " ",
        r"^(?:(?:[Yy]es|[Yy]eah|[Hh]i|[Hh]ello|[Hh]ey|[Gg]ood \w+)(?: \w+)?,? )*(?:[Tt]his is|[Ii]t's|[Mm]y name is)"
        r" (?P<name>[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?= (?:from|here|speaking|calling)\b)",
        "{user} is called {name}",
    ),
    _Hint(
        5,
        "from ",
        r"^(?:yes |yeah )?(?:hi|hello|hey),? (?:this is|it's) (?P<name>[a-z]+) from\b",
        "{user} is called {name}",
    ),
    _Hint(
        4, "y ", rf"\b(?:[Mm]y) (?P<kin>{RELATIVE}),? (?P<name>[A-Z][a-z]+)\b(?!')", "{user}'s {kin} is called {name}"
    ),
    _Hint(
        4, "ur ", rf"\b(?:[Oo]ur) (?P<kin>{RELATIVE}),? (?P<name>[A-Z][a-z]+)\b(?!')", "{user}'s {kin} is called {name}"
    ),
    _Hint(
        4,
        "is ",
        rf"(?:^|[,.;] )(?P<name>[A-Z][a-z]+) is (?:my|our) (?P<kin>{RELATIVE})\b(?!')",
        "{user}'s {kin} is called {name}",
    ),
)
_DOUBTED = re.compile(r"\b(?:maybe|if|imagine|pretend\w*|joking|kidding|would|could|should)\b|'d\b", re.IGNORECASE)


def hints(sentence: str, *, user: str) -> Iterator[tuple[int, str]]:
    """What a sentence of the user's gives away beside what it says, each with its weight."""
    sentence = sentence.rstrip(".!…")
    if _DOUBTED.search(sentence):
        return
    for hint in _HINTS:
        if hint.cue in sentence:
            for found in hint.compiled.finditer(sentence):
                parts = {name: _outside(said.strip(" ,")) for name, said in found.groupdict().items()}
                yield hint.weight, hint.told.format(user=user, **parts)


def _outside(words: str) -> str:
    return " ".join(seen_from_outside(words.split()))
