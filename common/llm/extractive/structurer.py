"""Structuring without a language model: what was said, chosen and ordered, never rephrased.

Modest and says so: the title is a phrase of the conversation, the overview its most central sentences, tasks and events
are those announced in plain words. English cues; of five other languages the plainest forms of a task and a day.
"""

import re
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from common.core.languages import primary_subtag
from common.core.time_zones import zone_of
from common.llm.checks import checked
from common.llm.dates import DATE_WORDS
from common.llm.extractive.appointments import find_appointment
from common.llm.extractive.arrangements import find_arrangements
from common.llm.extractive.categorizing import Categorizer
from common.llm.extractive.commitments import Commitment
from common.llm.extractive.exchanges import find_tasks
from common.llm.extractive.foreign_commitments import find_foreign_commitments
from common.llm.extractive.foreign_days import find_foreign_day
from common.llm.extractive.foreign_nouns import foreign_nouns
from common.llm.extractive.foreign_titles import foreign_title
from common.llm.extractive.titles import title_of
from common.llm.ports import Dialogue, Embedder
from common.llm.sentences import Sentence, closed, sentences
from common.llm.words import content_words, words
from common.models.base import utc_moment
from common.models.structured import ActionItem, Event, Structured

_OVERVIEW_SENTENCES = 5
_OVERVIEW_WORDS = 5  # shorter sentences say too little to stand in an overview
_MAX_SENTENCES = 400
_MAX_TASKS = 100
_DIVERSITY = 0.5
_TELLING_WORD_BONUS = 0.02
_MOST_TELLING_WORDS = 10
_SAME_TASK = 0.72
_SENTENCES = 0.3
"""How much of what a talk is about is said by its sentences one by one; the rest is what stretches of it say."""
_OPENERS = re.compile(
    r"^(?:(?:um+|uh+|erm|hmm+|ähm?|euh|oh|ah|okay|ok|yeah|yep|alright|all right|anyway|you know|i mean"
    r"|well(?! (?:done|known|over|under|before|after))|right(?! (?:now|here|there|after|before|away|next))"
    r"|so(?= (?:i|we|you|he|she|they|it|it's|i'm|we're|the|this|that|there|what|today|um|uh|then)\b))\b[,.]? +)+",
    re.IGNORECASE,
)
_PAUSES = re.compile(r"\b(?:um+|uh+|erm|hmm+|ähm|euh)\b,? ", re.IGNORECASE)
_PHRASED = frozenset({"en", "", "multi", "auto"})
"""Languages whose phrases can be told from what is around them: English, and what may be it."""

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
        theme = self._categorizer.categorize(dialogue)
        subject = topic if theme.subject is None else _unit(_SENTENCES * topic + (1 - _SENTENCES) * theme.subject)
        return checked(
            Structured(
                title=self._title(telling, subject, dialogue.language),
                overview=_overview(telling, vectors, topic),
                emoji=theme.emoji,
                category=theme.category,
                action_items=tasks,
                events=events,
            ),
            dialogue,
        )

    def _embed(self, texts: list[str]) -> Matrix:
        return np.asarray(self._embedder.embed(texts, purpose="document"), dtype=np.float64)

    def _title(self, telling: list[Sentence], subject: Matrix, language: str | None) -> str:
        """The phrase nearest to the topic, and a second one that says something else."""
        spoken = primary_subtag(language)
        said = [sentence.text for sentence in telling]
        if spoken not in _PHRASED and (title := foreign_nouns(said, spoken) or foreign_title(said)):
            return title
        return title_of(said, subject, self._embed)

    def _plans(self, dialogue: Dialogue, said: list[Sentence]) -> tuple[list[ActionItem], list[Event]]:
        """What was committed to and what was announced; a sentence is one or the other."""
        reference = utc_moment(dialogue.started_at).astimezone(zone_of(dialogue.timezone))
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
    """The sentence as it was said, without what only fills pauses, beginning large and ending as a sentence does."""
    bare = _PAUSES.sub("", _OPENERS.sub("", sentence.text))
    text = bare if len(words(bare)) >= _OVERVIEW_WORDS else sentence.text
    return closed(text[:1].upper() + text[1:])


def _unit(vector: Matrix) -> Matrix:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
