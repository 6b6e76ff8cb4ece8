"""Where in a sentence somebody begins to speak of themselves in English, and where they stop being sure of it."""

import re
from collections.abc import Iterator

_SELF = r"(?:I|[Mm]y|[Oo]ur|[Ww]e)\b"
_FILLER = re.compile(
    r"^(?:(?:well|yeah|yep|yes|no|nope|oh|ah|um|uh|hm+|so|and|but|okay|ok|actually|honestly|basically|anyway"
    r"|also|plus"
    r"|you (?:should )?(?:know|see)|i mean|to be (?:honest|fair)|by the way|as you know|like i said|as i said"
    r"|the thing is|fun fact|because|cause|since|though|however|personally|for me|in fact|of course|right|sure|hi|hey"
    r"|hello|thanks|thank you|then|me too|same here|sorry|look|listen|seriously|apparently|that|now(?: that)?"
    r"|except|back|unfortunately|luckily|sadly|frankly|usually|sometimes|normally|these days|nowadays|at home"
    r"|at work|true|exactly"
    r"|in (?:summer|winter|spring|autumn)|on weekends|(?:once|twice) a (?:day|week|month|year)|every (?:\w+ )?\w+"
    r"|(?:i'm|i am) (?:afraid|sorry)|(?:the|my) (?:doctor|dentist|specialist)s? (?:says?|said)(?: that)?"
    r"|that(?:'s| is) (?:why|because|when|where|how)|(?:the|another|one) (?:\w+ ){1,2}is(?: that)?|and then)[,.:]? )+",
    re.IGNORECASE,
)
_CUTS = re.compile(
    rf"(?:[;:\u2013\u2014]|,? (?:and|but|so|because|although|though|while|which is why|that is why|that's"
    rf" why|hence)|,) (?={_SELF})"
    r"|, (?=(?:do|does|did|is|are|can|could|will|would|should|has|have|what|how|when|why|isn't|don't)\b)"
    r"|[;\u2013\u2014] |, (?:although|though|which|who|where|right|you know|because|since(?= I (?!was\b)))\b"
    r"|,? (?:because|but)\b|, so\b"
    r"| so (?=no\b)|\bwhich is\b| (?=I(?:'d|'ll| always)\b)"
    r"| and (?=(?:last|then|this|that|it|he|she|they|there|now|the)\b)"
    rf"|(?P<within> (?:(?<![Aa]fter )(?<![Bb]efore )(?<![Ll]ike )(?<![Ww]ith )(?<![Ff]or )(?<![Bb]y )that"
    rf"|because|reasons?"
    rf"|why|where|while|now that|as)) (?={_SELF})"
    r"|(?P<bare> )(?=(?:I (?:am|have|live|work|run|own|teach|study|play|do not)|we have) )"
)
_REPORTED = re.compile(
    r"\b(?:maybe|perhaps|probably|possibly|would|could|should|might|wonder\w*|doubts?|ask\w*"
    r"|say|says|said|saying|tells?|told|think|thinks|thought|believes?d?|claim\w*|heard?|hear|hopes?|hoping"
    r"|wish\w*"
    r"|guess|suppose|assume\w*|feels?|felt|dream\w*|imagin\w+|pretend\w*|wrote|writes?|shows?|means?|meant|if|unless"
    r"|whether|like|not|true)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:(?:after|before|with|by|for|like) that|do|did|does|can|could|would|should|will|what|how|when"
    r"|where|which|who|than|all|thing|the|of|in|to"
    r"|for|and|or"
    r"|everything|whatever|is|are|was|\w*day|morning|evening|night|week|time|month|year)$",
    re.IGNORECASE,
)
"""What can't end a sentence that was run into the next."""
_LASTED = re.compile(
    r"\b(?:[Ww]hen|[Ss]ince|[Aa]fter|[Bb]efore) (?P<who>I|we) (?P<what>(?:lived|worked|studied|was an?|founded"
    r"|opened|bought|moved|got (?:married|divorced)|adopted|joined|quit|retired|graduated|became|lost my"
    r"|started at|sold|closed|left (?:the|my))\b"
    r"(?! (?:\w+ )?(?:kid|child|teen\w*|baby)\b).*?)"
    r"(?=,| (?:I|we|you|they|nobody|everybody|everyone|it|there|he|she|that|this"
    r"|everything|nothing|life|things)\b|$)"
)
_STILL = re.compile(r"\bhave\b.+ since (?:I|we)\b")
"""What has been so since: when it began belongs to it."""
_FRONTED = re.compile(
    r"(?P<lead>^|, |\b(?:and|but|so) )(?P<when>(?:[Oo]n )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days"
    r"|(?:[Ee]very|[Mm]ost) \w+(?: \w+)?"
    r"|[Ii]n the (?:mornings?|evenings?|afternoons?)|(?:[Oo]nce|[Tt]wice|[Tt]hree times) an? \w+|[Aa]t (?:night"
    r"|weekends)"
    r"|[Oo]n weekends|(?:[Aa]fter|[Bb]efore) work|[Aa]ll my life|[Ii]n my (?:teens|\w+ties)|[Aa]s an?"
    r" (?:kid|child|student|teenager)"
    r"|(?:[Aa]fter|[Ss]ince|[Bb]efore) (?:my|the) (?:\w+ )?(?:divorce|accident|stroke|war|operation"
    r"|surgery|wedding|birth|university|pandemic)),? (?P<who>I|we) (?P<what>[^,;]+)"
)
_ALSO = re.compile(
    r",? and (?:(?:also|then) )?(?=(?:live|work|have|am|love|like|hate|prefer|play|study|teach|run|own|speak|never|do"
    r" not|cannot|always|usually|coach|sing|write|paint)\b)"
)

