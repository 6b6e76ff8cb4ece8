"""Remembering without a language model: plain sentences of the user's own that state something lasting about them.

Precision first: what counts has one of the forms in which people say who they are, where they live, whom and what they
have, what they do again and again, like and can't stand (`own_words`), or is what they answered when they were asked.
What is asked, wished, supposed, told by others or passing doesn't. English, as are all the cues of working without a
model.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from common.llm.fact_checks import MAX_WORDS, checked, sense
from common.llm.own_words.answers import answers, denies
from common.llm.own_words.clauses import clauses, unquoted
from common.llm.own_words.common_terms import in_common_terms
from common.llm.own_words.forms import weight_of
from common.llm.own_words.fragments import joined, with_ones
from common.llm.own_words.habits import HABIT, RULE
from common.llm.own_words.hints import hints
from common.llm.own_words.kin import Kin
from common.llm.own_words.mine import weight_of_mine
from common.llm.own_words.plainer import plain_clause, plain_predicate, plain_sentence
from common.llm.own_words.portraits import Portraits
from common.llm.own_words.possessions import MINE, YOURS, possessions
from common.llm.own_words.recast import recast
from common.llm.own_words.third_person import expanded, seen_from_outside, told_of
from common.llm.ports import PHOTO, Background, Dialogue, Fact
from common.llm.sentences import sentences

_UNCERTAIN = re.compile(
    r"\b(?:maybe|perhaps|probably|might|i (?:guess|suppose|think|thought|wish|hope|heard|wonder)"
    r"|(?<!the )(?:sort|kind) of|if"
    r"|wish|would|could|should|will|shall|(?-i:may)|pretend\w*|imagin\w+|joking|kidding|dreamed|dreamt|supposed to"
    r"|(?<!been )going to|gonna|about to|trying to|unless|whether|not sure)\b|'ll\b|'d\b",
    re.IGNORECASE,
)
_SELF = re.compile(r"\b(?:I|i|[Ww]e|[Mm]y|[Oo]ur|me)\b")
_ADDRESSED = re.compile(r"\byou|\ballerg", re.IGNORECASE)
_CONCERNED = re.compile(
    r"\b(?:I|i|[Ww]e|[Mm]y|[Oo]ur|me|[Uu]s|[Yy]ou|nobody|everybody|everyone|people|[Tt]his is|[Ii]t's"
    r"|[Tt]he (?:kids|twins|baby|dogs?|cats?)|[Tt]here's)\b"
)
_SUPPOSED = re.compile(r"(?:\w+,? )?(?:say|imagine|suppose|let's say|pretend|what if) (?:i|we|my)\b", re.IGNORECASE)
_NOT_NOW = re.compile(r"\b(?:not|cannot|never) .*\b(?:now|today|yet|this|that)$", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:[ ,]+(?:you know|actually|though|too|as well|by the way|honestly|really|right|okay|of course|and|or|but|so"
    r"|to be honest|anyway|in fact|like|um|uh|please|thanks|thank you|now|haha))+$",
    re.IGNORECASE,
)
_AFTER_COMMA = re.compile(r", (?!(?:both|all|one) \w|(?:\w+ ){0,2}\w+(?:,| and | or )|(?:and|or) \w+(?: \w+)?$).*$")
_CALLED = re.compile(
    r"^(?:(?:you can|please|just|everyone|everybody|people|friends|they) )*calls? me"
    r" ((?-i:[A-Z])\w+(?: (?-i:[A-Z])\w+)?)$",
    re.IGNORECASE,
)
_SINCE = re.compile(r",? (?:since|ever since) (?:I|we|last|this)\b.*$")
_PLANNED = re.compile(
    r"(?:,? (?:tomorrow|soon|(?:early |late )?(?:next|this|last) (?:spring|summer|autumn|fall|winter|year"
    r"|month|week|\w+day)"
    r"|in (?:an?|one|two|three|four|five|six|a few) (?:weeks?|months?|years?)(?! of)))+$"
)
"""When something will be so, seen from the day of the dialogue only."""
_JOINT = re.compile(r"(?:,| (?:and|with|when|where|while|who|that|for)) ")
_ASKING = ("?", "？")  # noqa: RUF001 - the full-width mark
_NAMED = 10
_WEAK, _STRONG = 5, 6
"""What weighs less than the one is not told beside what weighs as much as the other."""
_NAMING = frozenset({"named", "called"})
_ONLY_YES_OR_NO = 4
"""Words of a sentence that answers, after which it is the next one that says more."""


class FirstPersonRememberer:
    """Turns the user's own plain sentences into facts about them, and says that this is all it does."""

    name = "extractive"

    def remember(self, dialogue: Dialogue, background: Background) -> list[Fact]:
        """The plainest statements that the user makes about themselves, the weightiest first."""
        kin, portraits = Kin(), Portraits()
        found = [
            (_STRONG if content != fact.content else weight, place, replace(fact, content=content))
            for weight, place, fact in list(_found(dialogue, background, kin, portraits))
            if (content := portraits.completed(fact.content))
        ]
        found.sort(key=lambda each: (-each[0], each[1]))
        least = _WEAK if found and found[0][0] >= _STRONG else 0
        return checked(_each_once(fact for weight, _, fact in found if weight >= least), dialogue, background)


