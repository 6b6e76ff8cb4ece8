"""Everything delivered twice, late and in random order: the end is the same as if it had come once, in order."""

import itertools
import time

import pytest

from local.environment import EMBEDDING_DIMENSION
from tests.e2e.conftest import StartCloud
from tests.support.inside import Inside
from tests.support.waiting import eventually

SEEDS = range(101, 121)
UID = "disorder"


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_one_document_one_vector_no_stale_passage_one_completion(
    start_cloud: StartCloud, packets: list[bytes], seed: int
) -> None:
    cloud = start_cloud("--time-scale", "20", "--deliver-twice", "--shuffle", str(seed), "--delay", "20")
    inside = cloud.inside
    completions = inside.listen_to("conversation-completed")
    cloud.say(UID, packets[:700], speed=10)
    with cloud.client(UID) as api:
        api.post("/v1/conversations", json={})
        [conversation_id] = eventually(
            lambda: [name for name, each in inside.conversations(UID).items() if each["status"] == "completed"],
            within_s=60,
            what=f"seed {seed}: one completed conversation",
        )
        url = f"/v1/conversations/{conversation_id}"
        # A → B → A, a run over unchanged words, and one more title: the index has to end where the document ends.
        original = api.get(url).json()["structured"]["title"] or "A"
        for title in ("Something about whales", original, "Something about whales", original):
            assert api.patch(f"{url}/title", params={"title": title}).status_code == 200
        assert api.post(f"{url}/reprocess").status_code == 200
        eventually(
            lambda: (inside.conversation(UID, conversation_id) or {}).get("status") == "completed",
            within_s=60,
            what=f"seed {seed}: the second run completes",
        )
        expected = eventually(
            lambda: _at_rest(inside, conversation_id), within_s=60, what=f"seed {seed}: an index at rest"
        )

        run = (inside.conversation(UID, conversation_id) or {})["run"]
        completions.await_one(f"conversation-completed:{conversation_id}:{run}", within_s=30)
        time.sleep(2)  # what is still late arrives within 20 s / 20
        assert len(inside.conversations(UID)) == 1
        assert inside.vector_ids("ns1", UID) == [f"{UID}-{conversation_id}"]
        assert inside.vector_ids("ns_tchunks", UID) == expected
        assert completions.pull().event_ids.keys() <= {
            f"conversation-completed:{conversation_id}:{number}" for number in range(1, run + 1)
        }
        assert all(count == 1 for count in completions.event_ids.values()), completions.event_ids

        # And deleting it, with events of its life still on their way, leaves nothing.
        assert api.delete(url).status_code == 204
    eventually(
        lambda: not inside.vector_ids("ns1", UID) and not inside.vector_ids("ns_tchunks", UID),
        within_s=30,
        what=f"seed {seed}: no vector is left",
    )
    time.sleep(2)
    assert not inside.conversations(UID)
    assert not inside.vector_ids("ns1", UID)
    assert not inside.vector_ids("ns_tchunks", UID)


def _at_rest(inside: Inside, conversation_id: str) -> list[str] | None:
    """The passages, once the lease on the index says that nothing more is to be written."""
    lease = inside.firestore.document("users", UID, "index_leases", conversation_id).get().to_dict() or {}
    if lease.get("token") is not None or lease.get("indexed") in {None, "unknown", "nothing"}:
        return None
    found = inside.vectors.query(
        vector=[1.0, *itertools.repeat(0.0, EMBEDDING_DIMENSION - 1)],
        top_k=100,
        namespace="ns_tchunks",
        filter={"memory_id": {"$eq": conversation_id}},
        include_metadata=True,
    )
    return sorted(match.id for match in found.matches) or None
