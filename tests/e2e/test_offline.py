"""A device comes back with what it recorded alone; the words survive whatever happens after they were accepted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.speech.blocks import encode_block
from tests.e2e.conftest import StartCloud
from tests.support.cloud import RunningCloud
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

RECORDED = datetime(2026, 1, 10, 9, 30, tzinfo=UTC)
_PIECE_S = 20


def pieces(packets: list[bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    """The recording as the files that a device makes of it."""
    size = _PIECE_S * 50
    return [
        (
            "files",
            (
                f"audio_omi_opus_fs320_16000_1_fs320_{int((RECORDED + timedelta(seconds=at / 50)).timestamp())}.bin",
                encode_block(packets[at : at + size]),
            ),
        )
        for at in range(0, len(packets), size)
    ]


def outcome(cloud: RunningCloud, uid: str, job_id: str) -> dict[str, Any]:
    """What a job has come to, once it has."""

    def ask() -> dict[str, Any] | None:
        with cloud.client(uid) as api:
            told: dict[str, Any] = api.get(f"/v2/sync-local-files/{job_id}").json()
        return told if told["status"] not in {"queued", "processing"} else None

    return eventually(ask, within_s=120, what="the job is done")


def test_what_was_accepted_becomes_a_conversation_though_everything_is_killed_at_once(
    start_cloud: StartCloud, packets: list[bytes]
) -> None:
    cloud = start_cloud()
    with cloud.client("alone") as api:
        answer = api.post("/v2/sync-local-files", files=list(reversed(pieces(packets))))
    assert answer.status_code == 202
    cloud.kill()
    cloud.start()
    told = outcome(cloud, "alone", answer.json()["job_id"])
    assert (told["status"], told["failed_segments"]) == ("completed", 0)
    [conversation_id] = told["result"]["new_memories"]
    with cloud.client("alone") as api:
        conversation = api.get(f"/v1/conversations/{conversation_id}").json()
        again = api.post("/v2/sync-local-files", files=pieces(packets)).json()
    assert (conversation["status"], conversation["started_at"]) == ("completed", "2026-01-10T09:30:00Z")
    words = " ".join(segment["text"] for segment in conversation["transcript_segments"]).split()
    assert len(words) > 50
    assert again["job_id"] == answer.json()["job_id"]
    assert outcome(cloud, "alone", again["job_id"]) == told
    assert list(cloud.inside.conversations("alone")) == [conversation_id]
