"""Remembering without a language model: plain first-person sentences of the user's that state something lasting.

Precision first: a clause counts only if it begins with "I", "we" or "my" and has one of the forms in which people say
who they are, where they live, whom they have, what they do, like and can't stand (`first_person_forms`). What is asked,
wished, supposed, planned or passing doesn't. English, as are all the cues of working without a model.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from common.llm.fact_checks import MAX_WORDS, checked
from common.llm.first_person_forms import RELATIVE, weight_of, weight_of_mine
from common.llm.ports import PHOTO, Background, Dialogue, Fact
from common.llm.sentences import sentences
from common.llm.third_person import expanded, seen_from_outside, told_of

_FILLER = re.compile(
    r"^(?:(?:well|yeah|yes|no|oh|ah|um|uh|hmm|so|and|but|okay|ok|actually|honestly|basically|anyway|also|plus|you know"
    r"|i mean|to be honest|by the way|as you know|like i said|as i said|the thing is|fun fact|because|cause|since"
    r"|though|however|personally|for me|in fact|of course|right|sure|hi|hey|hello|thanks|me too|same here"
    r"|unfortunately|luckily|these days|nowadays|at home|the (?:\w+ ){1,2}is(?: that)?)[,.:]? )+",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r"(?:[;:\u2013\u2014]|,? (?:and|but|so|because|although|though|while|which is why|that is why)|,)"
    r" (?=(?:[Ii]|[Mm]y|[Oo]ur|[Ww]e)\b)|[;\u2013\u2014] |, (?:although|though|which|who|where|right|you know)\b"
    r"|,? (?:because|but)\b|, so\b| so (?=no\b)|\bwhich is\b| (?=I(?:'d|'ll| always)\b)"
    r"| and (?=(?:last|then|this|that|it|he|she|they|there|now)\b)"
)
_ALSO = re.compile(
    r",? and (?:(?:also|then) )?(?=(?:live|work|have|am|love|like|hate|prefer|play|study|teach|run|own|speak|never|do"
    r" not|always|usually)\b)"
)
_UNCERTAIN = re.compile(
    r"\b(?:maybe|perhaps|probably|might|i (?:guess|suppose|think|thought|wish|hope|heard|wonder)|sort of|kind of|if"
    r"|wish|would|could|should|will|shall|may|pretend\w*|imagin\w+|joking|kidding|dreamed|dreamt|supposed to|going to"
    r"|gonna|about to|want to|trying to|unless|whether|not sure|a bit|a little)\b|'ll\b|'d\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[ ,]+(?:you know|actually|though|too|as well|by the way|honestly|really|right|okay|of course|and|or|but|so"
    r"|to be honest|anyway|in fact|like|um|uh|please|thanks|thank you|now|haha))+$",
    re.IGNORECASE,
)
_AFTER_COMMA = re.compile(r", (?!(?:\w+ ){0,2}\w+(?:,| and | or )|(?:and|or) \w+(?: \w+)?$).*$")
_CALLED = re.compile(
    r"^(?:(?:you can|please|just|everyone|people|friends|they) )*calls? me ((?-i:[A-Z])\w+)$", re.IGNORECASE
)
_TURNED = re.compile(r"^(?:(?:really|actually|also|still|just|absolutely|truly|honestly|personally|do) )+(?!not\b)")
_CHANGED = re.compile(
    r"^(?:moved|graduated|quit|started|stopped|got|was diagnosed|decided|switched|became|retired|bought|sold|adopted)\b"
)
_WHEN = re.compile(
    r"(?:,? (?:just|recently|lately|yesterday|today|(?:last|this) \w+"
    r"|(?:(?:a|a few|a couple of|\w+) )?(?:days?|weeks?|months?|years?) ago))+$",
    re.IGNORECASE,
)
_STRONGLY = re.compile(r"\bI(?:'ll| will|'d| would) always (?=(?:take|choose|pick|prefer|go for|buy|order)\b)")
_TOGETHER = re.compile(rf"^[Mm]y {RELATIVE} and I ")
_SINCE = re.compile(r",? (?:since|ever since) (?:I|we|last|this)\b.*$")
_AS = re.compile(r"\b[Aa]s an? ((?:(?!and\b|but\b|so\b|or\b|when\b|because\b|which\b|that\b)[\w-]+,? ){1,3})I\b")
_AS_NOBODY = re.compile(r"\b(?:kid|child|teen\w*|result|matter|rule|joke|test|favou?r|treat|gift|thank you|reminder)\b")
_APPOSED = re.compile(rf"\b(?:[Mm]y|[Oo]ur) ({RELATIVE}),? ([A-Z][a-z]+)\b(?!')")
_JOINT = re.compile(r"(?:,| (?:and|with|when|where|while|who|that|for)) ")
_NAMED_ONLY, _ROLE = 4, 7
"""What these are worth beside the forms."""


class FirstPersonRememberer:
    """Turns the user's own plain sentences into facts about them, and says that this is all it does."""

    name = "extractive"

    def remember(self, dialogue: Dialogue, background: Background) -> list[Fact]:
        """The plainest statements that the user makes about themselves, the weightiest first."""
        found: list[tuple[int, int, Fact]] = []
        for place in _own_turns(dialogue, background):
            for sentence in sentences(replace(dialogue, turns=(dialogue.turns[place],))):
                if sentence.is_question:
                    continue
                for weight, content in statements(sentence.text, user=background.user):
                    found.append((-weight, place, Fact(content, turns=(place,))))
        found.sort(key=lambda each: each[:2])
        return checked((fact for _, _, fact in found), dialogue, background)


