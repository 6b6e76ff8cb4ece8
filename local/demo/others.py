"""A few other conversations of the same user, stored as text: among them the search has to find the right one."""

from datetime import timedelta

from common.core import clock
from common.core.ids import derived_id
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment
from common.models.structured import ConversationCategory, Structured
from local.environment import PROJECT

_OTHERS = (
    (
        "A Sore Knee",
        ConversationCategory.HEALTH,
        "My knee hurts since I went running. The doctor says to rest it for two weeks and to swim instead.",
    ),
    (
        "Repairing the Old Bicycle",
        ConversationCategory.PERSONAL,
        "The chain of the bicycle is broken. A new chain and two tyres cost forty dollars in the shop.",
    ),
    (
        "Homework in Mathematics",
        ConversationCategory.EDUCATION,
        "The test in mathematics is about fractions. We practise every evening until the children can do it.",
    ),
)


def store_other_conversations(*, uid: str) -> int:
    """Write them with Google's own client, as finished conversations; the index follows. Returns how many."""
    from google.cloud import firestore  # noqa: PLC0415 - it finds the cloud by a variable that is set late

    collection = firestore.Client(project=PROJECT).collection("users", uid, "conversations")
    for number, (title, category, text) in enumerate(_OTHERS):
        at = clock.now() - timedelta(days=number + 1)
        conversation = Conversation(
            id=derived_id("demo", title),
            created_at=at,
            started_at=at,
            finished_at=at + timedelta(minutes=1),
            structured=Structured(title=title, overview=text, category=category),
            transcript_segments=[TranscriptSegment(text=text, start=0.0, end=10.0)],
        )
        collection.document(conversation.id).set(conversation.to_firestore())
    return len(_OTHERS)
