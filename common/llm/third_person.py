"""What somebody says of themselves, told of them by another: "I love my job" as "Ann loves their job"."""

import re

_CONTRACTED = (
    (re.compile(r"\b[Ii]'m\b"), "I am"),
    (re.compile(r"\b[Ii]'ve\b"), "I have"),
    (re.compile(r"\b[Ww]e're\b"), "we are"),
    (re.compile(r"\b[Ww]e've\b"), "we have"),
    (re.compile(r"\bcan't\b", re.IGNORECASE), "cannot"),
    (re.compile(r"\bwon't\b", re.IGNORECASE), "will not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|have|has|had|could|would|should)n't\b", re.IGNORECASE), r"\1 not"),
    (
        re.compile(
            r"\b(name|birthday|wife|husband|mom|dad|son|daughter|brother|sister|dog|cat)'s (?=[A-Z]|[a-z]+ed\b)"
        ),
        r"\1 is ",
    ),
    (re.compile(r"^i\b"), "I"),
    (re.compile(r"\bi\b(?=')"), "I"),
)
_PRONOUNS = {
    "i": "they",
    "me": "them",
    "my": "their",
    "mine": "theirs",
    "myself": "themselves",
    "we": "they",
    "us": "them",
    "our": "their",
    "ours": "theirs",
    "ourselves": "themselves",
    "am": "are",
}
_IRREGULAR = {"am": "is", "are": "is", "have": "has", "do": "does", "go": "goes", "was": "was", "were": "was"}
_ADVERBS = frozenset("also always usually never often mostly generally normally typically really".split())  # noqa: SIM905
PRESENT = frozenset(
    """
    adore avoid believe breed bake build buy climb coach collect come cook cycle dance design dislike draw drink drive
    eat enjoy exercise fish garden get go grow hate hike jog knit know lead learn like live love make manage meditate
    need order own paint play practice practise prefer program raise read ride run sail sing ski sleep smoke speak
    start study suffer support surf swim take teach train travel understand use volunteer wake walk want watch wear
    weigh work write have am are do
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
"""Verbs that change with the person; what else follows a subject stays as it is."""


def expanded(text: str) -> str:
    """The text without the contractions that hide a subject or a verb."""
    text = text.replace("\u2019", "'")
    for pattern, written in _CONTRACTED:
        text = pattern.sub(written, text)
    return text


def told_of(subject: str, predicate: str) -> str:
    """A sentence about `subject`, from what followed "I" or "we" in one of their own."""
    tokens = predicate.replace("have got ", "have ", 1).split()
    at = next((n for n, token in enumerate(tokens) if token.lower() not in _ADVERBS), 0)
    verb = tokens[at].lower()
    tokens[at] = conjugated(verb) if verb in PRESENT or verb in _IRREGULAR else tokens[at]
    return " ".join([subject, *tokens[: at + 1], *seen_from_outside(tokens[at + 1 :])])


def seen_from_outside(tokens: list[str]) -> list[str]:
    """The words with the speaker's pronouns turned to those of a third person."""
    return [_PRONOUNS.get(token.lower(), token) for token in tokens]


def conjugated(verb: str) -> str:
    """The third person of a verb in the present."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"
