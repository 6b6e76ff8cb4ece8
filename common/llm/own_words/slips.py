"""The forms in which somebody lets slip who they are: each with a cue, a pattern and how it is told."""

import re
from dataclasses import dataclass
from functools import cached_property

from common.llm.own_words.words import FIELD, any_of

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
_STARTS = r"(?:^|[,.;] )(?:(?:well|so|and|but|yeah|yes|honestly|you know|because|hi|hello|hey|good \w+),? )*"
_NO_GROUP = any_of(
    "always sometimes perhaps guys kids discuss pass miss guess dress cross press process focus ladies folks besides",
    "this plus others girls boys lads afterwards towards themselves ourselves unless does",
)


@dataclass(frozen=True)
class Hint:
    """One form."""

    weight: int
    cue: str
    """What the sentence must have for the pattern to be tried."""
    pattern: str
    told: str

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern."""
        return re.compile(self.pattern)


HINTS = (
    Hint(
        7,
        "s a",
        rf"\b[Aa]s (?P<role>an? (?!{_NOBODY}\b)(?:(?!(?:and|but|so|or|when|because|which"
        rf"|that)\b)[\w-]+,? ){{1,3}})I\b",
        "{user} is {role}",
    ),
    Hint(
        7,
        "ing a",
        (
            r"\b(?:[Ss]peaking as|[Bb]eing) (?P<role>an? [\w-]+(?: (?!I\b)[\w-]+)?)(?=,| I\b| is\b| means\b|"
            r" was\b| has\b|$)"
        ),
        "{user} is {role}",
    ),
    Hint(
        6,
        "divorce",
        r"\b(?:[Mm]y|[Oo]ur|(?:[Aa]fter|[Ss]ince|[Bb]efore|[Dd]uring) the) (?P<what>divorce)\b",
        "{user} is {what}d",
    ),
    Hint(6, "ut of ", rf"\b(?:get|getting|got) out of (?P<field>{FIELD})\b", "{user} works in {field}"),
    Hint(
        5,
        "y ",
        (
            r"(?<!quit )(?<!left )(?<!lost )\b[Mm]y (?:boss|colleagues?|manager|shifts?|job|desk|supervisor"
            r"|coworkers?) (?:at|in) (?P<where>(?:the|an?|our) [a-z]+(?: [a-z]+)??)(?= (?:[a-z]+s|is|was|are|has"
            r"|had|will|would|said)\b|,|$)"
        ),
        "{user} works at {where}",
    ),
    Hint(
        5,
        " the ",
        (
            r"\b(?:[Ss]ince|[Aa]fter|[Dd]uring|[Bb]efore|[Bb]ecause of) the (?P<ordeal>chemo|chemotherapy"
            r"|transplant|stroke|heart attack|amputation|bypass)\b"
        ),
        "{user} had a {ordeal}",
    ),
    Hint(
        5,
        "because of my",
        (
            r"\bbecause of my (?:bad |left |right )?(?P<ailing>knees?|back|hips?|heart|eyes|lungs|stomach|skin"
            r"|shoulders?|neck|ears|nerves|feet)\b"
        ),
        "{user} has trouble with their {ailing}",
    ),
    Hint(
        6,
        " like m",
        rf"\b(?:[Ff]or|[Tt]o|[Ww]ith|[Aa]sk|[Ff]rom) (?P<role>an? (?!{_NOBODY}\b)(?:[\w-]+ )?[\w-]+) like me\b",
        "{user} is {role}",
    ),
    Hint(
        6,
        "y job as a",
        r"\b[Mm]y (?:\w+ )?(?:job|work|life|career|time|years) as (?P<role>an? [\w-]+(?: [\w-]+er)?)\b",
        "{user} works as {role}",
    ),
    Hint(6, "s ", rf"\b[Aa]s (?:the |your |our )?(?P<role>{_OFFICE}),? I\b", "{user} is {role}"),
    Hint(
        6,
        "the only",
        r"\b[Aa]s (?P<role>the only (?:(?!I\b)[\w-]+ ){1,4}?(?:(?:on|in|of|at) (?:the |my |our )?\w+ )?)(?:I|my)\b",
        "{user} is {role}",
    ),
    Hint(
        7,
        " with m",
        r"\b(?P<source>[A-Za-z][\w-]*(?: [\w-]+)?) (?:do(?:es)?(?: not|n't)|never) agrees? with (?:me|my stomach)\b",
        "{user} cannot tolerate {source}",
    ),
    Hint(
        7,
        " for me",
        r"\b[Nn]o (?P<source>meat|fish|dairy|gluten|nuts|alcohol|caffeine|sugar|pork|milk|beef) for me\b",
        "{user} does not have {source}",
    ),
    Hint(
        6,
        " me ",
        rf"{_STARTS}{_SOURCE} (?:always )?(?P<does>makes?|gives?|keeps?) me (?:so |really "
        rf"|very )?(?P<state>{_STATE})\b",
        "{source} {does} {user} {state}",
    ),
    Hint(
        5,
        " me",
        _STARTS + r"(?P<source>(?!The\b|This\b|That\b)[A-Z]?[a-z]+(?:ing|s)|[A-Z][a-z]+ [a-z]+)"
        r" (?P<does>relax(?:es)?|calms?|bores?|scares?|terrif(?:y|ies)|stress(?:es)?) me\b",
        "{source} {does} {user}",
    ),
    Hint(
        6,
        "y ",
        rf"{_STARTS}(?P<source>[A-Za-z][\w-]*(?: [\w-]+)?) (?:is|are) (?:my|our) (?:big |great "
        rf"|only )?(?P<pastime>{_PASTIME})\b",
        "{user}'s {pastime} is {source}",
    ),
    Hint(
        5,
        "n ",
        rf"{_STARTS}(?:[Hh]ere |over )?(?P<field>[Ii]n {FIELD}),? (?:we|you|I|nobody|everybody|everyone|people)\b",
        "{user} is {field}",
    ),
    Hint(
        5,
        "e",
        (
            rf"\b[Ww]e(?:'re)? (?:.{{0,60}} )?(?<!mother )(?<!father )(?<!sister )(?<!brother )(?<!son"
            rf" )(?<!daughter )(?P<field>in {FIELD})$"
        ),
        "{user} is {field}",
    ),
    Hint(
        5,
        "s",
        rf"\b(?:[Ww]e|[Uu]s|[Yy]ou) (?P<group>(?!{_NO_GROUP}\b)(?:[a-z]{{4,}}|[A-Z][a-z]+)s)\b(?=,| (?:[a-z]+"
        rf"|can't|don't))",
        "{user} is one of the {group}",
    ),
    Hint(
        4,
        "r ",
        r"\b(?:[Ii]n|[Aa]t) (?:our|my) (?P<where>lab|school|hospital|firm|office|restaurant|department|studio"
        r"|newsroom|clinic"
        r"|ward|orchestra|parish|factory|laboratory|hotel|agency|kitchen brigade)\b(?! (?:days|time))",
        "{user} works in a {where}",
    ),
    Hint(
        6,
        " ",
        r"^(?:(?:[Yy]es|[Yy]eah|[Hh]i|[Hh]ello|[Hh]ey|[Gg]ood \w+)(?: \w+)?,? )*(?:[Tt]his is|[Ii]t's|[Mm]y name is)"
        r" (?P<name>[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?= (?:from|here|speaking|calling)\b)",
        "{user} is called {name}",
    ),
    Hint(
        5,
        "from ",
        r"^(?:yes |yeah )?(?:hi|hello|hey),? (?:this is|it's) (?P<name>[a-z]+) from\b",
        "{user} is called {name}",
    ),
)
