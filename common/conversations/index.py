"""What the index holds of a conversation: a summary and passages; nothing of one that is gone, or discarded."""

from collections.abc import Callable, Sequence
from functools import partial

from common.conversations.speakers import Names, load_names
from common.conversations.stretches import TERM_SHARES, Stretch, neighbours, shared, stretches
from common.conversations.worth import worth
from common.core.ids import digest
from common.database import conversation_speakers, conversations, transcripts, vectors
from common.database.index_leases import NOTHING
from common.indexing.follow import follow
from common.indexing.lexical import weigh
from common.indexing.terms import guess_language, terms_of, words_of
from common.llm.providers import embedder
from common.models.conversation import Conversation, ConversationStatus
from common.models.data_key import ENHANCED
from common.models.person import name_key
from common.models.segment import TranscriptSegment

_FORM = "5"
"""Of what is written: another one makes every document be written again when it changes next, or by `reindex`."""
_PORTION = 256
_MOST_TOPICS = 40
_MOST_PEOPLE = 200
_MYSELF = "I"
"""What the owner is called while nobody has said their name."""


def index_conversation(*, uid: str, conversation_id: str) -> None:
    """Bring the vectors of a conversation up to date.

    Raises:
        LeaseHeldError: another worker is at it; it may not see what this event is about, so come again.
    """
    follow(
        uid=uid,
        subject=conversation_id,
        load=partial(_load, conversation_id, uid=uid),
        revision=lambda conversation: revision(conversation, partial(_names, uid=uid)),
        write=partial(_write, uid=uid),
        remove=lambda: vectors.delete_conversation(uid=uid, conversation_id=conversation_id),
    )


def _load(conversation_id: str, *, uid: str) -> Conversation | None:
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is not None and conversation.speaker_ids is None:  # an older version stored it
        conversation_speakers.say(conversation_id, uid=uid)
    return conversation


def revision(conversation: Conversation | None, names: Callable[[Conversation], Names]) -> str | None:
    """What the index shall hold: a revision, NOTHING, or None for leaving it as it is (work is under way).

    Args:
        conversation: as it is stored.
        names: finds out what its speakers are called.
    """
    if conversation is None or conversation.deleted:
        return NOTHING
    if conversation.status is not ConversationStatus.COMPLETED:
        return None
    if conversation.discarded:
        return NOTHING
    called = names(conversation)
    return digest(
        _FORM,
        embedder().name,
        summary_text(conversation),
        conversation.structured.category,
        str(conversation.started_at),
        *([ENHANCED] if conversation.data_protection_level == ENHANCED else []),
        *(
            f"{segment.id}:{segment.start}:{segment.person_id}:{speaker(segment, conversation, called)}:{segment.text}"
            for segment in conversation.transcript_segments
        ),
    )


def summary_text(conversation: Conversation) -> str:
    """What the one vector of a conversation stands for."""
    structured = conversation.structured
    lines = [structured.title, structured.overview]
    lines += [item.description for item in structured.action_items]
    lines += [event.title for event in structured.events]
    return "\n".join(line for line in lines if line)


def speaker(segment: TranscriptSegment, conversation: Conversation, names: Names) -> str | None:
    """Who says this, where that is known; a number tells nothing."""
    name = names.of(segment, conversation)
    return None if name == f"Speaker {segment.speaker_id}" else name


def people_of(conversation: Conversation) -> tuple[str, ...]:
    """Who speaks, for filters: ids of people, `user` for the owner, and the names that came with a transcript."""
    return tuple(sorted(transcripts.known_speakers(conversation) | given_names(conversation))[:_MOST_PEOPLE])


def given_names(conversation: Conversation) -> set[str]:
    """The names that came with a transcript, as names are compared."""
    return {name_key(name) for name in conversation.named_speakers.values() if isinstance(name, str)}


def topics_of(conversation: Conversation) -> tuple[str, ...]:
    """What it is about, for filters: its category, and the words of its title and what is to be done."""
    structured = conversation.structured
    named = [structured.title, *(item.description for item in structured.action_items)]
    words = dict.fromkeys(word for text in named for word in words_of(text))
    return (structured.category.value, *words)[:_MOST_TOPICS]


def _names(conversation: Conversation, *, uid: str) -> Names:
    return load_names([conversation], uid=uid, owner=_MYSELF)


def _write(conversation: Conversation, *, uid: str) -> None:
    made = stretches(conversation.transcript_segments)
    called = _names(conversation, uid=uid)
    names = [speaker(each.segments[0], conversation, called) for each in made]
    said = [f"{name} said: {each.text}" if name else each.text for name, each in zip(names, made, strict=True)]
    about = summary_text(conversation)
    texts = [about, *said]
    # In portions, each of which has the time that a call has: a day of talk is more than one can do.
    portions = [texts[at : at + _PORTION] for at in range(0, len(texts), _PORTION)]
    summary, *embedded = [each for portion in portions for each in embedder().embed(portion, purpose="document")]
    language = conversation.language or guess_language(" ".join(each.text for each in made))
    weights = _weights(made, names, language)
    vectors.put_conversation(
        summary,
        uid=uid,
        conversation_id=conversation.id,
        created_at=conversation.created_at,
        terms=weigh([(terms_of(about, language=language), 1.0)]),
        facts=vectors.Facts(
            started_at=conversation.began,
            people=people_of(conversation),
            topics=topics_of(conversation),
        ),
        passages=[
            vectors.Passage(
                number=number,
                values=values,
                terms=terms,
                start=stretch.start,
                end=stretch.end,
                segment_ids=stretch.segment_ids,
                worth=worth(stretch.text),
            )
            for number, (stretch, values, terms) in enumerate(zip(made, shared(embedded), weights, strict=True))
        ],
    )


def _weights(made: Sequence[Stretch], names: Sequence[str | None], language: str | None) -> list[dict[int, float]]:
    """The terms of each passage: its own, who says it, and a share of its neighbours'."""
    own = [terms_of(each.text, language=language) for each in made]
    by = [terms_of(name or "", language=language) for name in names]
    return [
        weigh(
            [
                ([*own[number], *by[number]], 1.0),
                *((own[other], share) for other, share in neighbours(number, len(made), TERM_SHARES)),
            ]
        )
        for number in range(len(made))
    ]
