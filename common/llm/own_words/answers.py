"""What somebody says of themselves by answering: "Where do you live?" "In Oslo." is "I live in Oslo", said by both.

What another says to the user of the user counts where the user agrees: the question is turned into the statement that
was agreed to, and judged by the same forms as what the user says alone.
"""

import re
from collections.abc import Iterator

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
_ENDS = re.compile(r"[,;.!…\u2013\u2014]| (?:but|because|and (?:I|we|you|it))\b")
_MOST_WORDS = 7
_EMPTY = re.compile(
    r"^(?:no|none|nothing|nobody|nowhere|never|not|why|what|who|how|it|that|this|i|we|you|they|he|she|don't"
    r"|here|there|depends|sorry|guess|hard|difficult|good|let|maybe|old|too)\b",
    re.IGNORECASE,
)

_OPEN = tuple(
    (re.compile(rf"\b{question}\b", re.IGNORECASE), told)
    for question, told in (
        (r"where (?:do|are) you (?:two |both |guys )?(?:live|living|based)", "I live {in}"),
        (r"(?:where do you|who do you|which company do you) work(?: for)?", "I work {at}"),
        (r"where (?:are you|do you come|are you two) from|where are you (?:originally )?from", "I am from {bare}"),
        (r"where did you grow up|where were you born", "I grew up {in}"),
        (
            (
                r"what (?:do you do(?: for a living)?|is it you do|are you working as)(?=\?|$)|what(?:'s"
                r"| is) your (?:job|profession)"
            ),
            "I am {role}",
        ),
        (r"what (?:do|are|did) you (?:study|studying)|what(?:'s| is) your major", "I study {bare}"),
        (r"how old are you", "I am {years}"),
        (
            (
                r"what(?:'s| is) your (?:full |last |first )?name|what do (?:people"
                r"|they) call you"
            ),
            "People call me {bare}",
        ),
        (
            (
                r"(?:any|have you got any|do you have any|are there any) (?:food )?allergies|(?:are you"
                r"|anything you(?:'re| are)) allergic(?: to (?:anything|something))?"
            ),
            "I am allergic to {bare}",
        ),
        (
            (
                r"do you have (?:any )?(?:kids|children|pets|siblings|animals|brothers or sisters)"
                r"|have you got (?:any )?(?:kids|children|pets|siblings)|how many (?:kids|children|siblings|dogs"
                r"|cats)(?: do you have)?"
            ),
            "I have {bare}",
        ),
        (r"(?:what|which) languages? do you speak", "I speak {bare}"),
        (
            (
                r"(?:what|which) instrument do you play|what do you play"
                r"|do you play an(?:y)? instruments?"
            ),
            "I play {bare}",
        ),
        (r"when(?:'s| is) your birthday", "My birthday is {bare}"),
        (r"what(?:'s| is) your (?P<which>favou?rite [\w ]{2,20}?)(?=\?|$)", "My {which} is {bare}"),
        (
            (
                r"(?:do you take|are you (?:taking|on)) (?:any|anything|something|other) ?(?:medication|medicines?"
                r"|drugs|pills)?(?: regularly)?"
            ),
            "I take {bare}",
        ),
        (r"what are your hobbies|what do you do (?:in your (?:free|spare) time|for fun)", "My hobby is {bare}"),
    )
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
    r"^(?:(?:so|and|oh|but|wait|well|hey|right|okay|ah|because|i (?:know|remember|heard|thought|see)(?: that)?"
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
    r"\b(?:kids|children|pets|siblings|dogs|cats|boys|girls|sons|daughters|brothers|sisters)\b", re.IGNORECASE
)
_YEARS = re.compile(r"\byears? old\b", re.IGNORECASE)


def answers(question: str, answer: str) -> Iterator[str]:
    """What the user has stated by their answer, in the first person.

    Args:
        question: the last sentence that another said to them, a question or not.
        answer: the first sentence of the user's after it.
    """
    question, answer = question.strip().replace("\u2019", "'"), answer.strip().replace("\u2019", "'")
    if answer.endswith("?"):
        return
    for pattern, told in _OPEN:
        if (asked := pattern.search(question)) is not None:
            if (short := _short(answer)) and not (short[0].islower() and short.split()[0] in {"i", "we"}):
                yield _said(told, short, asked)
            return
    if (lasting := _HOW_LONG.search(question)) is not None:
        if short := _short(answer):
            since = short if short.lower().startswith(("since", "for")) else f"for {short[0].lower()}{short[1:]}"
            yield f"I have {_own(lasting['what'])} {since[0].lower()}{since[1:]}"
        return
    agreed, refused = _YES.match(answer) is not None, _NO.match(answer) is not None
    if agreed or refused:
        yield from _agreed(question, refused=refused)


def denies(answer: str) -> bool:
    """Whether an answer says no."""
    return _NO.match(answer.strip()) is not None


def _agreed(question: str, *, refused: bool) -> Iterator[str]:
    closed = _CLOSED.match(question)
    told = None if closed or refused else _TOLD.match(question)
    if closed is not None:
        aux = {"are": "am", "were": "was"}.get(closed["aux"].lower(), "" if closed["aux"].lower() == "do" else "have")
        rest = _own(closed["rest"])
        if refused:
            yield f"I {aux or 'do'} not {rest}"
        else:
            yield " ".join(f"I {aux} {rest}".split())
    elif told is not None:
        be = {"'re": "am", "are": "am", "'ve": "have", "have": "have"}.get((told["be"] or "").strip().lower(), "")
        yield " ".join(f"I {be} {_own(told['rest'])}".split())


def _own(text: str) -> str:
    for pattern, own in _OWN:
        text = pattern.sub(own, text)
    return text.strip(" .!?")


def _short(answer: str) -> str:
    """The words that answer, without what leads up to them and what is added; none if they tell a story."""
    bare = _ENDS.split(_LEAD.sub("", answer), maxsplit=1)[0].strip()
    return "" if not bare or len(words(bare)) > _MOST_WORDS or _EMPTY.match(bare) else bare


def _said(told: str, short: str, asked: re.Match[str]) -> str:
    first = short.split(maxsplit=1)[0].lower()
    if first in _SMALL:
        short = first + short[len(first) :]
    bare = short if first not in {"in", "at", "for", "as", "from", "on"} else short.partition(" ")[2] or short
    role = (
        short
        if first in {"a", "an", "the", "in", "with"}
        else f"{'an' if first[0] in 'aeiou' else 'a'} {short[0].lower()}{short[1:]}"
    )
    have = short if _KIDS.search(short) or first in {"a", "an", "my"} else f"{short} {_asked_for(asked)}"
    placed = short if first in _PLACING else None
    return told.format(
        **{
            "in": placed or f"in {short}",
            "at": placed or f"at {short}",
            "bare": have if told == "I have {bare}" else bare,
            "role": role,
            "years": short if _YEARS.search(short) else f"{short} years old",
            "which": asked.groupdict().get("which") or "",
        }
    )


def _asked_for(asked: re.Match[str]) -> str:
    found = _KIDS.search(asked[0])
    return found[0].lower() if found else ""