def statements(sentence: str, *, user: str) -> Iterator[tuple[int, str]]:
    """What a sentence of the user's says about them for good, told of them, each with its weight."""
    text = _STRONGLY.sub("I always ", expanded(sentence.strip().rstrip(".!…")))
    for clause in _CLAUSES.split(text):
        for number, part in enumerate(_ALSO.split(clause)):
            spoken = _FILLER.sub("", part.strip(" ,"))
            if number and not spoken.lower().startswith(("i ", "my ", "our ", "we ")):
                spoken = f"I {spoken}"
            yield from _stated(spoken, user=user)
    if (role := _AS.search(text)) is not None and not _AS_NOBODY.search(role[1]):
        yield _ROLE, _short(told_of(user, f"am {text[role.start() + 3 : role.end(1)].strip(' ,')}"))
    if not _UNCERTAIN.search(text):
        for found in _APPOSED.finditer(text):
            yield _NAMED_ONLY, f"{user}'s {found[1].lower()} is called {found[2]}"


def _stated(clause: str, *, user: str) -> Iterator[tuple[int, str]]:
    clause = _TOGETHER.sub("We ", _TAIL.sub("", _AFTER_COMMA.sub("", clause)))
    if _UNCERTAIN.search(clause):
        return
    if (called := _CALLED.match(clause)) is not None:
        yield 10, f"{user} is called {called[1]}"
        return
    subject, _, predicate = clause.partition(" ")
    if subject in {"My", "my", "Our", "our"} and (weight := weight_of_mine(predicate)):
        yield weight, _short(f"{user}'s {' '.join(seen_from_outside(predicate.split()))}")
    elif subject in {"I", "We", "we"}:
        predicate = _TURNED.sub("", predicate)
        if _CHANGED.match(predicate):
            predicate = _WHEN.sub("", predicate)
        if weight := weight_of(predicate):
            yield weight, _short(told_of(user, _SINCE.sub("", predicate)))


def _short(content: str) -> str:
    """The fact, cut at its last joints while it is too long."""
    while len(content.split()) > MAX_WORDS and (joints := list(_JOINT.finditer(content))):
        content = content[: joints[-1].start()]
    return content.strip(" ,")


def _own_turns(dialogue: Dialogue, background: Background) -> list[int]:
    """The places of the turns in which the user speaks: of one voice alone, where nobody is known to be the user."""
    spoken = [(place, turn) for place, turn in enumerate(dialogue.turns) if turn.speaker != PHOTO]
    own = [place for place, turn in spoken if turn.is_user]
    if own or not background.alone_is_user or len({turn.speaker for _, turn in spoken}) > 1:
        return own
    return [place for place, _ in spoken]
