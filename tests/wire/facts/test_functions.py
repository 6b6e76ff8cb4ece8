"""The functions that index memories and action items, as the platform calls them."""

from typing import Any

import functions_framework
import pytest

from common.action_items.edit import add_action_item
from common.action_items.search import search_action_items
from common.core.errors import ProviderError
from common.core.settings import settings
from common.database import memories
from common.memories import edit
from common.memories.search import search_memories
from local.events import document_event
from local.manifest import ROOT, load
from tests.support.providers import WordEmbedder
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores", "words")

_create_app: Any = functions_framework.create_app  # ships no types


def _deliver(stores: Stores, name: str, path: str, *, times: int = 1) -> list[int]:
    """Deliver the event of the last change of a document to a function; the statuses it answers with."""
    change = next(change for change in reversed(stores.changes) if change.path == path)
    headers, body = document_event(change, event="written", region="us-central1")
    described = load().functions[name]
    app = _create_app(
        described.entry_point, str(ROOT / "functions" / described.folder / "main.py"), described.signature
    )
    app.config["PROPAGATE_EXCEPTIONS"] = False  # what the platform's server does
    client = app.test_client()
    return [client.post("/", headers=headers, data=body).status_code for _ in range(times)]


def test_a_memory_is_found_once_its_event_was_delivered(stores: Stores, uid: str) -> None:
    memory_id = edit.add_memory(uid=uid, content="red apples", manual=True).id
    assert _deliver(stores, "index_memory", f"users/{uid}/memories/{memory_id}") == [200]
    assert [hit.memory.id for hit in search_memories("red apples", uid=uid, limit=1)] == [memory_id]


def test_an_action_item_is_found_once_its_event_was_delivered(stores: Stores, uid: str) -> None:
    item_id = add_action_item(uid=uid, description="buy apples").id
    assert _deliver(stores, "index_action_item", f"users/{uid}/action_items/{item_id}") == [200]
    assert [item.id for item in search_action_items("buy apples", uid=uid, limit=1)] == [item_id]


def test_what_is_below_a_memory_that_went_without_it_goes_too(stores: Stores, uid: str) -> None:
    memory_id = edit.add_memory(uid=uid, content="red apples", manual=True).id
    edit.edit_memory(uid=uid, memory_id=memory_id, content="green pears")
    memories.of(uid=uid).delete(memory_id)
    assert len(memories.list_former(uid=uid, limit=10)) == 1
    assert _deliver(stores, "index_memory", f"users/{uid}/memories/{memory_id}") == [200]
    assert memories.list_former(uid=uid, limit=10) == []


def test_a_model_that_does_not_answer_is_given_up_at_the_limit(stores: Stores, uid: str, words: WordEmbedder) -> None:
    memory_id = edit.add_memory(uid=uid, content="red apples", manual=True).id

    def fail() -> None:
        raise ProviderError("busy")

    words.before = fail
    statuses = _deliver(stores, "index_memory", f"users/{uid}/memories/{memory_id}", times=settings().max_attempts)
    assert statuses == [503] * (settings().max_attempts - 1) + [200]


def test_an_event_about_another_collection_is_acknowledged(stores: Stores, uid: str) -> None:
    memory_id = edit.add_memory(uid=uid, content="red apples", manual=True).id
    assert _deliver(stores, "index_action_item", f"users/{uid}/memories/{memory_id}") == [200]