_QUOTED = re.compile(
    r"(?<!\bI )(?:\b(?:(?:say|shout|ask|answer|reply|whisper)(?:s|ed)?|said|replie[sd]|wrote|writes"
    r"|(?:told|tells) \w+)[,:]"
    r"|\b(?:he|she|they|[A-Z]\w+) (?:goes|go|(?:is|was|were) (?:all )?like),?) [\"\u201c'\u2018]?"
    r"(?=(?:(?:yes|no|well|oh|look|listen|you know),? )?(?:I|[Mm]y|[Ww]e|[Oo]ur)\b).*$"
)
"""What somebody is quoted with, told in their own words."""
_UNREAL = re.compile(r"(?:'d|'ll)\b|\b(?:would|could|should|will|might|if)\b")
"""What holds for all that is said with it: in "I'd sleep there and never talk" nobody never talks."""


def unquoted(sentence: str) -> str:
    """The sentence without what it quotes: "He said, I'm moving" says nothing of who tells it."""
    return _QUOTED.sub("", sentence)


def clauses(sentence: str, *, asked: bool) -> Iterator[str]:
    """The parts of a sentence in which the speaker may be the subject, without what only leads up to it.

    What hangs on another's word, a guess or a condition is left out; of a question its last part, which asks.

    Args:
        sentence: with contractions written out.
        asked: whether it is a question.
    """
    lasted = sentence if _STILL.search(sentence) else _LASTED.sub(r", \g<who> once \g<what>,", sentence)
    parts = list(_parts(_FRONTED.sub(_put_last, lasted)))
    for part in parts[:-1] if asked else parts:
        for number, piece in enumerate([part] if _UNREAL.search(part) else _ALSO.split(part)):
            spoken = _FILLER.sub("", piece.strip(" ,"))
            yield f"I {spoken}" if number and not spoken.lower().startswith(("i ", "my ", "our ", "we ")) else spoken


def _parts(sentence: str) -> Iterator[str]:
    begins = 0
    for cut in _CUTS.finditer(sentence):
        before = sentence[begins : cut.start()]
        joined = cut["within"] or cut["bare"]
        if (joined and _REPORTED.search(before)) or (cut["bare"] and (_OPEN.search(before) or _is_written(sentence))):
            continue
        yield before
        begins = cut.end()
    yield sentence[begins:]


def _put_last(found: re.Match[str]) -> str:
    """Say what is said first last: "On Mondays I swim" as "I swim on Mondays"."""
    when = found["when"]
    when = f"on {when}" if when.endswith("days") and " " not in when else when[0].lower() + when[1:]
    return f"{found['lead']}{found['who']} {found['what'].rstrip()} {when}"


def _is_written(sentence: str) -> bool:
    """Whether it has the marks that recognised speech lacks as a rule."""
    return any(mark in sentence for mark in ",;:")
