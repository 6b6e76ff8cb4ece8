"""Everything that one user may have, one of each, with the same words in all of it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from common.conversations.offline.receiving import Sent, receive
from common.database import api_keys, audio_blocks, conversations, daily_summaries, messages, people
from common.database.api_keys import KeyKind
from common.memories.edit import add_memory, edit_memory, list_former
from common.models.chat import Message
from common.models.daily_summary import DailySummary
from common.models.person import Person
from common.speech.blocks import encode_block
from tests.support.apps import make_app
from tests.support.making import NOON, a_block, a_conversation, a_segment

if TYPE_CHECKING:
    import httpx

SECRET = "nobody-else-may-read-this"  # noqa: S105 - words to look for, not a password


@dataclass(frozen=True)
class Belongings:
    """Ids by the names that paths have for them."""

    uid: str
    ids: dict[str, str]


def belongings(uid: str, app: httpx.Client) -> Belongings:
    """Give a user one of each; `app` is a client signed in as them."""
    conversations.create(
        a_conversation(
            id=f"conversation-of-{uid}",
            status="completed",
            capture={"kind": "external"},
            structured={
                "title": SECRET,
                "overview": SECRET,
                "action_items": [{"description": SECRET}],
                "events": [{"title": SECRET, "start": NOON}],
            },
            transcript_segments=[a_segment(SECRET, 0.0, 2.0, id="s1")],
            photos=[{"id": "p1", "base64": "aGk=", "description": SECRET, "created_at": NOON}],
        ),
        uid=uid,
    )
    conversation_id = f"conversation-of-{uid}"
    audio_blocks.put(a_block(0, 1), encode_block([bytes(32_000)]), uid=uid, conversation_id=conversation_id)
    memory = add_memory(uid=uid, content=f"before {SECRET}", manual=True)
    edit_memory(uid=uid, memory_id=memory.id, content=SECRET)
    [former] = list_former(uid=uid, limit=1)
    messages.add(Message(id=f"message-of-{uid}", text=SECRET, created_at=NOON, sender="ai"), uid=uid)
    daily_summaries.of(uid=uid).put(DailySummary(id="2026-05-04", date="2026-05-04", headline=SECRET, created_at=NOON))
    person = Person(
        id=f"person-of-{uid}",
        name=SECRET,
        name_key=SECRET,
        created_at=NOON,
        updated_at=NOON,
        speech_samples=[f"{uid}/people_profiles/person-of-{uid}/1.wav"],
    )
    people.of(uid=uid).put(person)
    private_app = make_app(uid=uid, name=SECRET, private=True, approved=False)
    persona = make_app(uid=uid, name=SECRET, private=True, approved=False, capabilities=["persona"])
    app_key, _ = api_keys.create(KeyKind.APP, uid=uid, name=SECRET, app_id=private_app.id)
    developer_key, _ = api_keys.create(KeyKind.DEVELOPER, uid=uid, name=SECRET)
    mcp_key, _ = api_keys.create(KeyKind.MCP, uid=uid, name=SECRET)

    def made(path: str, body: object) -> str:
        answer = app.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    meeting = {"calendar_event_id": "e", "calendar_source": "c", "title": SECRET, "start_time": NOON.isoformat()}
    stored = app.post("/v1/calendar/meetings", json={**meeting, "end_time": NOON.isoformat()})
    assert stored.status_code == 200, stored.text

    shared = app.post("/v2/messages/share", json={"message_ids": [f"message-of-{uid}"]})
    assert shared.status_code == 200, shared.text
    [share] = app.get("/v1/users/shares").json()

    ids = {
        "conversation_id": conversation_id,
        "job_id": receive([Sent(f"audio_omi_opus_16000_1_fs160_{SECRET}_1772352000.bin", BytesIO())], uid=uid).id,
        "segment_id": "s1",
        "audio_file_id": app.get(f"/v1/sync/audio/{conversation_id}/urls").json()["audio_files"][0]["id"],
        "memory_id": memory.id,
        "operation_id": former.id,
        "action_item_id": made("/v1/action-items", {"description": SECRET}),
        "goal_id": made("/v1/goals", {"title": SECRET, "goal_type": "numeric", "target_value": 5}),
        "meeting_id": str(stored.json()["meeting_id"]),
        "folder_id": made("/v1/folders", {"name": SECRET}),
        "session_id": made("/v2/chat-sessions", {"title": SECRET}),
        "message_id": f"message-of-{uid}",
        "share_id": share["id"],
        "summary_id": "2026-05-04",
        "person_id": person.id,
        "app_id": private_app.id,
        "persona_id": persona.id,
        "app_key_id": app_key.id,
        "developer_key_id": developer_key.id,
        "mcp_key_id": mcp_key.id,
    }
    return Belongings(uid, ids)
