"""`/v1/sync-local-files` and `/v2/sync-local-files` as apps call them, old and new."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from common.core import clock
from common.core.settings import settings
from common.entry.api.sizes import LARGEST_BODY
from tests.support.offline import BEGIN, everything, named, opus_bin, pcm_bin, silence, understand, voice, work
from tests.support.stores import Stores
from tests.wire.api.conftest import ApiAs

pytestmark = pytest.mark.usefixtures("stores", "counting", "first_words", "words")

V1, V2 = "/v1/sync-local-files", "/v2/sync-local-files"
TALK = opus_bin(voice(10))
GARBAGE = b"\xff" * 500


@pytest.fixture
def impatient() -> Iterator[None]:
    """Answers that wait for something wait a moment only."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ANSWER_WAIT_S", "0.01")
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture
def working(uid: str) -> Iterator[None]:
    """A worker that does what there is to do."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(0.05):
            work(uid)
            understand(uid)

    worker = threading.Thread(target=run)
    worker.start()
    yield
    done.set()
    worker.join()


def form(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (name, data, "application/octet-stream")) for name, data in files]


class TestLater:
    """Version 2: accepted at once, asked after later."""

    def test_files_are_accepted_and_told_of_until_they_are_done(self, api: httpx.Client, uid: str) -> None:
        answer = api.post(V2, files=form((named(0), TALK), (named(3600), opus_bin(silence(5)))))
        assert answer.status_code == 202
        accepted = answer.json()
        assert accepted | {"job_id": ""} == {
            "job_id": "",
            "status": "queued",
            "total_files": 2,
            "total_segments": 0,
            "poll_after_ms": 3000,
        }
        at = f"{V2}/{accepted['job_id']}"
        assert api.get(at).json()["status"] == "queued"
        work(uid)
        half = api.get(at).json()
        assert (half["status"], half["total_segments"], half["processed_segments"]) == ("processing", 1, 0)
        assert half["result"] is None
        understand(uid)
        done = api.get(at).json()
        [conversation] = everything(uid)
        assert done | {"files": []} == {
            "job_id": accepted["job_id"],
            "status": "completed",
            "total_files": 2,
            "total_segments": 1,
            "processed_segments": 1,
            "successful_segments": 1,
            "failed_segments": 0,
            "files": [],
            "result": {
                "new_memories": [conversation.id],
                "updated_memories": [],
                "failed_segments": 0,
                "total_segments": 1,
                "errors": [],
            },
            "error": None,
        }
        assert [(each["status"], each["reason"]) for each in done["files"]] == [
            ("completed", None),
            ("completed", "nothing is said in it"),
        ]
        shown = api.get(f"/v1/conversations/{conversation.id}").json()
        assert shown["started_at"] == "2026-03-01T08:00:00Z"
        assert shown["transcript_segments"]

    def test_the_recording_can_be_played(self, api: httpx.Client, uid: str) -> None:
        api.post(V2, files=form((named(0), TALK)))
        work(uid)
        understand(uid)
        api.post(V2, files=form((named(-30), opus_bin(voice(12, seed=4)))))
        work(uid)
        understand(uid)
        [conversation] = everything(uid)
        [file] = api.get(f"/v1/sync/audio/{conversation.id}/urls").json()["audio_files"]
        assert file["duration"] == pytest.approx(40, abs=0.1)
        pcm = api.get(f"/v1/sync/audio/{conversation.id}/{file['id']}?format=pcm").content
        assert any(pcm[: 32_000 * 10])
        assert not any(pcm[32_000 * 15 : 32_000 * 29])
        assert any(pcm[32_000 * 31 :])

    def test_the_same_files_again_are_the_same_job(self, api: httpx.Client) -> None:
        jobs = {api.post(V2, files=form((named(0), TALK))).json()["job_id"] for _ in range(2)}
        assert len(jobs) == 1

    def test_a_job_is_known_to_its_owner_only(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        job_id = api.post(V2, files=form((named(0), TALK))).json()["job_id"]
        assert api_as(f"{uid}-2").get(f"{V2}/{job_id}").status_code == 404
        assert api.get(f"{V2}/nothing").json() == {"detail": "Job not found"}

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("talk.bin", "timestamp"),
            (named(0, begin=BEGIN - timedelta(days=900)), "before 2024"),
            (named(0, begin=clock.now() + timedelta(days=2)), "future"),
            (f"audio_omi_pcm16_16000_2_fs160_{int(BEGIN.timestamp())}.bin", "one channel"),
        ],
        ids=["no time", "too old", "in two days", "two channels"],
    )
    @pytest.mark.parametrize("path", [V1, V2])
    def test_a_bad_name_is_told(self, api: httpx.Client, path: str, name: str, why: str) -> None:
        answer = api.post(path, files=form((name, TALK)))
        assert answer.status_code == 400
        assert why in answer.json()["detail"]
        assert name[:100] in answer.json()["detail"], "which of them it was"

    def test_a_bad_name_costs_no_other_file(self, api: httpx.Client, uid: str) -> None:
        answer = api.post(V2, files=form((named(0), TALK), ("talk.bin", TALK)))
        assert (answer.status_code, answer.json()["total_files"]) == (202, 2)
        work(uid)
        understand(uid)
        done = api.get(f"{V2}/{answer.json()['job_id']}").json()
        assert (done["status"], done["result"]["new_memories"]) == ("partial_failure", [everything(uid)[0].id])
        assert [(each["name"], each["status"]) for each in done["files"]] == [
            (named(0), "completed"),
            ("talk.bin", "failed"),
        ]
        assert "timestamp" in done["error"]

    def test_what_was_recorded_two_years_ago_is_taken(self, api: httpx.Client, uid: str) -> None:
        assert api.post(V2, files=form((named(0, begin=BEGIN - timedelta(days=700)), TALK))).status_code == 202
        work(uid)
        assert len(everything(uid)) == 1

    def test_without_files_there_is_nothing_to_do(self, api: httpx.Client) -> None:
        assert api.post(V2, data={"conversation_id": "x"}).status_code == 422

    @pytest.mark.parametrize("given", [{"params": {"conversation_id": "x"}}, {"data": {"conversation_id": "x"}}])
    def test_a_conversation_that_does_not_exist_is_told(self, api: httpx.Client, given: dict[str, Any]) -> None:
        answer = api.post(V2, files=form((named(0), TALK)), **given)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Conversation not found"})


@pytest.mark.usefixtures("working")
class TestAtOnce:
    """Version 1: answered when it is done."""

    def test_the_answer_says_which_conversations_there_are(self, api: httpx.Client, uid: str) -> None:
        answer = api.post(V1, files=form((named(0), TALK)))
        [conversation] = everything(uid)
        assert (answer.status_code, answer.json()["new_memories"]) == (200, [conversation.id])
        later = api.post(V1, files=form((named(15), opus_bin(voice(10, seed=3)))))
        assert (later.json()["new_memories"], later.json()["updated_memories"]) == ([], [conversation.id])

    def test_what_partly_failed_is_207_and_says_what(self, api: httpx.Client) -> None:
        answer = api.post(V1, files=form((named(0), TALK), (named(3600), GARBAGE)))
        assert answer.status_code == 207
        told = answer.json()
        assert (len(told["new_memories"]), told["failed_segments"], told["total_segments"]) == (1, 1, 2)
        assert told["errors"] == ["the file is damaged: no frame of it can be read"]

    def test_a_bad_name_among_good_ones_is_207_and_says_which(self, api: httpx.Client) -> None:
        answer = api.post(V1, files=form(("talk.bin", TALK), (named(0), TALK)))
        assert (answer.status_code, len(answer.json()["new_memories"])) == (207, 1)
        assert "(talk.bin)" in answer.json()["errors"][0]

    def test_what_failed_altogether_is_500(self, api: httpx.Client) -> None:
        answer = api.post(V1, files=form((named(0), GARBAGE)))
        assert answer.status_code == 500
        assert answer.json() == {"detail": "the file is damaged: no frame of it can be read"}


@pytest.mark.usefixtures("impatient")
def test_what_takes_longer_than_an_answer_may_is_safe_all_the_same(api: httpx.Client, uid: str) -> None:
    answer = api.post(V1, files=form((named(0), TALK)))
    assert (answer.status_code, answer.json()["new_memories"]) == (200, [])
    work(uid)
    assert len(everything(uid)) == 1


class TestLargeFiles:
    """Files that do not fit into a request, in pieces and with interruptions."""

    def test_a_file_is_sent_to_the_bucket_in_pieces_and_goes_on_where_it_stopped(
        self, api: httpx.Client, uid: str, stores: Stores
    ) -> None:
        data = pcm_bin(voice(20))
        name = named(0, codec="pcm16")
        wanted = {"name": name, "size": len(data), "md5": hashlib.md5(data, usedforsecurity=False).hexdigest()}
        answer = api.post(f"{V2}/uploads", json={"files": [wanted]})
        assert answer.status_code == 202
        [upload] = answer.json()["uploads"]
        piece = 256 * 1024
        with httpx.Client(trust_env=False, timeout=30) as bucket:
            first = {"Content-Range": f"bytes 0-{piece - 1}/{len(data)}"}
            assert bucket.put(upload["upload_url"], content=data[:piece], headers=first).status_code == 308
            far = bucket.put(upload["upload_url"], headers={"Content-Range": f"bytes */{len(data)}"})
            assert (far.status_code, far.headers["range"]) == (308, f"bytes=0-{piece - 1}")
            rest = {"Content-Range": f"bytes {piece}-{len(data) - 1}/{len(data)}"}
            assert bucket.put(upload["upload_url"], content=data[piece:], headers=rest).status_code == 200
        assert stores.uploads[-1]["name"].startswith(f"{uid}/offline/")
        again = api.post(f"{V2}/uploads", json={"files": [wanted]}).json()
        assert again["uploads"] == [{"name": name, "upload_url": None, "error": None}]
        work(uid)
        understand(uid)
        done = api.get(f"{V2}/{answer.json()['job_id']}").json()
        assert (done["status"], done["result"]["new_memories"]) == ("completed", [everything(uid)[0].id])

    def test_what_is_not_taken_is_told_beside_where_the_others_go(self, api: httpx.Client) -> None:
        wanted = [{"name": name, "size": 1, "md5": "0" * 32} for name in ("talk.bin", named(0))]
        good, bad = api.post(f"{V2}/uploads", json={"files": wanted}).json()["uploads"]
        assert (good["name"], good["error"]) == (named(0), None)
        assert good["upload_url"]
        assert (bad["name"], bad["upload_url"]) == ("talk.bin", None)
        assert "timestamp" in bad["error"]

    def test_what_is_not_as_it_was_announced_does_not_count(self, api: httpx.Client, uid: str) -> None:
        wanted = {"name": named(0), "size": len(TALK), "md5": "0" * 32}
        [upload] = api.post(f"{V2}/uploads", json={"files": [wanted]}).json()["uploads"]
        with httpx.Client(trust_env=False, timeout=30) as bucket:
            assert bucket.put(upload["upload_url"], content=TALK).status_code == 400
        work(uid)
        assert everything(uid) == []

    @pytest.mark.parametrize("wrong", [{"name": "talk.bin"}, {"md5": "x"}, {"size": -1}, {"size": 5 * 1024**3}])
    def test_what_cannot_be_is_refused(self, api: httpx.Client, wrong: dict[str, Any]) -> None:
        wanted = {"name": named(0), "size": 1, "md5": "0" * 32} | wrong
        assert api.post(f"{V2}/uploads", json={"files": [wanted]}).status_code in {400, 422}

    def test_a_request_that_is_too_large_is_told(self, api: httpx.Client) -> None:
        assert api.post(V2, files=form((named(0), bytes(LARGEST_BODY + 1)))).status_code == 413
