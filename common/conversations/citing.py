"""What was said, for passages that were found: their words are in the conversation, the index has only their place."""

from collections.abc import Mapping, Sequence

from common.conversations.speakers import load_names
from common.conversations.stretches import Stretch, stretches
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
    whole = conversations.with_transcripts([each for each in found if wanted.get(each.id)], uid=uid)
    if not whole:
        return {}
    names = load_names(whole, uid=uid)
    cited: dict[str, tuple[FoundPassage, ...]] = {}
    for conversation in whole:
        made = stretches(conversation.transcript_segments)
        cited[conversation.id] = tuple(
            FoundPassage(
                conversation_id=conversation.id,
                text=stretch.text,
                segment_ids=list(stretch.segment_ids),
                speaker_name=names.of(stretch.segments[0], conversation),
                start=stretch.start,
                end=stretch.end,
                score=match.score,
            )
            for match in wanted[conversation.id]
            if (stretch := _stretch(match, made)) is not None
        )
    return cited


def _stretch(match: Match, made: Sequence[Stretch]) -> Stretch | None:
    """The one that a match stands for; by its segments where their numbers have moved."""
    number = match.number
    if number is not None and number < len(made) and made[number].segment_ids == match.segment_ids:
        return made[number]
    return next((each for each in made if each.segment_ids == match.segment_ids), None)
