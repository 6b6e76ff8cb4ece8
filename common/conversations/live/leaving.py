"""How a connection parts from a conversation: it says what it has settled, and leaves nothing to a deleted one."""

from collections.abc import Sequence

from common.conversations.late import reprocess_if_late
from common.conversations.live.flow import Flow
from common.conversations.live.retrying import until_done
from common.conversations.live.take import Take
from common.core.errors import EarshotError
from common.database import account_deletions, audio_blocks, conversations, photo_files
from common.models.attachments import SpeakerLabelSuggestion
from common.models.conversation import Conversation, Interval

MOST_COVERED = 64
"""Stretches that the document notes, the newest: those before them stand with the stored audio, and a connection that
loses something every few seconds has hundreds."""


class AccountDeletedError(EarshotError):
    """Everything of the user is being deleted: nothing more may come."""


async def let_go_if_deleted(flow: Flow, *, uid: str) -> None:
    """End a connection whose conversation has gone, if it went with its user's account."""
    if await until_done(account_deletions.under_way, uid):
        flow.let_go(AccountDeletedError("the account is being deleted"))


def leave_conversation(
    take: Take,
    *,
    uid: str,
    covered: list[Interval],
    wordless: Sequence[Interval] = (),
    suggestions: Sequence[SpeakerLabelSuggestion] = (),
) -> None:
    """Note that a connection adds nothing more to a conversation.

    What it still brought to one that was completed meanwhile is a late part of it; what it brought to one that was
    deleted is deleted too, because the event that purges a conversation may have come and gone before.

    Args:
        take: the connection's part of the conversation.
        uid: the owner.
        covered: what its recogniser has settled, in the conversation.
        wordless: what of that was voiced for long without a word, in the conversation.
        suggestions: who its voices may be, for the user to confirm later.
    """
    if suggestions:
        conversations.change(
            uid=uid, conversation_id=take.conversation_id, decide=lambda current: _with(suggestions, current)
        )
    present = conversations.set_session(
        uid=uid,
        conversation_id=take.conversation_id,
        session_id=take.session_id,
        fields={
            "open": False,
            "covered": [interval.to_firestore() for interval in covered[-MOST_COVERED:]],
            "wordless": [interval.to_firestore() for interval in wordless],
        },
    )
    if present:
        reprocess_if_late(uid=uid, conversation_id=take.conversation_id)
    else:
        conversations.delete_children(uid=uid, conversation_id=take.conversation_id)
        audio_blocks.delete_all(uid=uid, conversation_id=take.conversation_id)
        photo_files.delete_all(uid=uid, conversation_id=take.conversation_id)


def _with(suggestions: Sequence[SpeakerLabelSuggestion], conversation: Conversation) -> Conversation:
    """The conversation with one suggestion per voice and name, the newest."""
    known = {(each.speaker_id, each.person_name): each for each in conversation.speaker_label_suggestions}
    known |= {(each.speaker_id, each.person_name): each for each in suggestions}
    return conversation.model_copy(update={"speaker_label_suggestions": list(known.values())})
