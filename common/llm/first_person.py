"""Remembering without a language model: plain sentences of the user's own that state something lasting about them.

Precision first: what counts has one of the forms in which people say who they are, where they live, whom and what they
have, what they do again and again, like and can't stand (`own_words`), or is what they answered when they were asked.
What is asked, wished, supposed, told by others or passing doesn't. Where somebody can judge what sentences mean
(`lasting`), what has a form and is said of a moment doesn't either, and what has none and is said for good does.
English, as are all the cues of working without a model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from common.llm.fact_checks import checked, sense
from common.llm.own_words.answers import answers, denies
from common.llm.own_words.clauses import unquoted
from common.llm.own_words.fragments import joined, with_ones
from common.llm.own_words.hints import hints
from common.llm.own_words.kin import Kin
from common.llm.own_words.portraits import Portraits
from common.llm.own_words.possessions import MINE, YOURS, possessions
from common.llm.own_words.statements import ASKING, statements, unheard
from common.llm.ports import PHOTO, Background, Dialogue, Fact
from common.llm.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from common.llm.lasting import LastingJudge

_ADDRESSED = re.compile(r"\byou|\ballerg", re.IGNORECASE)
_CONCERNED = re.compile(
    r"\b(?:I|i|[Ww]e|[Mm]y|[Oo]ur|me|[Uu]s|[Yy]ou|nobody|everybody|everyone|people|[Tt]his is|[Ii]t's"
    r"|[Tt]he (?:kids|twins|baby|dogs?|cats?)|[Tt]here's)\b"
)
_WEAK, _STRONG = 5, 6
"""What weighs less than the one is not told beside what weighs as much as the other."""
_NAMING = frozenset({"named", "called"})
_ONLY_YES_OR_NO = 4
"""Words of a sentence that answers, after which it is the next one that says more."""
_MOST_JUDGED = 200
"""Sentences of a dialogue, the first ones: those who talk for hours tell much of themselves that is no fact."""
_MOST_OF_FORM = 200
"""Statements of a dialogue that have a form and are judged, the weightiest ones."""
_BY_FORM = 0.3
"""What a form's weight of 1 adds to how lasting a sentence is judged."""


@dataclass(frozen=True)
class _Told:
    """What a sentence says of the user, perhaps for good; `weight` is that of its form, 0 where it has none."""

    weight: int
    place: int
    sentence: str
    fact: Fact


class FirstPersonRememberer:
    """Turns the user's own plain sentences into facts about them, and says that this is all it does.

    Args:
        judge: of what the sentences mean; without one only their forms count.
    """

    name = "extractive"

    def __init__(self, judge: LastingJudge | None = None) -> None:
        self._judge = judge

    def remember(self, dialogue: Dialogue, background: Background) -> list[Fact]:
        """The plainest statements that the user makes about themselves, the weightiest or surest first.

        Raises:
            ProviderError: what judges with an encoder could not ask it.
        """
        kin, portraits = Kin(), Portraits()
        told = [
            replace(each, weight=_STRONG if content != each.fact.content else each.weight, fact=fact)
            for each in list(_found(dialogue, background, kin, portraits))
            if (content := portraits.completed(each.fact.content))
            for fact in [replace(each.fact, content=content)]
        ]
        chosen = _weightiest(told) if self._judge is None else _surest(self._judge, told, dialogue, background)
        return checked(_each_once(each.fact for each in chosen), dialogue, background)


def _weightiest(told: Sequence[_Told]) -> list[_Told]:
    """By their forms alone."""
    ranked = sorted(told, key=lambda each: (-each.weight, each.place))
    least = _WEAK if ranked and ranked[0].weight >= _STRONG else 0
    return [each for each in ranked if each.weight >= least]


def _surest(judge: LastingJudge, told: Sequence[_Told], dialogue: Dialogue, background: Background) -> Iterator[_Told]:
    """By what they mean, and their forms: of each sentence what has a form, else what it says most lastingly."""
    best = sorted(told, key=lambda each: (-each.weight, each.place))[:_MOST_OF_FORM]
    every = [*best, *_formless(dialogue, background)]
    texts = list(dict.fromkeys(text for each in every for text in (each.sentence, each.fact.content)))
    margins = dict(zip(texts, judge.judge(texts), strict=True))
    sure = [
        (margin, each)
        for each in every
        if (margin := (margins[each.sentence] + margins[each.fact.content]) / 2 + _BY_FORM * each.weight) > 0
    ]
    spoken_for = {(each.place, each.sentence) for _, each in sure if each.weight}
    for _, each in sorted(sure, key=lambda judged: (-judged[0], judged[1].place)):
        if each.weight:
            yield each
        elif (each.place, each.sentence) not in spoken_for:
            spoken_for.add((each.place, each.sentence))
            yield each


def _found(dialogue: Dialogue, background: Background, kin: Kin, portraits: Portraits) -> Iterator[_Told]:
    """Everything that has a form; who is spoken of is noted on the way."""
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
                yield _Told(weight, place, text, Fact(kin.named(content, user=user), turns=(place,)))
            kin.hear(text, place, owners=MINE)
            portraits.hear(text, place, is_user=True)
        if asked:
            for weight, content in _agreed(asked, said, user=user):
                yield _Told(weight, place, said[0], Fact(content, turns=(place - 1, place)))


def _formless(dialogue: Dialogue, background: Background) -> list[_Told]:
    """What else the user says of themselves."""
    said = ((place, text) for place in _own_turns(dialogue, background) for text in joined(_sentences(dialogue, place)))
    return [
        _Told(0, place, text, Fact(content, turns=(place,)))
        for place, text in islice(said, _MOST_JUDGED)
        for content in unheard(text, user=background.user)
    ]


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
    question = next((text for text in reversed(asked) if text.endswith(ASKING)), asked[-1])
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