def _found(
    dialogue: Dialogue, background: Background, kin: Kin, portraits: Portraits
) -> Iterator[tuple[int, int, Fact]]:
    """Everything that might be a fact, with its weight and its place; who is spoken of is noted on the way."""
    own, user = _own_turns(dialogue, background), background.user
    others = _others(dialogue, own)
    for place in own:
        said = joined(_sentences(dialogue, place))
        before = _sentences(dialogue, place - 1) if said and place - 1 in others else []
        for text in before:
            portraits.hear(text, place - 1, is_user=False)
        asked = before if before and _addresses(dialogue, place - 1) else []
        for text in asked:
            kin.hear(text, place - 1, owners=YOURS)
        for earlier, text in zip([" ".join(before), *said], said, strict=False):
            for weight, content in _told(kin.resolved(with_ones(text, earlier), place), user=user):
                yield weight, place, Fact(kin.named(content, user=user), turns=(place,))
            kin.hear(text, place, owners=MINE)
            portraits.hear(text, place, is_user=True)
        if asked:
            for weight, content in _agreed(asked, said, user=user):
                yield weight, place, Fact(content, turns=(place - 1, place))


def _addresses(dialogue: Dialogue, place: int) -> bool:
    """Whether a turn may be about whom it is said to."""
    return _ADDRESSED.search(dialogue.turns[place].text) is not None


def _sentences(dialogue: Dialogue, place: int) -> list[str]:
    return [each.text for each in sentences(replace(dialogue, turns=(dialogue.turns[place],)))]


def _told(text: str, *, user: str) -> Iterator[tuple[int, str]]:
    text = unquoted(text)
    yield from statements(text, user=user)
    if _CONCERNED.search(text):
        yield from hints(text, user=user)
        yield from possessions(text, user=user)


def _agreed(asked: Sequence[str], said: Sequence[str], *, user: str) -> Iterator[tuple[int, str]]:
    """What others say of the user and the user agrees to, or does not deny."""
    question = next((text for text in reversed(asked) if text.endswith(_ASKING)), asked[-1])
    answer = said[0]
    if len(said) > 1 and len(answer.split()) <= _ONLY_YES_OR_NO:
        answer = f"{answer.rstrip('.!')}, {said[1]}"
    for stated in answers(question, answer):
        yield from statements(stated, user=user)
    if not denies(answer):
        for text in asked:
            yield from possessions(text, user=user, owners=YOURS)


def _each_once(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Those that say something beside the weightier ones."""
    known: list[frozenset[str]] = []
    for fact in facts:
        meant = frozenset(word.removesuffix("'s") for word in sense(fact.content)) - _NAMING
        if not any(meant <= other for other in known):
            known.append(meant)
            yield fact


def statements(sentence: str, *, user: str) -> Iterator[tuple[int, str]]:
    """What a sentence of the user's says about them for good, told of them, each with its weight."""
    text = recast(expanded(sentence.strip().rstrip(".!…?")))
    if not _SELF.search(text) or _SUPPOSED.match(text):
        return
    text = plain_sentence(text)
    for clause in clauses(text, asked=sentence.endswith(_ASKING)):
        if not _NOT_NOW.search(clause):
            yield from _stated(_TAIL.sub("", _AFTER_COMMA.sub("", plain_clause(clause))), user=user)


def _stated(clause: str, *, user: str) -> Iterator[tuple[int, str]]:
    if _UNCERTAIN.search(clause):
        return
    if (called := _CALLED.match(clause)) is not None:
        yield _NAMED, f"{user} is called {called[1]}"
        return
    subject, _, predicate = clause.partition(" ")
    if subject in {"My", "my", "Our", "our"} and (weight := weight_of_mine(predicate)):
        yield weight, _short(f"{user}'s {' '.join(seen_from_outside(predicate.split()))}")
    elif subject in {"I", "We", "we"}:
        predicate = plain_predicate(predicate)
        if weight := weight_of(predicate):
            predicate = in_common_terms(_SINCE.sub("", predicate))
            yield weight, _short(told_of(user, predicate, is_habit=weight in {HABIT, RULE}))


def _short(content: str) -> str:
    """The fact, cut without when it will be so, cut at its last joints while it is too long."""
    content = _PLANNED.sub("", content)
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


def _others(dialogue: Dialogue, own: Sequence[int]) -> frozenset[int]:
    """The places of the turns in which somebody else speaks."""
    mine = frozenset(own)
    return frozenset(place for place, turn in enumerate(dialogue.turns) if place not in mine and turn.speaker != PHOTO)
