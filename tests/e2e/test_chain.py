"""A word goes in, a memory comes out: the whole chain, as a user has it."""

import json
import time
from typing import Any

import psutil

from common.core.settings import settings
from local.demo.device import PACKET_S
from local.demo.script import read_script
from local.demo.wer import word_error_rate
from tests.e2e.conftest import StartCloud
from tests.support.cloud import RunningCloud
from tests.support.waiting import eventually


def test_speech_becomes_a_structured_conversation_that_is_found_by_its_meaning_until_it_is_deleted(
    cloud: RunningCloud, packets: list[bytes]
) -> None:
    messages = cloud.say("chain-user", packets, speed=6.0)
    events = [message for message in messages if isinstance(message, dict)]
    statuses = [event["status"] for event in events if event["type"] == "service_status"]
    assert statuses == ["initiating", "in_progress_conversations_processing", "stt_initiating", "ready"]
    assert any(isinstance(message, list) for message in messages), "no live segments"
    stored = [event for event in events if event["type"] == "audio_stored"]
    assert stored[-1]["until_s"] >= len(packets) * PACKET_S - 2 * settings().block_seconds

    with cloud.client("chain-user") as api:
        finished = api.post("/v1/conversations", json={})
        assert finished.status_code == 200, finished.text
        conversation_id = finished.json()["conversation"]["id"]
        conversation = eventually(
            lambda: _completed(api.get(f"/v1/conversations/{conversation_id}").json()),
            within_s=60,
            what="a completed conversation",
        )
        heard = " ".join(segment["text"] for segment in conversation["transcript_segments"])
        said = " ".join(turn.text for turn in read_script())
        assert word_error_rate(said, heard) <= 0.25
        assert conversation["structured"]["title"]
        assert conversation["plugins_results"] == []
        assert "run" not in conversation

        question = {"query": "renting a building near the station"}
        found = eventually(
            lambda: api.post("/v1/conversations/search", json=question).json()["items"],
            within_s=30,
            what="a hit",
        )
        assert found[0]["id"] == conversation_id
        listed = api.get("/v1/conversations").json()
        assert [each["id"] for each in listed] == [conversation_id]

        assert api.delete(f"/v1/conversations/{conversation_id}").status_code == 204
        assert api.post("/v1/conversations/search", json=question).json()["items"] == []
        assert api.get(f"/v1/conversations/{conversation_id}").status_code == 404


def test_nobody_reads_what_is_not_theirs(cloud: RunningCloud) -> None:
    with cloud.client("stranger") as api:
        assert api.get("/v1/conversations").json() == []
        answer = api.get("/v1/conversations/some-id")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Conversation not found"})
        api.headers.pop("Authorization")
        answer = api.get("/v1/conversations")
        assert answer.status_code == 401
        assert answer.json()["detail"]


def test_it_is_ready_soon_and_stops_without_leaving_anything_behind(start_cloud: StartCloud) -> None:
    began = time.monotonic()
    cloud = start_cloud()
    assert time.monotonic() - began < 30, "ready is promised within 10 s on an idle machine"
    assert cloud.process is not None
    family = psutil.Process(cloud.process.pid).children(recursive=True)
    assert family
    assert cloud.stop() == 0
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    assert json.loads((cloud.data / "environment.json").read_text())["EARSHOT_URL"]


def _completed(conversation: dict[str, Any]) -> dict[str, Any] | None:
    return conversation if conversation.get("status") == "completed" else None
