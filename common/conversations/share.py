"""A conversation is shared: whoever knows its id may read it, without what is its owner's alone."""

from common.conversations.browse import open_conversation
from common.conversations.edit import get_unlocked
from common.conversations.speakers import load_names
from common.core.errors import LockedError
from common.database import visibility as store
from common.database.shares import shares
from common.models.conversation import Conversation, ConversationVisibility
from common.models.conversation_views import SharedConversation, SharedSegment

STRANGERS_OWNER = "Owner"
"""What an owner without a name is called; "You" would be the reader."""


def set_visibility(*, uid: str, conversation_id: str, visibility: ConversationVisibility) -> None:
    """Say who may read a conversation.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
        ConflictError: another user shares a conversation with this id.
    """
    get_unlocked(uid=uid, conversation_id=conversation_id)
    store.set_visibility(uid=uid, conversation_id=conversation_id, visibility=visibility)


def read_shared(conversation_id: str) -> SharedConversation:
    """A conversation as whoever knows its id sees it.

    Raises:
        NotFoundError: there is none, or it is private, or was made without credit: nobody learns which.
    """
    everybodys = shares()
    share = everybodys.get(conversation_id)
    try:
        conversation = open_conversation(uid=share.uid, conversation_id=conversation_id)
    except LockedError as error:
        raise everybodys.missing() from error
    if conversation.visibility is ConversationVisibility.PRIVATE or conversation.deleted:
        raise everybodys.missing()
    return _redacted(conversation, uid=share.uid)


def _redacted(conversation: Conversation, *, uid: str) -> SharedConversation:
    names = load_names([conversation], uid=uid, owner=STRANGERS_OWNER)
    shown = SharedConversation.model_fields.keys() - {"transcript_segments"}
    # Only what the models of the view name is let through: validation drops everything else.
    return SharedConversation.model_validate(
        {
            **conversation.model_dump(include=set(shown)),
            "transcript_segments": names.segments(conversation, as_=SharedSegment),
        }
    )
