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
            r"(?<!\b(?:to|at) my )(?<!\bfrom my )"
            r"\b(name|birthday|wife|husband|partner|girlfriend|boyfriend|mom|mum|mother|father|dad|son"
            r"|daughter|brother|sister|cousin"
            r"|uncle|aunt|boss|dog|cat)'s (?=[A-Z]|[a-z]+ed\b|an? |in |at |from |on |allergic)"
        ),
        r"\1 is ",
    ),
    (re.compile(r"\b(mother|father|daughter|son|brother|sister) in law\b"), r"\1-in-law"),
    (re.compile(r"^i\b"), "I"),
    (re.compile(r"(?<![\w'.-])i(?=[ '])"), "I"),
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
ADVERBS = frozenset(
    [
        "also",
        "always",
        "usually",
        "never",
        "often",
        "mostly",
        "generally",
        "normally",
        "typically",
        "really",
        "rarely",
        "seldom",
        "hardly",
        "ever",
        "both",
        "all",
        "only",
    ]
)
PRESENT = frozenset(
    """
    administer adore aim avoid bake believe bite box breed brew build buy chair climb coach collect come commute
    compose conduct cook crochet cry cycle dance design dislike donate draw dream drink drive eat enjoy exercise
    export faint fast feed fence fish fix follow foster freelance garden get go grind grow handle hate hear hike hold
    hope host hunt import inject install intend jog juggle keep knit know lead learn like limp listen live look love
    maintain make manage manufacture meditate meet moderate moonlight need order oversee own paint pay photograph plan
    play practice practise pray prefer program publish raise read rent repair report represent rescue restore ride run
    sail sculpt see sell send sew share sing sit ski sleep sleepwalk smoke snore speak spend stammer start struggle
    study stutter suffer supervise support surf swim take talk teach tend train translate travel understand use
    volunteer vote wake walk want watch wear weigh work write have am are do
    """.split()  # noqa: SIM905 - reads better than a list of strings
)
"""Verbs that change with the person; what else follows a subject stays as it is."""


def expanded(text: str) -> str:
    """The text without the contractions that hide a subject or a verb."""
    text = text.replace("\u2019", "'")
    for pattern, written in _CONTRACTED:
        text = pattern.sub(written, text)
    return text


def told_of(subject: str, predicate: str, *, is_habit: bool = False) -> str:
    """A sentence about `subject`, from what followed "I" or "we" in one of their own.

    Args:
        subject: what they are called.
        predicate: what followed.
        is_habit: whether it begins with a verb in the present, of whatever kind.
    """
    tokens = predicate.replace("have got ", "have ", 1).split()
    at = next((n for n, token in enumerate(tokens) if token.lower() not in ADVERBS), 0)
    verb = tokens[at].lower()
    tokens[at] = conjugated(verb) if verb in PRESENT or verb in _IRREGULAR or is_habit else tokens[at]
    return " ".join([subject, *tokens[: at + 1], *seen_from_outside(tokens[at + 1 :])])


def seen_from_outside(tokens: list[str]) -> list[str]:
    """The words with the speaker's pronouns turned to those of a third person."""
    told = [_PRONOUNS.get(token.lower(), token) for token in tokens]
    for place in range(1, len(tokens)):
        if tokens[place] == "was" and tokens[place - 1] == "I":
            told[place] = "were"
    return told


def base_form(verb: str) -> str:
    """A verb as it follows "I", from its third person in the present; empty for other forms."""
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    if verb.endswith(("ches", "shes", "xes", "zes", "oes", "sses")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else ""


def conjugated(verb: str) -> str:
    """The third person of a verb in the present."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"
