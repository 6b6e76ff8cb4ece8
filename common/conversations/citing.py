"""What was said, for passages that were found: their words are in the conversation, the index has only their place."""

from collections.abc import Iterator, Mapping, Sequence

from common.conversations.speakers import Names, load_names
from common.conversations.stretches import LONGEST, Stretch, count_words, stretches
from common.database import conversations
from common.database.vectors import Match
from common.models.conversation import Conversation
from common.models.conversation_views import FoundPassage


def cite(
    wanted: Mapping[str, Sequence[Match]], found: Sequence[Conversation], *, uid: str
) -> dict[str, tuple[FoundPassage, ...]]:
    """The passages of each conversation in their order; those whose segments are gone meanwhile are left out.

    Args:
        wanted: what was found of each, by its id.
        found: the conversations, without long transcripts.
        uid: the owner.
    """
    asked = [each for each in found if wanted.get(each.id)]
    short = [each for each in asked if each.transcript_segments or not each.transcript_chunks]
    # One long transcript at a time: a day of talk takes 18 MB.
    portions = [*([short] if short else []), *([each] for each in asked if each not in short)]
    cited: dict[str, tuple[FoundPassage, ...]] = {}
    for portion in portions:
        whole = conversations.with_transcripts(portion, uid=uid)
        names = load_names(whole, uid=uid)
        cited |= {each.id: tuple(_cited(wanted[each.id], each, names)) for each in whole}
    return cited


def _cited(wanted: Sequence[Match], conversation: Conversation, names: Names) -> Iterator[FoundPassage]:
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
            yield FoundPassage(
                conversation_id=conversation.id,
                text=stretch.text,
                segment_ids=list(stretch.segment_ids),
                speaker_name=names.of(stretch.segments[0], conversation),
                start=stretch.start,
                end=stretch.end,
                score=match.score,
            )


def _part(match: Match, made: Sequence[Stretch]) -> Stretch | None:
    """The one that a match stands for; by its segments where their numbers have moved."""
    number = match.number
    if number is not None and number < len(made) and made[number].segment_ids == match.segment_ids:
        return made[number]
    return next((each for each in made if each.segment_ids == match.segment_ids), None)
