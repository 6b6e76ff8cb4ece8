"""Remembering without a language model: plain sentences of the user's own that state something lasting about them.

Precision first: what counts has one of the forms in which people say who they are, where they live, whom and what they
have, what they do again and again, like and can't stand (`own_words`), or is what they answered when they were asked.
What is asked, wished, supposed, told by others or passing doesn't. Of what has none of the forms, that counts which is
said as lasting things are (`lasting`). English, as are all the cues of working without a model.
"""

from __future__ import annotations

import re
from dataclasses import replace
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
"""Clauses of a dialogue, the first ones: those who talk for hours tell much of themselves that is no fact."""


class FirstPersonRememberer:
    """Turns the user's own plain sentences into facts about them, and says that this is all it does.

    Args:
        judge: of the clauses that have none of the forms; without one they are nothing.
    """

    name = "extractive"

    def __init__(self, judge: LastingJudge | None = None) -> None:
        self._judge = judge

    def remember(self, dialogue: Dialogue, background: Background) -> list[Fact]:
        """The plainest statements that the user makes about themselves, the weightiest first.

        Raises:
            ProviderError: what judges with an encoder could not ask it.
        """
        kin, portraits = Kin(), Portraits()
        found = [
            (_STRONG if content != fact.content else weight, place, replace(fact, content=content))
            for weight, place, fact in list(_found(dialogue, background, kin, portraits))
            if (content := portraits.completed(fact.content))
        ]
        found.sort(key=lambda each: (-each[0], each[1]))
        least = _WEAK if found and found[0][0] >= _STRONG else 0
        heard = [fact for weight, _, fact in found if weight >= least]
        facts = checked(_each_once(heard), dialogue, background)
        if self._judge is None or len(facts) >= background.most_facts:
            return facts
        return checked(_each_once([*heard, *_judged(self._judge, dialogue, background)]), dialogue, background)


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


def _judged(judge: LastingJudge, dialogue: Dialogue, background: Background) -> list[Fact]:
    """What the user says of themselves in none of the forms and yet for good, the surest first."""
    said = [
        (place, each)
        for place in _own_turns(dialogue, background)
        for text in joined(_sentences(dialogue, place))
        for each in unheard(text, user=background.user)
    ][:_MOST_JUDGED]
    margins = judge.judge([text for _, each in said for text in (each.sentence, each.clause)])
    surest = sorted(
        ((min(margins[2 * number : 2 * number + 2]), number) for number in range(len(said))),
        key=lambda each: (-each[0], each[1]),
    )
    return [Fact(said[number][1].content, turns=(said[number][0],)) for margin, number in surest if margin > 0]


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
