"""Structuring without a language model: what was said, chosen and ordered, never rephrased.

Modest and says so: the title is a phrase of the conversation, the overview its most central sentences, tasks and events
are those announced in plain words. English cues; of five other languages the plainest forms of a task and a day.
"""

import re
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from common.llm.appointments import find_appointment
from common.llm.arrangements import find_arrangements
from common.llm.categorizing import Categorizer
from common.llm.checks import checked
from common.llm.commitments import Commitment
from common.llm.dates import DATE_WORDS, zone
from common.llm.exchanges import find_tasks
from common.llm.foreign_commitments import find_foreign_commitments
from common.llm.foreign_days import find_foreign_day
from common.llm.foreign_titles import foreign_title
from common.llm.phrases import phrases
from common.llm.ports import Dialogue, Embedder
from common.llm.sentences import Sentence, sentences
from common.llm.words import content_words, words
from common.models.base import utc_moment
from common.models.structured import ActionItem, Event, Structured

_OVERVIEW_SENTENCES = 5
_OVERVIEW_WORDS = 5  # shorter sentences say too little to stand in an overview
_MAX_SENTENCES = 400
_MAX_PHRASES = 150
_MAX_TASKS = 100
_DIVERSITY = 0.5
_TELLING_WORD_BONUS = 0.02
_MOST_TELLING_WORDS = 10
_SAME_TASK = 0.72
_SAME_TOPIC = 0.6
_LONGER_PHRASE_BONUS = 0.04
_FALLBACK_TITLE_WORDS = 6
_PHRASED = frozenset({"en", "", "multi", "auto"})
"""Languages whose phrases can be told from what is around them: English, and what may be it."""
_ENDED = (".", "?", "!", "…", "。", "？", "！", "．", "｡", "।", "۔", "؟")  # noqa: RUF001 - scripts have marks of their own

Matrix = NDArray[np.float64]


class ExtractiveStructurer:
    """Structures a dialogue by choosing from it, with a sentence encoder as the only model."""

    name = "extractive (local model)"

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._categorizer = Categorizer(embedder)

    def structure(self, dialogue: Dialogue) -> Structured:
        """The dialogue's structure; an empty one for an empty dialogue.

        Raises:
            ProviderError: the encoder failed.
        """
        said = sentences(dialogue)
        if not said:
            return Structured()
        telling = _telling(said)
        vectors = self._embed([sentence.text for sentence in telling])
        topic = _unit(vectors.mean(axis=0))
        tasks, events = self._plans(dialogue, said)
        category, emoji = self._categorizer.categorize(dialogue)
        return checked(
            Structured(
                title=self._title(telling, topic, dialogue.language),
                overview=_overview(telling, vectors, topic),
                emoji=emoji,
                category=category,
                action_items=tasks,
                events=events,
            ),
            dialogue,
        )

    def _embed(self, texts: list[str]) -> Matrix:
        return np.asarray(self._embedder.embed(texts, purpose="document"), dtype=np.float64)

    def _title(self, telling: list[Sentence], topic: Matrix, language: str | None) -> str:
        """The phrase nearest to the topic, and a second one that says something else."""
        spoken = (language or "").lower().partition("-")[0]
        if spoken not in _PHRASED and (title := foreign_title([sentence.text for sentence in telling])):
            return title
        candidates = phrases((sentence.text for sentence in telling), limit=_MAX_PHRASES)
        if not candidates:
            return _title_case(" ".join(words(telling[0].text)[:_FALLBACK_TITLE_WORDS])) or "Conversation"
        vectors = self._embed(candidates)
        bonus = np.asarray([_LONGER_PHRASE_BONUS * len(candidate.split()) for candidate in candidates])
        order = np.argsort(-(vectors @ topic + bonus), kind="stable")
        chosen = [int(order[0])]
        for other in map(int, order[1:]):
            shared = set(candidates[other].lower().split()) & set(candidates[chosen[0]].lower().split())
            if not shared and vectors[other] @ vectors[chosen[0]] < _SAME_TOPIC:
                chosen.append(other)
                break
        return " and ".join(_title_case(candidates[place]) for place in chosen)

    def _plans(self, dialogue: Dialogue, said: list[Sentence]) -> tuple[list[ActionItem], list[Event]]:
        """What was committed to and what was announced; a sentence is one or the other."""
        reference = utc_moment(dialogue.started_at).astimezone(zone(dialogue.timezone))
        knows_user = any(turn.is_user for turn in dialogue.turns)
        found = find_tasks(said, reference, knows_user=knows_user)
        tasks: list[Commitment] = []
        events: list[Event] = []
        for sentence in said:
            foreign = find_foreign_commitments(
                sentence.text, dialogue.language, is_user=sentence.is_user or not knows_user
            )
            if mine := [task for other, task in found if other is sentence]:
                tasks += mine
            elif foreign:
                due = find_foreign_day(sentence.text, dialogue.language, reference)
                tasks += [Commitment(description, due) for description in foreign]
            elif (event := find_appointment(sentence, reference)) is not None and all(
                event.start != known.start for known in events
            ):
                events.append(event)
        events += [
            event for event in find_arrangements(said, reference) if all(event.start != known.start for known in events)
        ]
        return self._without_repetition(tasks), events

    def _without_repetition(self, tasks: list[Commitment]) -> list[ActionItem]:
        """A task that is asked for and then promised is one task."""
        items = [ActionItem(description=task.description, due_at=task.due_at) for task in tasks[:_MAX_TASKS]]
        if len(items) > 1:
            vectors = self._embed([item.description for item in items])
            repeated = set()
            for first, later in combinations(range(len(items)), 2):
                if first in repeated or later in repeated:
                    continue
                said_again = _covers(items[first].description, items[later].description)
                if said_again or vectors[first] @ vectors[later] > _SAME_TASK:
                    repeated.add(later)
                    items[first].due_at = items[first].due_at or items[later].due_at
            items = [item for place, item in enumerate(items) if place not in repeated]
        return items


