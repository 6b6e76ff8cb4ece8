"""What somebody says of themselves by answering: "Where do you live?" "In Oslo." is "I live in Oslo", said by both.

What another says to the user of the user counts where the user agrees: the question is turned into the statement that
was agreed to, and judged by the same forms as what the user says alone.
"""

import re
from collections.abc import Iterator

from common.llm.own_words.questions import OPEN, granted
from common.llm.own_words.third_person import expanded
from common.llm.own_words.words import FIELD
from common.llm.words import words

_YES = re.compile(
    r"^(?:(?:oh|well|um|uh|ah),? )*(?:yes|yeah|yep|yup|sure|exactly|right|true|correct|of course|absolutely"
    r"|i (?:do|did|am|have|was)"
    r"|that's (?:right|true|me)|always|still|guilty)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(?:(?:oh|well|um|uh|ah),? )*(?:no|nope|nah|never|not (?:any ?more|really|at all)|i (?:don't|am not))\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:oh|well|um|uh|ah|yes|yeah|yep|so|just|only|mostly|mainly|about|around|actually|currently|me|right"
    r"|okay|hm+"
    r"|i think|it's|that's|that would be),? )+",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"[;.!…\u2013\u2014]| (?:but|because|and (?:I|we|you|it))\b|, (?!(?:and )?(?:both|one|two|three|an?|in|near)\b)|,$"
)
_MOST_WORDS = 9
_ELABORATES = re.compile(
    r"^(?:(?:oh|well|about|almost|over|only|just|mostly),? )*(?:since|for|every|twice|once|all my life|an?"
    r"|one|two|three|four|five"
    r"|six|seven|eight|nine|ten|\d+)\b(?! (?:second|moment|minute|bit|lot|little))",
    re.IGNORECASE,
)
"""How an answer begins that takes a yes for granted: "You have bees?" "Three hives."."""
_EMPTY = re.compile(
    r"^(?:no|none|nothing|nobody|nowhere|never|not|why|what|who|how|it|that|this|i|we|you|they|he|she|don't"
    r"|here|there|depends|sorry|guess|hard|difficult|good|let|maybe|old|too)\b",
    re.IGNORECASE,
)

_HOW_LONG = re.compile(
    r"how long have you (?:guys |two )?(?P<what>(?:been|lived|worked|played|had|known|used|owned|taught"
    r"|studied) ?[^?]*)\?*$",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"^(?:(?:so|and|oh|but|wait|well|hey|right|okay|ah|now|mr|mrs|dr|[A-Z]\w+),? )*(?P<aux>do|are|have|were) you"
    r"(?: (?:guys|two))?(?P<still> (?:still|always|really|actually|even|already))? (?P<rest>[^?]+)\??$",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"^(?!(?i:could|would|can|will|should|shall|may|might|did|does|what|how|when|why|where|who|which"
    r"|if)\b)(?:(?:so|and|oh|but|wait|well|hey|right|okay|ah|because|i (?:know|remember|heard|thought"
    r"|see)(?: that)?"
    r"|[A-Z]\w+),? )*"
    r"you(?P<be>'re| are|'ve| have)? (?P<rest>[^?,]+)(?:, .*)?[?.!]*$",
    re.IGNORECASE,
)
_OWN = (
    (re.compile(r"\byour\b"), "my"),
    (re.compile(r"\byourself\b"), "myself"),
    (re.compile(r"\byou(?:'re| are)\b"), "I am"),
    (re.compile(r"\byou\b"), "I"),
)
_PLACING = frozenset("in at on near by with for from outside just around as".split())  # noqa: SIM905
_SMALL = _PLACING | frozenset("a an the my one two three four five".split())  # noqa: SIM905
_KIDS = re.compile(
    r"\b(?:kids|children|pets|animals|siblings|horses|dogs|cats|boys|girls|sons|daughters|brothers|sisters)\b",
    re.IGNORECASE,
)
_KIN = re.compile(r"(?:\w+ )?(?:boys?|girls?|sons?|daughters?|brothers?|sisters?)\b", re.IGNORECASE)
_COUNTED = re.compile(r"(?:one|two|three|four|five|six|seven|eight|nine|ten|several|\d+)", re.IGNORECASE)
_NO_ARTICLE = re.compile(
    r"(?:retired|unemployed|self-employed|freelance|still|semi-retired|between jobs|out of work)\b"
)
_FIELDS = re.compile(rf"(?:ing|ings|ics|ogy|istry|ure)$|\b{FIELD}$|^[a-z]+ing ", re.IGNORECASE)
"""How what one works in ends, where it isn't what one is."""
_PLACED = re.compile(
    r"\byou (?:still )?(?P<verb>live|work|study|are|come) (?P<at>in|at|for|from) (?-i:[A-Z])", re.IGNORECASE
)
_INSTEAD = re.compile(
    r"(?i:(?:oh|well|actually),? )*(?i:no|nope|not (?:any ?more|really)),? (?:(?i:not (?:any ?more|really"
    r"|quite)|actually)[,.]? )?"
    r"(?i:it's |just |in |at |from |for )?(?P<where>[A-Z]\w+(?: [A-Z]\w+){0,2})(?=[,.!]|$| now\b| by now\b"
    r"| since\b| these days\b)"
)
_HOW_MUCH = re.compile(r" (?:a lot|much|often|regularly|at all|every \w+|(?:once|twice) a \w+)$", re.IGNORECASE)
_YEARS = re.compile(r"\byears? old\b", re.IGNORECASE)


