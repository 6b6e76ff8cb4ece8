"""What was said is heard a second time by services outside, and everything that follows from it is renewed."""

from typing import Any

import pytest

from local.environment import BUCKETS
from tests.e2e.conftest import StartCloud
from tests.support.speech_servers.second_hearing import (
    FAL_KEY,
    HUME_KEY,
    SecondHearing,
    a_chunk,
    a_prediction,
    second_hearing,
)
from tests.support.stores import free_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

UID = "heard-twice"
AGAIN = (
    "We rented the lighthouse at the northern shore for the whole of August, and my sister brings her telescope. ",
    "There are penguins on the island, I am told, but nobody has ever seen more than two of them at a time.",
)


def test_a_conversation_is_heard_again_structured_anew_and_found_by_its_new_words(
    start_cloud: StartCloud, packets: list[bytes]
) -> None:
    port = free_port()
    service = SecondHearing(
        fetches=True,
        chunks=[a_chunk(AGAIN[0] * 3, 0.5, 8.0), a_chunk(AGAIN[1] * 3, 9.0, 16.0, "SPEAKER_01")],
        predictions=[a_prediction(0.5, 8.0, Joy=0.7), a_prediction(9.0, 16.0, Doubt=0.2)],
    )
    with second_hearing(service) as url:
        cloud = start_cloud(
            "--port",
            str(port),
            POST_PROCESSING="true",
            FAL_KEY=FAL_KEY,
            FAL_URL=url,
            HUME_API_KEY=HUME_KEY,
            HUME_API="batch",
            HUME_URL=url,
            PUBLIC_URL=f"http://127.0.0.1:{port}",
        )
        with cloud.client(UID) as api:
            assert api.post("/v1/users/emotional-feedback", params={"value": True}).status_code == 200
            cloud.say(UID, packets[:900], speed=10.0)
            first = api.post("/v1/conversations", json={}).json()["conversation"]

            def heard_again() -> dict[str, Any] | None:
                found: dict[str, Any] = api.get(f"/v1/conversations/{first['id']}").json()
                again = (found.get("postprocessing") or {}).get("status") == "completed"
                return found if again and found["status"] == "completed" else None

            conversation = eventually(heard_again, within_s=90, what="a second hearing")
            said = " ".join(segment["text"] for segment in conversation["transcript_segments"])
            assert "lighthouse" in said
            assert "lighthouse" in f"{conversation['structured']}".lower()
            question = {"query": "penguins on the island"}
            items = eventually(
                lambda: api.post("/v1/conversations/search", json=question).json()["items"], within_s=30, what="a hit"
            )
            assert items[0]["id"] == first["id"]
            transcripts = api.get(f"/v1/conversations/{first['id']}/transcripts").json()
            assert len(transcripts["whisperx"]) == 2
            used = api.get("/v1/users/me/usage", params={"period": "today"}).json()["models"]
            heard = {line["name"]: line["audio_seconds"] for line in used if line["kind"] == "speech"}
            assert 15 < heard["local"] < 40, "what was streamed, and what was repaired of it"
            assert 10 < heard["fal_whisperx"] < 20
        assert service.seen.count("submit") == 1
        assert all(10 < seconds < 20 for seconds in service.seconds)
        eventually(lambda: _told(cloud.inside), within_s=30, what="a notification about emotions")
        eventually(lambda: not _sent(cloud.inside), within_s=20, what="no recording left")


def _sent(inside: Any) -> list[str]:
    return [blob.name for blob in inside.storage.list_blobs(BUCKETS["media"], prefix=f"{UID}/postprocessing/")]


def _told(inside: Any) -> bool:
    kept = inside.firestore.collection("users", UID, "notifications").stream()
    return any((snapshot.to_dict() or {}).get("kind") == "emotional_feedback" for snapshot in kept)
