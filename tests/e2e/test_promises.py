"""Each rule that makes the promises true, held against the fault it is there for.

`test_guards.py` takes the rules out one by one and sees that these tests then fail.
"""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from local.environment import EMBEDDING_DIMENSION, PROJECT
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.e2e.conftest import StartCloud
from tests.e2e.test_crash import Speaker, kill_function
from tests.support.cloud import RunningCloud
from tests.support.inside import Inside
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

UID = "promise"
ANSWER = '{"title": "Beach Weekend", "overview": "They were at the beach.", "emoji": "🏖️", "category": "travel"}'


@pytest.fixture
def model() -> Iterator[ProviderServer]:
    """A language model that does what a test tells it."""
    with ProviderServer().serving() as server:
        yield server


def well(count: int = 1, **how: Any) -> list[Reply]:
    """Good answers, given in a certain way."""
    return [Reply(answer=ANSWER, **how) for _ in range(count)]


def with_model(start_cloud: StartCloud, model: ProviderServer, *options: str, **variables: str) -> RunningCloud:
    """A cloud that structures with `model`."""
    return start_cloud(
        *options, LANGUAGE_MODEL="openai", OPENAI_BASE_URL=f"{model.address}/v1", OPENAI_API_KEY="test", **variables
    )


def speak(cloud: RunningCloud, packets: list[bytes]) -> str:
    """Say something and press the stop button; returns the conversation's id without waiting for its end."""
    cloud.say(UID, packets[:450], speed=10)
    inside = cloud.inside
    [conversation_id] = eventually(lambda: inside.conversations(UID), within_s=20, what="what was said is stored")

    def press() -> None:
        # The answer is of no interest, and the cloud may be gone before it comes.
        with suppress(httpx.HTTPError), cloud.client(UID) as api:
            api.post("/v1/conversations", json={})

    threading.Thread(target=press, daemon=True).start()
    return conversation_id


def completed(inside: Inside, conversation_id: str, *, within_s: float = 60.0) -> dict[str, Any]:
    """The conversation, once it is completed."""

    def probe() -> dict[str, Any] | None:
        conversation = inside.conversation(UID, conversation_id)
        return conversation if conversation and conversation["status"] == "completed" else None

    return eventually(probe, within_s=within_s, what="a completed conversation")


def test_run_an_unchanged_conversation_that_is_processed_again_runs_again_and_completes(
    start_cloud: StartCloud, model: ProviderServer, packets: list[bytes]
) -> None:
    model.script.extend(well(5))
    cloud = with_model(start_cloud, model)
    inside = cloud.inside
    conversation_id = speak(cloud, packets)
    first = completed(inside, conversation_id)
    asked = len(model.requests)
    with cloud.client(UID) as api:
        assert api.post(f"/v1/conversations/{conversation_id}/reprocess").status_code == 200
    again = eventually(
        lambda: (found := completed(inside, conversation_id))["run"] > first["run"] and found,
        within_s=30,
        what="a second run that completes",
    )
    assert again["structured"]["title"] == "Beach Weekend"
    assert len(model.requests) == asked + 1


def test_claim_an_event_that_comes_twice_at_once_is_worked_on_once(
    start_cloud: StartCloud, model: ProviderServer, packets: list[bytes]
) -> None:
    model.script.extend(well(6, delay_s=2.0))
    cloud = with_model(start_cloud, model, "--deliver-twice")
    inside = cloud.inside
    conversation = completed(inside, speak(cloud, packets))
    assert len(model.requests) == 1, "the model was asked again for the same run"
    assert conversation["structured"]["title"] == "Beach Weekend"


def test_lease_a_function_that_is_killed_in_the_middle_is_replaced_when_its_lease_is_over(
    start_cloud: StartCloud, model: ProviderServer, packets: list[bytes]
) -> None:
    model.script.extend([*well(delay_s=30.0), *well(5)])
    cloud = with_model(start_cloud, model, "--time-scale", "10", LEASE_SECONDS="40")
    inside = cloud.inside
    conversation_id = speak(cloud, packets)
    eventually(lambda: model.requests, within_s=40, what="the model is asked")
    kill_function(cloud, "structure_conversation")
    # By the next delivery, or by the sweep if that is sooner: both wait for the lease of the one that died.
    assert completed(inside, conversation_id)["structured"]["title"] == "Beach Weekend"


def test_token_a_worker_that_was_replaced_meanwhile_does_not_settle_the_claim(
    start_cloud: StartCloud, model: ProviderServer, packets: list[bytes]
) -> None:
    # The first worker is slower than its lease, so the same event's second delivery takes the claim over.
    model.script.extend([*well(delay_s=20.0), *well(5)])
    cloud = with_model(
        start_cloud, model, "--time-scale", "10", "--deliver-twice", LEASE_SECONDS="40", LONGEST_WORK_S="1"
    )
    inside = cloud.inside
    conversation_id = speak(cloud, packets)
    conversation = completed(inside, conversation_id, within_s=90)
    log = cloud.data / "logs" / "structure_conversation.log"
    eventually(
        lambda: "LeaseLostError" in log.read_text(), within_s=40, what="the slow worker finds its claim taken over"
    )
    claim = inside.firestore.document(
        "users", UID, "claims", f"structure_conversation:{conversation_id}:{conversation['run']}"
    )
    record = eventually(
        lambda: (found := claim.get().to_dict() or {}).get("state") == "done" and found,
        within_s=30,
        what="a claim that is done",
    )
    assert record["attempts"] >= 2


