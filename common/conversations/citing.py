"""What was said, for passages that were found: their words are in the conversation, the index has only their place."""

from collections.abc import Iterator, Mapping, Sequence

from common.conversations.speakers import load_names_in
from common.conversations.stretches import LONGEST, Stretch, count_words, stretches
from common.database import conversations
from common.database.vectors import Match
from common.models.conversation import Conversation
from common.models.conversation_views import FoundPassage

_CHUNKS_AT_ONCE = 8
"""Of long transcripts that are held at once: about as much as a day of talk has by itself."""


def cite(
    wanted: Mapping[str, Sequence[Match]], found: Sequence[Conversation], *, uid: str
) -> dict[str, tuple[FoundPassage, ...]]:
    """The passages of each conversation in their order; those whose segments are gone meanwhile are left out.

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
    names = load_names_in((stretch.segments[0] for said in told.values() for _, stretch in said), uid=uid)
    return {
        conversation_id: tuple(
            FoundPassage(
                conversation_id=conversation_id,
                text=stretch.text,
                segment_ids=list(stretch.segment_ids),
                speaker_name=names.of(stretch.segments[0], asked[conversation_id]),
                start=stretch.start,
                end=stretch.end,
                score=match.score,
            )
            for match, stretch in said
        )
        for conversation_id, said in told.items()
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


def _stretches(wanted: Sequence[Match], conversation: Conversation) -> Iterator[tuple[Match, Stretch]]:
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
            yield match, stretch


def _part(match: Match, made: Sequence[Stretch]) -> Stretch | None:
    """The one that a match stands for; by its segments where their numbers have moved."""
    number = match.number
    if number is not None and number < len(made) and made[number].segment_ids == match.segment_ids:
        return made[number]
    return next((each for each in made if each.segment_ids == match.segment_ids), None)
