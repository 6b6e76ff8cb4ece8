"""What a user of a year has, written straight into the store."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from common.database import transcripts
from common.database.clients import firestore_client
from common.models.action_item import ActionItem
from common.models.chat import Message
from common.models.conversation import Conversation
from common.models.memory import Memory
from common.models.person import Person
from common.models.segment import TranscriptSegment
from common.models.structured import Structured


def fill(uid: str, conversations: int) -> None:
    """What the user of a year has: conversations with transcripts, facts, tasks, messages, people."""
    db = firestore_client()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    sentence = "we should look at the flat near the station before somebody else rents it"
    segments = [TranscriptSegment(id=f"s{n}", text=sentence, start=n * 5.0, end=n * 5.0 + 4) for n in range(20)]

    def write(collection: str, documents: Iterator[tuple[str, dict[str, Any]]]) -> None:
        batch, waiting = db.batch(), 0
        for document_id, fields in documents:
            batch.set(db.document("users", uid, collection, document_id), fields)
            waiting += 1
            if waiting == 400:
                batch.commit()
                batch, waiting = db.batch(), 0
        batch.commit()

    def conversation(number: int) -> dict[str, Any]:
        at = start + timedelta(minutes=20 * number)
        made = Conversation(
            id=f"c{number:05d}",
            created_at=at,
            updated_at=at,
            started_at=at,
            finished_at=at + timedelta(minutes=2),
            structured=Structured(title=f"The flat, part {number}", overview=sentence * 4, emoji="🏠"),
            transcript_segments=segments,
            status="completed",
        )
        return transcripts.encode(made)[0]

    write("conversations", ((f"c{n:05d}", conversation(n)) for n in range(conversations)))
    at = [start + timedelta(hours=n) for n in range(300)]
    facts = [
        Memory(id=f"m{n}", uid=uid, content=f"{n} {sentence}", created_at=at[n], updated_at=at[n]) for n in range(300)
    ]
    write("memories", ((fact.id, fact.to_firestore()) for fact in facts))
    items = [
        ActionItem(id=f"a{n}", uid=uid, description=f"{n} call the agent", created_at=at[n], updated_at=at[n])
        for n in range(300)
    ]
    write("action_items", ((item.id, item.to_firestore()) for item in items))
    said = [Message(id=f"t{n}", text=sentence, created_at=at[n], sender="ai" if n % 2 else "human") for n in range(300)]
    write("messages", ((message.id, message.to_firestore()) for message in said))
    known = [Person(id=f"p{n}", name=f"Person {n}", created_at=at[n], updated_at=at[n]) for n in range(25)]
    write("people", ((person.id, person.to_firestore()) for person in known))
