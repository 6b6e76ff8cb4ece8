"""Choosing over HTTP that everything is sealed: it is, wherever it goes, and all of it is found and shown as ever."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from common.apps.payloads import load_payload
from common.conversations.create import create_from_segments
from common.conversations.index import index_conversation
from common.conversations.structure import structure_conversation
from common.core import clock
from common.database import clients, conversations, messages, segment_batches, users
from common.memories.index import index_memory
from common.models.chat import Message, MessageSender
from common.models.data_key import ENHANCED
from common.models.events import DeliverWebhook
from common.models.external import ExternalSegments
from common.models.webhook import WebhookKind
from tests.support.everything import documents
from tests.support.making import a_batch, a_conversation, a_segment
from tests.support.providers import FirstWordsStructurer, WordEmbedder

SAID = "Xylophone"
"""Nobody else in this module says so."""
MIGRATION = "/v1/users/migration"


def _enhanced(api: httpx.Client) -> None:
    answer = api.post(f"{MIGRATION}/requests", json={"target_level": "enhanced"})
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def _readable(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
        with suppress(zlib.error):
            yield zlib.decompress(value).decode(errors="replace")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield str(name)
            yield from _readable(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _readable(item)


def _told(value: Any) -> bool:
    return any(SAID.lower() in text.lower() for text in _readable(value))


def _metadata() -> Iterator[Any]:
    """What stands beside every vector in the index."""
    for index in (clients.pinecone_index(), clients.pinecone_sparse_index()):
        for namespace in (index.describe_index_stats().namespaces or {}) if index is not None else ():
            for page in index.list(namespace=namespace):
                ids = [getattr(item, "id", item) for item in getattr(page, "vectors", page)]
                for found in index.fetch(ids=ids, namespace=namespace).vectors.values():
                    yield dict(found.metadata or {})


def test_nothing_of_a_life_can_be_read_anywhere_but_by_its_owner(
    api: httpx.Client, uid: str, words: WordEmbedder, first_words: FirstWordsStructurer
) -> None:
    _enhanced(api)
    given = {"transcript_segments": [{"text": f"{SAID} practice tomorrow", "start": 0, "end": 3, "is_user": True}]}
    made = create_from_segments(ExternalSegments.model_validate(given), uid=uid)
    structure_conversation(uid=uid, conversation_id=made.id, run=made.run)
    index_conversation(uid=uid, conversation_id=made.id)
    assert first_words.dialogues
    assert words.calls
    memory = api.post("/v3/memories", json={"content": f"Plays the {SAID}", "visibility": "private"}).json()
    index_memory(uid=uid, memory_id=memory["id"])
    item = api.post("/v1/action-items", json={"description": f"Tune the {SAID}"}, headers={"Idempotency-Key": "k"})
    again = api.post("/v1/action-items", json={"description": f"Tune the {SAID}"}, headers={"Idempotency-Key": "k"})
    assert item.json() == again.json()
    api.post("/v1/goals", json={"title": f"Own a {SAID}"})
    messages.add(Message(id="t", text=SAID, created_at=clock.now(), sender=MessageSender.HUMAN), uid=uid)

    assert [path for path, fields in documents().items() if _told(fields) or SAID.lower() in path.lower()] == []
    assert not any(_told(metadata) for metadata in _metadata())
    redis = clients.redis_client()
    assert redis is not None
    assert not any(_told(redis.get(key) if redis.type(key) == "string" else key) for key in redis.scan_iter())

    shown = api.get(f"/v1/conversations/{made.id}").json()
    assert shown["transcript_segments"][0]["text"] == f"{SAID} practice tomorrow"
    assert shown["data_protection_level"] == ENHANCED
    found = api.post("/v1/conversations/search", json={"query": f"{SAID} practice"}).json()
    assert [each["id"] for each in found["items"]] == [made.id]
    assert [each["content"] for each in api.get("/v3/memories").json()] == [f"Plays the {SAID}"]
    assert SAID in api.get("/v2/messages").text
    assert SAID in api.get("/v1/action-items").text
    assert SAID in api.get("/v1/users/export").text


def test_others_see_what_its_owner_shares(api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
    _enhanced(api)
    made = a_conversation(status="completed", transcript_segments=[a_segment(SAID, 0, 1)])
    conversations.create(made, uid=uid)
    assert api.patch("/v1/conversations/c1/visibility", params={"value": "shared"}).status_code == 200
    assert SAID in anybody.get("/v1/conversations/c1/shared").text
    api.delete("/v1/conversations/c1")


def test_apps_are_told_what_is_said_live(api: httpx.Client, uid: str) -> None:
    _enhanced(api)
    conversations.create(a_conversation(), uid=uid)
    batch = a_batch(0, 5, a_segment(SAID, 0, 1))
    segment_batches.put(batch, uid=uid, conversation_id="c1")
    task = DeliverWebhook(
        uid=uid,
        app_id=None,
        kind=WebhookKind.TRANSCRIPT,
        conversation_id="c1",
        parts=[batch.stretch],
        happened_at=clock.now(),
    )
    payload = load_payload(task)
    assert payload is not None
    assert SAID.encode() in payload.body


def test_clients_bring_their_things_into_the_new_form_as_they_are_used_to(api: httpx.Client, uid: str) -> None:
    conversations.create(a_conversation(structured={"title": SAID}), uid=uid)
    messages.add(Message(id="t", text=SAID, created_at=clock.now(), sender=MessageSender.HUMAN), uid=uid)
    api.post("/v3/memories", json={"content": SAID, "visibility": "private"})
    _enhanced(api)
    listed = api.get(f"{MIGRATION}/requests", params={"target_level": "enhanced"}).json()["needs_migration"]
    assert sorted(each["type"] for each in listed) == ["chat", "conversation", "memory"]
    body = {"requests": [{**each, "target_level": "enhanced"} for each in listed]}
    assert api.post(f"{MIGRATION}/batch-requests", json=body).json()["status"] == "ok"
    finalize = f"{MIGRATION}/requests/data-protection-level/finalize"
    assert api.post(finalize, json={"target_level": "enhanced"}).json()["status"] == "ok"
    assert api.get(f"{MIGRATION}/requests", params={"target_level": "enhanced"}).json() == {"needs_migration": []}
    assert api.get("/v1/users/profile").json()["data_protection_level"] == "enhanced"
    assert not _told(conversations.reference(uid=uid, conversation_id="c1").get().to_dict())
    assert conversations.get(uid=uid, conversation_id="c1").structured.title == SAID


@pytest.mark.parametrize("level", ["e2ee", "", "Enhanced"])
def test_there_are_two_levels(api: httpx.Client, uid: str, level: str) -> None:
    assert api.post(f"{MIGRATION}/requests", json={"target_level": level}).status_code == 400
    assert users.find(uid=uid).data_protection_level == "standard"


def test_things_that_are_not_there_are_passed_over(api: httpx.Client) -> None:
    named = [{"id": "nobody", "type": "memory"}, {"id": "a/b", "type": "chat"}, {"id": "__x__", "type": "conversation"}]
    body = {"requests": [{**each, "target_level": "enhanced"} for each in named]}
    assert api.post(f"{MIGRATION}/batch-requests", json=body).status_code == 200
