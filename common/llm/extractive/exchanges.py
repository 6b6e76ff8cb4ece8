"""Tasks between people: what one asks for, the other agrees to, declines or takes back, a turn at a time."""

import re
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from common.llm.dates import DATE_WORDS, find_moment
from common.llm.extractive.commitments import Commitment, find_commitments, find_orders, is_nameless
from common.llm.extractive.mentions import resolved
from common.llm.sentences import Sentence
from common.llm.words import content_words

_AGREES = re.compile(
    r"^(?:(?:oh|um|uh|ah|well|and|so|right),? )*(?:yes|yeah|yep|yup|aye|sure|will do|okay|ok|fine|of course|absolutely"
    r"|no problem|got it|done|good idea|true|i will|i'll|i can do|leave it (?:with|to) me|i'm on it|on it"
    r"|consider it done)\b"
    r"|\b(?:i'll do (?:that|it)|leave it (?:with|to) me|i'm on it|will do)\b",
    re.IGNORECASE,
)
_DECLINES = re.compile(
    r"^(?:(?:oh|um|uh|ah|well|sorry|look),? )*(?:no|nope|nah|not (?:now|today|really|me)|absolutely not"
    r"|i can't|i couldn't|i won't|i'd rather not|i'm not|never)\b(?! (?:problem|worries|bother|trouble))",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"\b(?:scrap (?:that|it)|forget (?:it|that|i said)|never ?mind|on second thoughts?|i take (?:that|it) back"
    r"|(?:actually|no),? (?:don't|leave it)|i won't (?:\w+ ){0,2}after all|don't bother)\b",
    re.IGNORECASE,
)
_JUST_NOW = 2
"""Turns within which something is taken back."""
_BEFORE = 4
"""Sentences in which what a task points to may have been named."""
_POINTS = re.compile(r"^\w+(?: \w+)? (?:it|that|them|those|this|these|one|both)\b|^do\b", re.IGNORECASE)
_WHILE = re.compile(r" (?:when|as soon as|after|before|once)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Turn:
    said: list[Sentence]

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.said)

    @property
    def speaker(self) -> str:
        return self.said[0].speaker

    @property
    def is_user(self) -> bool:
        return self.said[0].is_user


@dataclass(frozen=True)
class _Found:
    """A task, and the number of the turn and the sentence that say it."""

    turn: int
    sentence: Sentence
    task: Commitment


def find_tasks(said: Sequence[Sentence], reference: datetime, *, knows_user: bool) -> list[tuple[Sentence, Commitment]]:
    """The tasks of a dialogue with the sentences that say them, in their order.

    Args:
        said: the dialogue.
        reference: when it was said, aware, in the user's timezone.
        knows_user: whether its turns tell the user from others.
    """
    turns = [_Turn(list(group)) for _, group in groupby(said, key=lambda sentence: sentence.speaker)]
    others = {turn.speaker for turn in turns if not turn.is_user}
    before: deque[Sentence] = deque(maxlen=_BEFORE)
    found: list[_Found] = []
    for place, turn in enumerate(turns):
        answer = turns[place + 1] if place + 1 < len(turns) else None
        listener = _listener(others, turn, turns[place - 1].speaker if place else "")
        for sentence in turn.said:
            if _TAKES_BACK.search(sentence.text) and found and place - found[-1].turn <= _JUST_NOW:
                found.pop()
            plain = resolved(sentence, list(before)) if turn.is_user else sentence
            before.append(sentence)
            tasks = find_commitments(plain, reference, knows_user=knows_user, listener=listener)
            if not tasks and knows_user and not turn.is_user and answer is not None and _AGREES.search(answer.text):
                tasks = [Commitment(order, None, asked=True) for order in find_orders(sentence)]
            new = [_answered(task, answer, reference) if task.asked else task for task in tasks]
            found += [
                _Found(place, sentence, task)
                for task in new
                if task is not None and (task.asked or not _is_answer(task, found, place))
            ]
    return [(each.sentence, each.task) for each in found]


def _listener(others: Collection[str], turn: _Turn, before: str) -> str | None:
    """Who a turn is said to, where only one other person is there or that one spoke just before, by name.

    Args:
        others: everybody but the user.
        turn: what is said.
        before: who spoke just before; empty at the beginning.
    """
    if not turn.is_user:
        return None
    listener = next(iter(others)) if len(others) == 1 else before
    return None if is_nameless(listener) else listener


def _answered(task: Commitment, answer: _Turn | None, reference: datetime) -> Commitment | None:
    """What is asked for, with the day that the answer names; None where the answer is no."""
    if answer is None:
        return task
    if _DECLINES.search(answer.text):
        return None
    if task.due_at is None and _AGREES.search(answer.text):
        moments = (find_moment(sentence.text, reference) for sentence in answer.said)
        return replace(task, due_at=next((moment.at for moment in moments if moment is not None), None))
    return task


def _is_answer(task: Commitment, found: Sequence[_Found], place: int) -> bool:
    """Whether a promise only says yes to what was asked for just before: "I'll send it to you"."""
    asked = any(earlier.task.asked and place - earlier.turn == 1 for earlier in found)
    what = " ".join(word for word in _WHILE.split(task.description)[0].split()[1:] if not word[:1].isupper())
    about = [word for word in content_words(what) if word not in DATE_WORDS]
    return asked and _POINTS.search(task.description) is not None and not about
