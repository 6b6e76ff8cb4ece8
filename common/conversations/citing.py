"""What was said, for passages that were found: their words are in the conversation, the index has only their place."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from common.conversations.speakers import load_names_in
from common.conversations.stretches import LONGEST, Stretch, count_words, stretches
from common.database import conversations
from common.database.vectors import Match
from common.models.conversation import Conversation
from common.models.conversation_views import FoundPassage
from common.models.segment import TranscriptSegment

_CHUNKS_AT_ONCE = 8
"""Of long transcripts that are held at once: about as much as a day of talk has by itself."""
ENOUGH_WORDS = 1000
"""Of what is cited of a page: where it is less, what was said around it is cited, too."""
_AROUND = 2
"""How many passages away that may be."""
_SHORT = 100
"""Segments of a conversation of which it is."""
_FARTHER = 0.1
"""What every passage between makes it worth less."""


@dataclass(frozen=True)
class Cited:
    """What was found of a conversation, in its order; what was said around it, the likeliest first, with score 0."""

    passages: tuple[FoundPassage, ...] = ()
    around: tuple[FoundPassage, ...] = ()


def cite(wanted: Mapping[str, Sequence[Match]], found: Sequence[Conversation], *, uid: str) -> dict[str, Cited]:
    """The passages of each conversation; those whose segments are gone meanwhile are left out.

    Args:
        wanted: what was found of each, by its id.
        found: the conversations, without long transcripts.
        uid: the owner.
    """
    asked = {each.id: each for each in found if wanted.get(each.id)}
    # Of a long transcript only what is cited is kept.
    told = {
        whole.id: list(_stretches(wanted[whole.id], whole))
        for portion in _portions(list(asked.values()))
        for whole in conversations.with_transcripts(portion, uid=uid)
    }
    words = sum(count_words(stretch.text) for said in told.values() for _, stretch in said)
    around = {
        each: _around(told[each], asked[each].transcript_segments) if words < ENOUGH_WORDS else [] for each in told
    }
    found_ones = (stretch for said in told.values() for _, stretch in said)
    names = load_names_in(
        (stretch.segments[0] for stretch in chain(found_ones, chain.from_iterable(around.values()))), uid=uid
    )

    def passages(conversation: Conversation, said: Sequence[tuple[float, Stretch]]) -> tuple[FoundPassage, ...]:
        return tuple(
            FoundPassage(
                conversation_id=conversation.id,
                text=stretch.text,
                segment_ids=list(stretch.segment_ids),
                speaker_name=names.of(stretch.segments[0], conversation),
                start=stretch.start,
                end=stretch.end,
                score=score,
            )
            for score, stretch in said
        )

    return {
        each: Cited(passages(asked[each], told[each]), passages(asked[each], [(0.0, it) for it in around[each]]))
        for each in told
    }


def _portions(found: Sequence[Conversation]) -> Iterator[list[Conversation]]:
    """As many at once as there is room for, or one that needs more."""
    portion: list[Conversation] = []
    chunks = 0
    for conversation in found:
        if portion and chunks + conversation.transcript_chunks > _CHUNKS_AT_ONCE:
            yield portion
            portion, chunks = [], 0
        portion.append(conversation)
        chunks += conversation.transcript_chunks
    if portion:
        yield portion


def _around(found: Sequence[tuple[float, Stretch]], segments: Sequence[TranscriptSegment]) -> list[Stretch]:
    """What was said around what was found of a short conversation, the likeliest first."""
    if len(segments) > _SHORT:
        return []
    score_of = {each: score for score, stretch in reversed(found) for each in stretch.segment_ids}
    made = stretches(segments)
    scores = {
        at: max(score_of[each] for each in stretch.segment_ids if each in score_of)
        for at, stretch in enumerate(made)
        if not score_of.keys().isdisjoint(stretch.segment_ids)
    }
    worth: dict[int, float] = {}
    for at, score in scores.items():
        for other in range(max(0, at - _AROUND), min(len(made), at + _AROUND + 1)):
            # Of a long segment there are several parts, which only what was found tells apart.
            if other not in scores and count_words(made[other].segments[0].text) <= LONGEST:
                worth[other] = max(worth.get(other, -math.inf), score - _FARTHER * abs(other - at))
    return [made[at] for at in sorted(worth, key=lambda at: -worth[at])]


def _stretches(wanted: Sequence[Match], conversation: Conversation) -> Iterator[tuple[float, Stretch]]:
    told = {segment.id: segment for segment in conversation.transcript_segments}
    made: list[Stretch] = []
    for match in wanted:
        segments = [told[each] for each in match.segment_ids if each in told]
        if not segments or len(segments) < len(match.segment_ids):
            continue
        if all(count_words(segment.text) <= LONGEST for segment in segments):
            stretch: Stretch | None = Stretch("\n".join(segment.text for segment in segments), tuple(segments))
        else:  # a part of a long segment: which one, only cutting it again tells
            made = made or stretches(conversation.transcript_segments)
            stretch = _part(match, made)
        if stretch is not None:
            yield match.score, stretch


def _part(match: Match, made: Sequence[Stretch]) -> Stretch | None:
    """The one that a match stands for; by its segments where their numbers have moved."""
    number = match.number
    if number is not None and number < len(made) and made[number].segment_ids == match.segment_ids:
        return made[number]
    return next((each for each in made if each.segment_ids == match.segment_ids), None)