def answers(question: str, answer: str) -> Iterator[str]:
    """What the user has stated by their answer, in the first person.

    Args:
        question: the last that another asked or said.
        answer: how the user's words after it begin.
    """
    question, answer = question.strip().replace("\u2019", "'"), answer.strip().replace("\u2019", "'")
    if answer.endswith("?"):
        return
    agreed, refused = _YES.match(answer) is not None, _NO.match(answer) is not None
    for pattern, told in OPEN:
        if not refused and (asked := pattern.search(question)) is not None:
            short = _short(answer)
            if (agreed or _ELABORATES.match(short) if "{thing}" in told else short) and not (
                short[:1].islower() and short.split()[0] in {"i", "we"}
            ):
                yield told.format_map(_forms(short, asked))
            return
    if (lasting := _HOW_LONG.search(question)) is not None:
        if short := _short(answer):
            since = short if short.lower().startswith(("since", "for")) else f"for {short[0].lower()}{short[1:]}"
            yield f"I have {_own(lasting['what'])} {since[0].lower()}{since[1:]}"
    elif not refused and (known := granted(question)) is not None:
        yield _own(expanded(known))
    elif agreed or refused or (question.endswith("?") and _ELABORATES.match(answer) is not None):
        yield from _agreed(question, refused=refused, more="" if refused else _more(answer))
        if refused:
            yield from _corrected(question, answer)


def denies(answer: str) -> bool:
    """Whether an answer says no."""
    return _NO.match(answer.strip()) is not None


def _more(answer: str) -> str:
    """What an answer adds to its yes: "Do you drive a lot?" "For a living."."""
    short = _short(answer)
    return f"{short[:1].lower()}{short[1:]}" if _ELABORATES.match(short) else ""


def _agreed(question: str, *, refused: bool, more: str) -> Iterator[str]:
    closed = _CLOSED.match(question)
    told = None if closed or refused else _TOLD.match(question)
    if closed is not None:
        aux = {"are": "am", "were": "was"}.get(closed["aux"].lower(), "" if closed["aux"].lower() == "do" else "have")
        rest = _own(closed["rest"])
        if more and _HOW_MUCH.search(rest):
            rest = f"{_HOW_MUCH.sub('', rest)} {more}"
        if refused:
            yield f"I {aux or 'do'} not {rest}"
        else:
            yield " ".join(f"I {aux} {rest}".split())
    elif told is not None:
        be = {"'re": "am", "are": "am", "'ve": "have", "have": "have"}.get((told["be"] or "").strip().lower(), "")
        yield " ".join(f"I {be} {_own(told['rest'])}".split())


def _corrected(question: str, answer: str) -> Iterator[str]:
    """What is so instead, where a place was wrong: "You live in Porto?" "No, Lisbon."."""
    wrong = _PLACED.search(question)
    instead = _INSTEAD.match(answer)
    if wrong is not None and instead is not None:
        yield f"I {wrong['verb'].lower().replace('are', 'am')} {wrong['at']} {instead['where']}"


def _own(text: str) -> str:
    for pattern, own in _OWN:
        text = pattern.sub(own, text)
    return text.strip(" .!?")


def _short(answer: str) -> str:
    """The words that answer, without what leads up to them and what is added; none if they tell a story."""
    bare = _ENDS.split(_LEAD.sub("", answer), maxsplit=1)[0].strip()
    return "" if not bare or len(words(bare)) > _MOST_WORDS or _EMPTY.match(bare) else bare


def _forms(short: str, asked: re.Match[str]) -> dict[str, str]:
    """An answer in each of the forms that statements need it in."""
    groups = {name: said for name, said in asked.groupdict().items() if said}
    first = short.split(maxsplit=1)[0].lower() if short else ""
    if first in _SMALL:
        short = first + short[len(first) :]
    placed = first in _PLACING
    bare = (short.partition(" ")[2] or short) if first in {"in", "at", "for", "as", "from", "on"} else short
    own = _KIN.match(short) is not None
    return groups | {
        "in": short if placed else f"in {short}",
        "at": short if placed else f"at {short}",
        "with": short if placed or first in {"alone", "nobody"} else f"with {short}",
        "bare": bare,
        "counted": short
        if _KIDS.search(short) or first in {"a", "an", "my"} or own
        else f"{short} {_asked_for(asked)}",
        "said": f"{short[:1].lower()}{short[1:]}",
        "thing": _thing(short, asked),
        "trade": _trade(short, first),
        "when": short if placed or first in {"when", "last", "after", "before"} else f"in {short}",
        "years": short if _YEARS.search(short) else f"{short} years old",
    }


def _trade(short: str, first: str) -> str:
    if first in {"in", "with", "for", "at", "on"}:
        return f"work {short}"
    if first in {"a", "an", "the"}:
        return f"am {short}"
    told = f"{short[:1].lower()}{short[1:]}"
    if _NO_ARTICLE.match(told):
        return f"am {told}"
    if _FIELDS.search(told):
        return f"work in {told}"
    return f"am {'an' if told[:1] in 'aeiou' else 'a'} {told}"


def _thing(short: str, asked: re.Match[str]) -> str:
    """What somebody was asked whether they have it, as many as they say."""
    thing = asked.groupdict().get("thing") or ""
    if _COUNTED.fullmatch(short):
        return f"{short} {thing}"
    article = "" if thing.endswith("s") else "an " if thing[:1] in "aeiou" else "a "
    return f"{article}{thing}, {short}" if short else f"{article}{thing}"


def _asked_for(asked: re.Match[str]) -> str:
    found = _KIDS.search(asked[0])
    return found[0].lower() if found else ""