def _covers(one: str, other: str) -> bool:
    """Whether two tasks begin with the same verb and one says nothing that the other doesn't."""
    first, second = _doing(one), _doing(other)
    about, also = set(content_words(one)) - DATE_WORDS, set(content_words(other)) - DATE_WORDS
    return first[0] == second[0] and (about <= also or also <= about)


def _doing(task: str) -> list[str]:
    """The words of a task from its verb on, whoever is to do it."""
    return re.sub(r"^have [\w.' -]+? (?=[a-z])", "", task, flags=re.IGNORECASE).lower().split()


def _telling(said: list[Sentence]) -> list[Sentence]:
    """The sentences that say something, all of them if none does; evenly thinned out where there are very many."""
    telling = [sentence for sentence in said if content_words(sentence.text)] or said
    step = -(-len(telling) // _MAX_SENTENCES)
    return telling[::step]


def _overview(telling: list[Sentence], vectors: Matrix, topic: Matrix) -> str:
    """The sentences that say most, nearest to the topic and not to each other, in the order they were said."""
    places = [
        place
        for place, sentence in enumerate(telling)
        if len(words(sentence.text)) >= _OVERVIEW_WORDS and not sentence.is_question
    ] or list(range(len(telling)))
    telling_words = [min(_MOST_TELLING_WORDS, len(content_words(sentence.text))) for sentence in telling]
    central = vectors @ topic + _TELLING_WORD_BONUS * np.asarray(telling_words)
    chosen: list[int] = []
    while places and len(chosen) < _OVERVIEW_SENTENCES:
        known = vectors[chosen]
        best = max(places, key=lambda place: central[place] - _DIVERSITY * max(known @ vectors[place], default=0.0))
        chosen.append(best)
        places.remove(best)
    return " ".join(_quoted(telling[place]) for place in sorted(chosen))


def _quoted(sentence: Sentence) -> str:
    """The sentence as it was said, beginning large and ending as a sentence does."""
    text = sentence.text[:1].upper() + sentence.text[1:]
    return text if text.endswith(_ENDED) else f"{text.rstrip(',;:')}."


def _title_case(text: str) -> str:
    return " ".join(word if word.lower() in ("of", "the", "for", "in", "to") else _large(word) for word in text.split())


def _large(word: str) -> str:
    return word[:1].upper() + word[1:]


def _unit(vector: Matrix) -> Matrix:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