def test_done_after_publish_an_event_that_could_not_be_published_is_published_later(
    start_cloud: StartCloud, model: ProviderServer, packets: list[bytes]
) -> None:
    model.script.extend(well(5))
    cloud = with_model(start_cloud, model, "--time-scale", "10")
    inside = cloud.inside
    topic = f"projects/{PROJECT}/topics/conversation-completed"
    inside.publisher.delete_topic(request={"topic": topic})
    conversation_id = speak(cloud, packets)
    run = completed(inside, conversation_id)["run"]
    log = cloud.data / "logs" / "structure_conversation.log"
    eventually(lambda: "step_crashed" in log.read_text(), within_s=60, what="an attempt that cannot publish")
    inside.publisher.create_topic(request={"name": topic})
    completions = inside.listen_to("conversation-completed")
    event_id = f"conversation-completed:{conversation_id}:{run}"
    completions.await_one(event_id, within_s=60)
    assert completions.event_ids[event_id] == 1
    assert len(model.requests) == 1, "what was saved is not worked out again"


def test_park_a_model_that_fails_for_good_leaves_a_failed_conversation_a_dead_letter_and_a_later_retry(
    start_cloud: StartCloud, model: ProviderServer, packets: list[bytes]
) -> None:
    model.script.extend([Reply(status=500)] * 40)
    cloud = with_model(start_cloud, model, "--time-scale", "30", MAX_ATTEMPTS="2")
    inside = cloud.inside
    letters = inside.listen_to("dead-letter")
    conversation_id = speak(cloud, packets)
    failed = eventually(
        lambda: (found := inside.conversation(UID, conversation_id) or {}).get("status") == "failed" and found,
        within_s=60,
        what="a failed conversation",
    )
    assert failed["failure"]["step"] == "structure_conversation"
    letters.await_one(f"dead-letter:structure_conversation:{conversation_id}:{failed['run']}", within_s=20)
    with cloud.client(UID) as api:
        assert api.get(f"/v1/conversations/{conversation_id}").json()["status"] in {"failed", "processing"}
    model.script.clear()
    model.script.extend(well(5))
    # Ten nominal minutes later, by itself.
    assert completed(inside, conversation_id, within_s=90)["structured"]["title"] == "Beach Weekend"


def test_bounded_wait_a_listener_that_died_is_not_waited_for_for_ever(
    start_cloud: StartCloud, packets: list[bytes]
) -> None:
    cloud = start_cloud("--time-scale", "10")
    inside = cloud.inside
    speaker = Speaker(cloud, UID, packets[:900], speed=6.0)
    speaker.start()
    eventually(lambda: speaker.stored_s >= 8, within_s=60, what="audio is stored")
    kill_function(cloud, "listen")
    [conversation_id] = inside.conversations(UID)
    conversation = completed(inside, conversation_id, within_s=60)
    assert any(session["open"] for session in conversation["capture"]["sessions"].values())


def test_re_read_a_follower_ends_at_what_the_document_says_whatever_it_was_told(
    start_cloud: StartCloud, model: ProviderServer, packets: list[bytes]
) -> None:
    # Indexing takes a while, so that titles change while it is at it, and its events come twice and in disorder.
    model.script.extend(well(200, delay_s=0.5, vectors=lambda count: [[1.0] * EMBEDDING_DIMENSION] * count))
    cloud = with_model(
        start_cloud, model, "--time-scale", "10", "--deliver-twice", "--shuffle", "7", EMBEDDING="openai"
    )
    inside = cloud.inside
    conversation_id = speak(cloud, packets)
    completed(inside, conversation_id)
    with cloud.client(UID) as api:
        titles = ("Nuclear Submarines", "Baking Bread", "Nuclear Submarines", "Baking Bread")
        for title in titles:
            api.patch(f"/v1/conversations/{conversation_id}/title", params={"title": title})

    def embedded() -> list[str]:
        asked = [request.body["input"] for request in model.requests if request.path.endswith("/embeddings")]
        first_lines = [texts[0].partition("\n")[0] for texts in asked]
        return [line for line in first_lines if line in titles]  # others ask for embeddings, too

    eventually(lambda: embedded()[-1:] == ["Baking Bread"], within_s=40, what="the last title is indexed")
    threading.Event().wait(6)  # a minute of this cloud's time: whatever still comes has come
    assert embedded()[-1] == "Baking Bread"
    assert inside.vector_ids("ns1", UID) == [f"{UID}-{conversation_id}"]
