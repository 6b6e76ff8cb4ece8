"""The doctor sees what is missing or wrong, says so with the command that mends it, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from google.cloud.pubsub_v1 import SubscriberClient

from common.core.settings import settings
from common.database import probes
from common.database.clients import storage_client, tasks_client
from local.firestore.indexes import Indexes
from local.manifest import ROOT
from operate.checks import of_stores
from tests.support.everything import documents
from tests.support.stores import Stores, free_port
from tests.wire.operate.conftest import Operate

SetTo = Callable[..., None]


@pytest.fixture(autouse=True, scope="module")
def well(stores: Stores) -> Iterator[None]:
    """What a cloud has and the bare stores have not."""
    assert stores
    with SubscriberClient() as subscriber:
        project = settings().google_cloud_project
        path = subscriber.subscription_path(project, "dead-letter")
        subscriber.create_subscription(name=path, topic=subscriber.topic_path(project, "dead-letter"))
        yield


@pytest.fixture(autouse=True)
def models(set_to: SetTo) -> None:
    set_to(local_models_url="http://127.0.0.1:1")


def _wrong(operate: Operate) -> dict[str, dict[str, Any]]:
    """What is wrong, by its name; each is told how to be mended, and makes the command fail."""
    ran = operate("doctor")
    found = {row["what"]: row for row in ran.rows if row["state"] == "wrong"}
    assert ran.code == bool(found)
    assert all(row["mend"] for row in found.values())
    return found


def test_where_all_is_well_nothing_is_wrong_and_nothing_was_changed(operate: Operate) -> None:
    before = documents()
    assert _wrong(operate) == {}
    assert documents() == before
    ran = operate("doctor")
    named = {row["what"] for row in ran.rows}
    assert {"Firestore", "Firestore's indexes", "bucket audio", "queue webhooks", "Pinecone, dense", "Redis"} <= named
    assert {"dead letters", "sealing", "sign-in", "topic dead-letter", "speech, live"} <= named


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"embedding_dimension": "768"}, {"Pinecone, dense", "embedding"}),
        ({"embedding": "vertex", "embedding_dimension": "768"}, {"Pinecone, dense"}),
        ({"local_models_url": ""}, {"speech, live", "speech, recorded", "embedding"}),
        ({"streaming_transcribers": "deepgram,soniox"}, {"speech, live"}),
        ({"batch_transcribers": "deepgram"}, {"speech, recorded"}),
        ({"language_model": "openai"}, {"models"}),
        ({"post_processing": "true"}, {"second hearing"}),
        ({"web_search": "brave"}, {"web search"}),
        ({"pinecone_api_key": ""}, {"Pinecone's key"}),
        ({"finalize_conversation_url": ""}, {"tasks"}),
        ({"audio_bucket": "nobodys-bucket"}, {"bucket audio"}),
        ({"tasks_queue": "nobodys-queue"}, {"queue nobodys-queue"}),
        ({"token_keys_url": f"http://127.0.0.1:{free_port()}/jwks"}, {"sign-in"}),
        ({"token_keys_url": "nonsense"}, {"sign-in"}),
    ],
)
def test_what_does_not_fit_is_found(operate: Operate, set_to: SetTo, values: dict[str, str], what: set[str]) -> None:
    set_to(**values)
    assert _wrong(operate).keys() == what


def test_a_shell_that_does_not_know_the_way_to_the_index_is_told_so_and_not_to_make_another(
    operate: Operate, set_to: SetTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(pinecone_host="")
    found = _wrong(operate)
    assert found.keys() == {"Pinecone, dense", "Pinecone, sparse"}
    monkeypatch.setattr(of_stores, "is_local", lambda: False)
    monkeypatch.delenv("PINECONE_API_KEY", raising=False)
    set_to()
    for each in ("Pinecone, dense", "Pinecone, sparse"):
        assert "PINECONE_HOST and PINECONE_API_KEY" in _wrong(operate)[each]["says"]
        assert "anew" not in found[each]["mend"]


def _noted(operate: Operate) -> set[str]:
    ran = operate("doctor")
    assert ran.code == 0
    return {row["what"] for row in ran.rows if row["state"] == "note"}


def test_what_was_chosen_is_noted_and_is_no_failure(
    operate: Operate, set_to: SetTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _noted(operate) == {"language model", "administrators"}
    set_to(language_model="openai", openai_api_key="k", admin_key="k", push="off", redis_url="")
    monkeypatch.setattr(of_stores, "pinecone_sparse_index", lambda: None)
    assert _noted(operate) == {"push", "Redis", "Pinecone, sparse"}
    set_to(url_signing_key="", data_key_secret="")
    assert _noted(operate) == {"push", "Redis", "Pinecone, sparse", "recordings' addresses", "sealing"}


def test_an_index_that_is_missing_is_named(operate: Operate, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.loads((ROOT / "firestore.indexes.json").read_text())
    wanted = deepcopy(content)
    gone = content["indexes"].pop(0)
    content["fieldOverrides"] = [each for each in content["fieldOverrides"] if each["collectionGroup"] != "reviews"]
    less = Indexes(content)
    whole = Indexes.check
    monkeypatch.setattr(Indexes, "check", lambda _, query: whole(less, query))
    assert stores
    missing = probes.missing_indexes(wanted)
    fields = ", ".join(field["fieldPath"] for field in gone["fields"])
    assert sorted(missing) == sorted([f"{gone['collectionGroup']}: {fields}", "reviews: uid"])
    assert "reviews: uid" in _wrong(operate)["Firestore's indexes"]["says"]


def test_a_queue_that_is_paused_is_found(operate: Operate) -> None:
    path = tasks_client().queue_path(settings().google_cloud_project, settings().region, "webhooks")
    tasks_client().pause_queue(name=path)
    try:
        assert _wrong(operate)["queue webhooks"]["says"] == "Queue webhooks is paused"
    finally:
        tasks_client().resume_queue(name=path)


def test_a_bucket_in_which_nothing_is_deleted_by_its_age_is_found_in_googles_cloud(
    operate: Operate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_stores, "is_local", lambda: False)
    assert _wrong(operate).keys() == {"bucket audio", "bucket uploads"}
    for name in (settings().audio_bucket, settings().uploads_bucket):
        bucket = storage_client().get_bucket(name)
        bucket.add_lifecycle_delete_rule(age=30)
        bucket.patch()
    assert _wrong(operate) == {}
