"""Offline recordings against the stores: placed once, in the right conversation, whatever happens on the way."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from threading import Thread
from typing import Any

import pytest

from common.conversations import sweep
from common.conversations.merge import merge_conversations, start_merge
from common.conversations.offline import placing, working
from common.conversations.offline.progress import report_job
from common.conversations.offline.receiving import Announced, Sent, announce, arrived, path_of, receive
from common.conversations.offline.scanning import look_through
from common.conversations.offline.working import ingest_offline
from common.conversations.parting import end_due_audio
from common.conversations.purge import purge_conversation
from common.conversations.upload import reject_upload, transcribe_upload
from common.core import clock
from common.core.errors import BadRequestError, LeaseHeldError, LockedError, NotFoundError, RetryableError
from common.core.settings import settings
from common.database import (
    audio_blocks,
    audio_ends,
    audio_traces,
    claims,
    conversations,
    offline_files,
    tombstones,
    uploads,
    users,
)
from common.database.clients import storage_client
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import IngestOffline, MergeConversations
from common.models.offline import FileState, JobReport, JobStatus, OfflineFile
from common.models.upload import Upload
from common.speech.blocks import decode_block, encode_block
from common.speech.marks import marks_of
from common.speech.transcriber import Heard
from tests.support.making import a_block, a_conversation, a_segment
from tests.support.offline import (
    BEGIN,
    everything,
    named,
    opus_bin,
    pcm_bin,
    sent,
    silence,
    understand,
    unrepeated,
    voice,
    work,
)
from tests.support.providers import CountingTranscriber
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores", "counting", "first_words", "words")

HALF_MINUTE = voice(30)


def hand_in(uid: str, *files: Sent, conversation_id: str | None = None) -> JobReport:
    """Hand files in and have everything done."""
    job = receive(files, uid=uid, conversation_id=conversation_id)
    work(uid)
    understand(uid)
    return report_job(job.id, uid=uid)


def told(report: JobReport) -> tuple[list[str], list[str]]:
    assert report.result is not None
    return report.result.new_memories, report.result.updated_memories


def the_only(uid: str) -> Conversation:
    [conversation] = everything(uid)
    return conversation


def words(conversation: Conversation) -> list[tuple[float, str]]:
    return [(each.start, each.text) for each in conversation.transcript_segments]


def stored_s(uid: str, conversation_id: str) -> float:
    blocks = audio_blocks.list_blocks(uid=uid, conversation_id=conversation_id)
    return sum(block.end - block.start for block in blocks)


def a_past_talk(uid: str, begin: float, end: float, **fields: Any) -> Conversation:
    """A conversation that was captured live, from `begin` to `end` seconds after BEGIN."""
    known: dict[str, Any] = {
        "id": "past",
        "status": "completed",
        "run": 1,
        "created_at": BEGIN + timedelta(seconds=begin),
        "started_at": BEGIN + timedelta(seconds=begin),
        "finished_at": BEGIN + timedelta(seconds=end),
        "transcript_segments": [a_segment("hello there", 1, 2, id="old")],
        "covered": {"live": [{"start": 0, "end": end - begin}]},
    }
    return conversations.create(a_conversation(**{**known, **fields}), uid=uid)


def files_of(uid: str) -> list[OfflineFile]:
    files = offline_files.of(uid=uid)
    return files.stream(files.collection.limit(1000))


def forget(uid: str) -> None:
    """What a TTL policy does in the end."""
    for documents in (offline_files.of(uid=uid), offline_files.jobs(uid=uid)):
        documents.delete_found(documents.collection)


class TestPlacing:
    """From a file to conversations."""

    def test_each_stretch_of_speech_becomes_a_conversation_at_its_time(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        recording = silence(10) + HALF_MINUTE + silence(130) + HALF_MINUTE
        report = hand_in(uid, Sent(named(0), BytesIO(opus_bin(recording))))
        assert (report.status, report.total_segments, report.successful_segments) == (JobStatus.COMPLETED, 2, 2)
        first, second = everything(uid)
        assert told(report) == (sorted([first.id, second.id]), [])
        assert first.started_at is not None
        assert second.started_at is not None
        assert (first.started_at - BEGIN).total_seconds() == pytest.approx(9, abs=0.6)
        assert (second.started_at - BEGIN).total_seconds() == pytest.approx(169, abs=0.6)
        assert first.created_at == first.started_at
        assert (first.source.value, first.capture.kind) == ("omi", "upload")
        assert sum(counting.heard) < 64, "what lies between is not paid for"

    def test_pcm_and_a_pendant_of_another_maker_work_too(self, uid: str) -> None:
        name = f"audio_limitless_pcm16_16000_1_fs320_{int(BEGIN.timestamp())}000.bin"
        hand_in(uid, Sent(name, BytesIO(pcm_bin(HALF_MINUTE))))
        assert the_only(uid).source.value == "limitless"

    def test_a_long_pause_in_a_stretch_is_stored_and_not_paid_for(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        hand_in(uid, sent(0, HALF_MINUTE + silence(100) + HALF_MINUTE))
        assert stored_s(uid, the_only(uid).id) == pytest.approx(160, abs=1)
        assert sum(counting.heard) == pytest.approx(64, abs=4)

    def test_files_that_follow_one_another_are_one_conversation_however_they_come(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        files = [sent(30 * number, voice(30.4, seed=number)) for number in (3, 0, 4, 1, 2)]
        report = hand_in(uid, *files)
        conversation = the_only(uid)
        assert told(report) == ([conversation.id], [])
        assert conversation.started_at == BEGIN
        assert stored_s(uid, conversation.id) == pytest.approx(5 * 30.4, abs=0.1), "a second of rounding costs nothing"
        [heard] = counting.heard
        assert heard == pytest.approx(5 * 30.4, abs=0.1), "and they are understood as one"

    def test_what_comes_later_out_of_order_makes_a_conversation_longer_at_both_ends(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        hand_in(uid, sent(600, HALF_MINUTE))
        first = the_only(uid)
        report = hand_in(uid, sent(560, voice(20, seed=2)))
        assert told(report) == ([], [first.id])
        hand_in(uid, sent(640, voice(25, seed=3)))
        conversation = the_only(uid)
        assert conversation.started_at == BEGIN + timedelta(seconds=560)
        assert [start for start, _ in words(conversation)] == [
            pytest.approx(10, abs=0.1),
            pytest.approx(40 + 15, abs=0.1),
            pytest.approx(80 + 12.5, abs=0.1),
        ]
        assert counting.heard == [pytest.approx(30, abs=0.1), pytest.approx(20, abs=0.1), pytest.approx(25, abs=0.1)]

    def test_the_users_language_and_wish_to_keep_recordings_count_for_it(self, uid: str) -> None:
        users.change(uid=uid, language="de", private_cloud_sync_enabled=True)
        hand_in(uid, sent(0, HALF_MINUTE))
        assert (the_only(uid).language, the_only(uid).private_cloud_sync_enabled) == ("de", True)


class TestLateParts:
    """Audio of a conversation that exists."""

    def test_a_part_that_was_missing_is_added_and_it_is_structured_again(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        a_past_talk(uid, 0, 60)
        report = hand_in(uid, sent(90, HALF_MINUTE))
        conversation = the_only(uid)
        assert told(report) == ([], ["past"])
        assert words(conversation)[0] == (1.0, "hello there")
        assert words(conversation)[1][0] == pytest.approx(105, abs=0.1)
        assert (conversation.status, len(counting.heard)) == (ConversationStatus.COMPLETED, 1)
        assert conversation.run > 1

    def test_a_part_from_before_it_began_moves_its_beginning(self, uid: str) -> None:
        a_past_talk(uid, 0, 60)
        hand_in(uid, sent(-40, voice(20)))
        conversation = the_only(uid)
        assert conversation.started_at == BEGIN - timedelta(seconds=40)
        assert [start for start, _ in words(conversation)] == [pytest.approx(10, abs=0.1), 41.0]
        assert conversation.covered["live"][0].start == 40

    def test_one_whose_beginning_was_moved_is_merged_as_it_is(self, uid: str, counting: CountingTranscriber) -> None:
        hand_in(uid, sent(600, HALF_MINUTE))
        hand_in(uid, sent(560, voice(20, seed=2)), sent(3600, voice(20, seed=3)))
        moved, other = everything(uid)
        before = words(moved)
        heard = len(counting.heard)
        into = start_merge([moved.id, other.id], uid=uid, reprocess=True)
        merge_conversations(
            MergeConversations(uid=uid, conversation_id=into, run=0, source_ids=(moved.id, other.id), reprocess=True)
        )
        understand(uid)
        merged = the_only(uid)
        assert words(merged)[:2] == before
        assert len(counting.heard) == heard, "all of it was understood before"
        blocks = sorted(audio_blocks.list_blocks(uid=uid, conversation_id=into), key=lambda block: block.start)
        assert [round(block.start) for block in blocks] == [0, 40, 3040]

    def test_further_away_it_is_a_conversation_of_its_own(self, uid: str) -> None:
        a_past_talk(uid, 0, 60)
        hand_in(uid, sent(200, HALF_MINUTE))
        assert len(everything(uid)) == 2

    def test_what_was_discarded_is_judged_again(self, uid: str) -> None:
        relevance = {"verdict": "discard", "decided_by": "model", "reason": "short"}
        a_past_talk(uid, 0, 60, discarded=True, relevance=relevance)
        hand_in(uid, sent(61, HALF_MINUTE))
        revived = the_only(uid)
        assert len(words(revived)) == 2
        assert revived.relevance is not None
        assert revived.relevance.reason != "short"

    def test_what_its_owner_has_deleted_stays_deleted(self, uid: str) -> None:
        a_past_talk(uid, 0, 60)
        conversations.delete(uid=uid, conversation_id="past")
        hand_in(uid, sent(30, HALF_MINUTE))
        assert the_only(uid).id != "past"
        mine = the_only(uid).id
        conversations.delete(uid=uid, conversation_id=mine)
        audio_blocks.delete_all(uid=uid, conversation_id=mine)
        forget(uid)
        report = hand_in(uid, sent(30, HALF_MINUTE))
        assert everything(uid) == []
        assert (report.status, told(report)) == (JobStatus.COMPLETED, ([], []))
        assert audio_blocks.list_blocks(uid=uid, conversation_id=mine) == []

    def test_the_conversation_that_is_named_wins(self, uid: str) -> None:
        a_past_talk(uid, 0, 60)
        a_past_talk(uid, 3600, 3660, id="named", discarded=True)
        report = hand_in(uid, sent(30, HALF_MINUTE), conversation_id="named")
        assert told(report) == ([], ["named"])
        named_one = conversations.get(uid=uid, conversation_id="named")
        assert named_one.started_at == BEGIN + timedelta(seconds=30)
        assert not named_one.discarded

    def test_what_is_named_must_be_there_and_paid_for(self, uid: str) -> None:
        with pytest.raises(NotFoundError):
            receive([sent(0, HALF_MINUTE)], uid=uid, conversation_id="nothing")
        a_past_talk(uid, 0, 60, is_locked=True)
        with pytest.raises(LockedError):
            receive([sent(0, HALF_MINUTE)], uid=uid, conversation_id="past")
        assert files_of(uid) == []

    def test_a_conversation_that_is_being_held_takes_its_missing_part_along(self, uid: str) -> None:
        a_past_talk(uid, 0, 0, status="in_progress", run=0)
        report = hand_in_only(uid, sent(10, HALF_MINUTE))
        assert (report.status, told(report)) == (JobStatus.COMPLETED, ([], ["past"]))
        assert the_only(uid).status is ConversationStatus.IN_PROGRESS
        assert stored_s(uid, "past") == pytest.approx(30, abs=0.1)

    def test_while_it_is_being_held_its_beginning_stays(self, uid: str) -> None:
        a_past_talk(uid, 0, 0, status="in_progress", run=0)
        hand_in_only(uid, sent(-40, HALF_MINUTE))
        earlier, held = everything(uid)
        assert held.started_at == BEGIN
        assert stored_s(uid, earlier.id) == pytest.approx(30, abs=0.1)

    def test_while_it_is_being_merged_its_part_waits(self, uid: str) -> None:
        a_past_talk(uid, 0, 60, status="merging")
        job = receive([sent(61, HALF_MINUTE)], uid=uid)
        with pytest.raises(RetryableError):
            work(uid)
        assert report_job(job.id, uid=uid).status is JobStatus.PROCESSING
        conversations.reference(uid=uid, conversation_id="past").update({"status": "completed"})
        work(uid)
        understand(uid)
        assert told(report_job(job.id, uid=uid)) == ([], ["past"])

    def test_one_that_is_deleted_in_that_moment_does_not_take_the_words_along(
        self, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_past_talk(uid, 0, 60)
        put = audio_blocks.put

        def put_and_delete(*arguments: Any, **options: Any) -> None:
            put(*arguments, **options)
            if options["conversation_id"] == "past":
                conversations.delete(uid=uid, conversation_id="past")

        monkeypatch.setattr(audio_blocks, "put", put_and_delete)
        report = hand_in(uid, sent(61, HALF_MINUTE))
        assert told(report) == ([the_only(uid).id], [])
        assert audio_blocks.list_blocks(uid=uid, conversation_id="past") == []


def hand_in_only(uid: str, *files: Sent) -> JobReport:
    job = receive(files, uid=uid)
    work(uid)
    return report_job(job.id, uid=uid)


class TestAgain:
    """The same audio again."""

    def test_the_same_files_are_the_same_job_with_the_same_result(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        first = hand_in(uid, sent(0, HALF_MINUTE))
        assert hand_in(uid, sent(0, HALF_MINUTE)) == first
        assert len(counting.heard) == 1

    def test_while_it_is_under_way_one_joins_it(self, uid: str, counting: CountingTranscriber) -> None:
        first = receive([sent(0, HALF_MINUTE)], uid=uid)
        again = receive([sent(0, HALF_MINUTE)], uid=uid)
        assert first.id == again.id
        work(uid)
        third = receive([sent(0, HALF_MINUTE)], uid=uid)
        understand(uid)
        assert report_job(third.id, uid=uid).status is JobStatus.COMPLETED
        assert len(counting.heard) == 1

    def test_known_by_what_it_holds_not_by_who_remembers_it(self, uid: str, counting: CountingTranscriber) -> None:
        hand_in(uid, sent(0, HALF_MINUTE))
        forget(uid)
        report = hand_in(uid, sent(0, HALF_MINUTE))
        assert told(report) == ([], [the_only(uid).id])
        assert (len(counting.heard), len(words(the_only(uid)))) == (1, 1)
        assert stored_s(uid, the_only(uid).id) == pytest.approx(30, abs=0.1)

    def test_a_file_that_has_grown_adds_only_what_is_new(self, uid: str, counting: CountingTranscriber) -> None:
        hand_in(uid, sent(0, HALF_MINUTE))
        hand_in(uid, sent(0, HALF_MINUTE + voice(20, seed=9)))
        assert counting.heard == [pytest.approx(30, abs=0.1), pytest.approx(20, abs=0.1)]
        assert stored_s(uid, the_only(uid).id) == pytest.approx(50, abs=0.1)

    def test_other_audio_with_the_same_time_is_another_recording(self, uid: str, counting: CountingTranscriber) -> None:
        hand_in(uid, sent(0, HALF_MINUTE))
        hand_in(uid, sent(0, voice(30, seed=9)))
        assert len(counting.heard) == 2
        assert stored_s(uid, the_only(uid).id) == pytest.approx(60, abs=0.2)

    def test_two_devices_that_heard_the_same_are_one_conversation(self, uid: str) -> None:
        hand_in(uid, sent(0, HALF_MINUTE), sent(2, voice(30, seed=5), device="phone"))
        assert stored_s(uid, the_only(uid).id) == pytest.approx(60, abs=0.2)

    def test_after_a_partial_failure_only_what_failed_runs_again(self, uid: str, counting: CountingTranscriber) -> None:
        def both() -> list[Sent]:
            return [sent(0, HALF_MINUTE), Sent(named(3600), BytesIO(b"\xff" * 100))]

        first = hand_in(uid, *both())
        assert (first.status, first.successful_segments, first.failed_segments) == (JobStatus.PARTIAL_FAILURE, 1, 1)
        assert first.files[1].reason == "the file is damaged: no frame of it can be read"
        before = the_only(uid)
        again = receive(both(), uid=uid)
        states = {file.name: file.state for file in files_of(uid)}
        assert states == {named(0, codec="pcm16"): FileState.PLACED, named(3600): FileState.STORED}
        work(uid)
        assert report_job(again.id, uid=uid) == first
        assert the_only(uid) == before
        assert len(counting.heard) == 1

    def test_two_uploads_at_once_are_one(self, uid: str, counting: CountingTranscriber) -> None:
        threads = [Thread(target=receive, args=([sent(0, HALF_MINUTE)],), kwargs={"uid": uid}) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        work(uid)
        understand(uid)
        assert len(files_of(uid)) == 1
        assert len(counting.heard) == 1


class TestCrashes:
    """A worker may end anywhere."""

    @pytest.mark.parametrize(
        ("module", "name", "after"),
        [
            (working, "look_through", 0),
            (working, "note_place", 0),
            (working, "note_place", 1),
            (working, "store", 0),
            (working, "store", 1),
            (working, "awaken", 0),
            (audio_blocks, "put", 2),
            (uploads, "expire", 0),
        ],
    )
    def test_another_goes_on_there_and_nothing_is_doubled_or_lost(
        self,
        uid: str,
        monkeypatch: pytest.MonkeyPatch,
        counting: CountingTranscriber,
        module: Any,
        name: str,
        after: int,
    ) -> None:
        monkeypatch.setattr(placing, "BLOCK_S", 10.0)
        job = receive([sent(0, voice(25) + silence(130) + voice(12, seed=2))], uid=uid)
        real: Callable[..., Any] = getattr(module, name)
        calls = 0

        def dies(*arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > after:
                raise KeyboardInterrupt
            return real(*arguments, **options)

        with monkeypatch.context() as patched:
            patched.setattr(module, name, dies)
            with pytest.raises(KeyboardInterrupt):
                work(uid)
        work(uid)
        understand(uid)
        assert report_job(job.id, uid=uid).status is JobStatus.COMPLETED
        first, second = everything(uid)
        assert [stored_s(uid, each.id) for each in (first, second)] == [
            pytest.approx(26.44, abs=0.02),
            pytest.approx(12.82, abs=0.02),
        ]
        assert sum(counting.heard) == pytest.approx(26.44 + 12.82, abs=0.1)

    def test_a_worker_that_runs_out_of_time_asks_for_another(
        self, uid: str, stores: Stores, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("common.conversations.offline.scanning.STEP_S", 60.0)
        monkeypatch.setattr(placing, "BLOCK_S", 10.0)
        job = receive([sent(0, voice(70))], uid=uid)
        rounds = 0
        while report_job(job.id, uid=uid).status is JobStatus.QUEUED or files_of(uid)[0].state is FileState.STORED:
            asked = count_wakes(stores, uid)
            ingest_offline(IngestOffline(uid=uid), patience_s=0)
            rounds += 1
            if files_of(uid)[0].state is FileState.STORED:
                assert count_wakes(stores, uid) == asked + 1
            assert rounds < 50
        understand(uid)
        assert rounds > 5
        assert stored_s(uid, the_only(uid).id) == pytest.approx(70, abs=0.1)

    def test_two_workers_are_never_at_it(self, uid: str) -> None:
        receive([sent(0, HALF_MINUTE)], uid=uid)
        claims.acquire(uid=uid, step="ingest_offline", subject="files", run=0, lease_seconds=600)
        with pytest.raises(LeaseHeldError):
            work(uid)

    def test_the_sweep_asks_for_a_worker_where_one_was_lost(self, uid: str, stores: Stores) -> None:
        receive([sent(0, HALF_MINUTE)], uid=uid)
        asked = count_wakes(stores, uid)
        sweep.sweep()
        assert count_wakes(stores, uid) == asked, "it waits no longer than is usual"
        [file] = files_of(uid)
        offline_files.of(uid=uid).put(file.model_copy(update={"updated_at": BEGIN}))
        sweep.sweep()
        assert count_wakes(stores, uid) == asked + 1
        claims.acquire(uid=uid, step="ingest_offline", subject="files", run=0, lease_seconds=600)
        sweep.sweep()
        assert count_wakes(stores, uid) == asked + 1, "somebody is at it"

    def test_a_file_that_always_kills_its_worker_fails_and_the_others_do_not(
        self, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad = sent(0, HALF_MINUTE)
        job = receive([bad, sent(3600, HALF_MINUTE)], uid=uid)
        real = look_through

        def dies(file: OfflineFile, *arguments: Any) -> OfflineFile:
            if file.name == bad.name:
                raise MemoryError
            return real(file, *arguments)

        monkeypatch.setattr(working, "look_through", dies)
        for _ in range(settings().max_attempts):
            with pytest.raises(RetryableError):
                work(uid)
        work(uid)
        understand(uid)
        report = report_job(job.id, uid=uid)
        assert (report.status, report.files[0].reason) == (JobStatus.PARTIAL_FAILURE, "it could not be worked on")
        assert stored_s(uid, the_only(uid).id) == pytest.approx(30, abs=0.1)

    def test_when_nobody_understands_it_the_job_says_so_and_handing_it_in_again_tries_again(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        job = receive([sent(0, HALF_MINUTE)], uid=uid)
        work(uid)
        made = the_only(uid)
        conversations.reference(uid=uid, conversation_id=made.id).update({"status": "failed", "pending_spans": []})
        report = report_job(job.id, uid=uid)
        assert (report.status, report.failed_segments) == (JobStatus.FAILED, 1)
        assert hand_in(uid, sent(0, HALF_MINUTE)).status is JobStatus.COMPLETED
        assert len(counting.heard) == 1


class TestContents:
    """Whatever is in a file, its job ends and says why."""

    @pytest.mark.parametrize(
        ("data", "status", "reason"),
        [
            (b"", JobStatus.COMPLETED, "the file is empty"),
            (pcm_bin(silence(20)), JobStatus.COMPLETED, "nothing is said in it"),
            (b"\xff" * 5000, JobStatus.FAILED, "the file is damaged: no frame of it can be read"),
            (b"\x01", JobStatus.FAILED, "the file is cut off: no frame of it can be read"),
        ],
    )
    def test_nothing_becomes_no_conversation(self, uid: str, data: bytes, status: JobStatus, reason: str) -> None:
        report = hand_in(uid, Sent(named(0, codec="pcm16"), BytesIO(data)))
        assert (report.status, report.files[0].status, report.files[0].reason) == (status, status, reason)
        assert everything(uid) == []

    def test_noise_in_which_nobody_speaks_leaves_nothing(self, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(CountingTranscriber, "transcribe", lambda *_, **__: Heard((), 30.0))
        report = hand_in(uid, sent(0, HALF_MINUTE))
        assert (report.status, told(report)) == (JobStatus.COMPLETED, ([], []))
        assert everything(uid) == []

    def test_what_is_cut_off_is_used_as_far_as_it_goes(self, uid: str) -> None:
        report = hand_in(uid, Sent(named(0), BytesIO(opus_bin(HALF_MINUTE)[:-7])))
        assert report.status is JobStatus.COMPLETED
        assert report.files[0].reason == "the file is cut off; what comes before is used"
        assert stored_s(uid, the_only(uid).id) == pytest.approx(30, abs=0.1)

    def test_the_frames_that_are_stored_are_those_that_were_sent(self, uid: str) -> None:
        data = opus_bin(voice(130))
        hand_in_only(uid, Sent(named(0), BytesIO(data)))
        blocks = audio_blocks.list_blocks(uid=uid, conversation_id=the_only(uid).id)
        assert [round(block.end - block.start) for block in blocks] == [60, 60, 10]
        assert [frame for block in blocks for frame in decode_block(audio_blocks.read(block))] == decode_block(data)

    def test_blocks_are_of_bearable_size_whatever_the_frames_are(self, uid: str) -> None:
        pcm = array("h", voice(20))
        wide = array("h", (sample for sample in pcm for _ in range(12))).tobytes()
        frames = [wide[at : at + 7680] for at in range(0, len(wide), 7680)]
        untimed = [b"x"] * 10_000
        name = named(0, codec="pcm16").replace("_16000_", "_192000_")
        loud = Sent(name, BytesIO(encode_block([*frames, *untimed])))
        hand_in(uid, loud)
        blocks = audio_blocks.list_blocks(uid=uid, conversation_id=the_only(uid).id)
        sizes = [len(audio_blocks.read(block)) for block in blocks]
        assert len(sizes) > 1
        assert max(sizes) < 8 * 2**20
        assert sum(block.end - block.start for block in blocks) == pytest.approx(20, abs=1)

    def test_a_bad_name_among_good_ones_holds_up_none(self, uid: str) -> None:
        files = [Sent("talk.bin", BytesIO(b"")), sent(0, HALF_MINUTE)]
        report = hand_in(uid, *files)
        assert told(report) == ([the_only(uid).id], [])
        assert (report.status, report.failed_segments) == (JobStatus.PARTIAL_FAILURE, 1)
        assert [(file.name, file.status) for file in report.files][1] == ("talk.bin", JobStatus.FAILED)
        assert len(files_of(uid)) == 1
        assert hand_in(uid, *files) == report, "the same again is the same job"

    def test_where_no_name_is_good_none_is_stored(self, uid: str) -> None:
        with pytest.raises(BadRequestError):
            receive([Sent("talk.bin", BytesIO(b"")), Sent("more.bin", BytesIO(b""))], uid=uid)
        assert files_of(uid) == []


class TestHeardBefore:
    """What a connection has captured, or another file has brought, is not said twice."""

    TALK = unrepeated(60)

    def _captured(self, uid: str, *, seconds: float, without: tuple[int, int] = (0, 0)) -> None:
        """The first `seconds` of TALK were captured live from BEGIN on, without some of its frames."""
        a_past_talk(uid, 0, seconds)
        frames = decode_block(pcm_bin(self.TALK))[: round(seconds * 50)]
        del frames[slice(*without)]
        for at in range(0, len(frames), 250):
            block = a_block(at / 50, min(at + 250, len(frames)) / 50, session_id="live", codec="pcm16")
            within = frames[at : at + 250]
            block = replace(block, marks=marks_of(within, length_s=len(within) / 50))
            audio_blocks.put(block, encode_block(within), uid=uid, conversation_id="past")

    def _audio_goes(self, uid: str, conversation_id: str) -> None:
        """It has done its work."""
        audio_ends.expect(clock.now() - timedelta(seconds=1), uid=uid, conversation_id=conversation_id)
        end_due_audio()
        assert stored_s(uid, conversation_id) == 0

    def _stored_offline(self, uid: str) -> list[tuple[float, float]]:
        blocks = audio_blocks.list_blocks(uid=uid, conversation_id=the_only(uid).id)
        return [(each.start, each.end) for each in blocks if each.session_id != "live"]

    @pytest.mark.parametrize("off_s", [-18, -2, 0, 1, 12])
    def test_of_what_was_captured_live_only_the_rest_is_taken(self, uid: str, off_s: int) -> None:
        self._captured(uid, seconds=40)
        tail = Sent(named(20 + off_s, codec="pcm16"), BytesIO(pcm_bin(self.TALK[20 * 32_000 :])))
        assert told(hand_in(uid, tail)) == ([], ["past"])
        [stored] = self._stored_offline(uid)
        assert stored == pytest.approx((40, 60), abs=0.05)

    @pytest.mark.parametrize("off_s", [-12, -1])
    def test_of_what_is_being_captured_as_well_though_its_clock_is_behind(self, uid: str, off_s: int) -> None:
        self._captured(uid, seconds=40)
        conversations.reference(uid=uid, conversation_id="past").update({"status": "in_progress", "run": 0})
        whole = Sent(named(off_s, codec="pcm16"), BytesIO(pcm_bin(self.TALK)))
        assert told(hand_in_only(uid, whole)) == ([], ["past"])
        assert the_only(uid).started_at == BEGIN
        [stored] = self._stored_offline(uid)
        assert stored == pytest.approx((40, 60), abs=0.05)

    def test_other_audio_from_before_it_is_a_conversation_of_its_own_while_it_is_captured(self, uid: str) -> None:
        self._captured(uid, seconds=40)
        conversations.reference(uid=uid, conversation_id="past").update({"status": "in_progress", "run": 0})
        hand_in_only(uid, Sent(named(-12, codec="pcm16"), BytesIO(pcm_bin(unrepeated(40, seed=7)))))
        earlier, captured = everything(uid)
        assert captured.started_at == BEGIN
        assert stored_s(uid, earlier.id) == pytest.approx(40, abs=0.1)

    def test_what_a_connection_has_lost_in_between_is_taken_too(self, uid: str) -> None:
        self._captured(uid, seconds=40, without=(1500, 1600))
        hand_in(uid, Sent(named(0, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        stored = self._stored_offline(uid)
        assert sum(end - begin for begin, end in stored) == pytest.approx(2 + 20, abs=0.2)

    def test_a_file_that_is_stamped_a_second_later_the_second_time_adds_nothing(self, uid: str) -> None:
        hand_in(uid, Sent(named(0, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        hand_in(uid, Sent(named(1, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        assert stored_s(uid, the_only(uid).id) == pytest.approx(60, abs=0.1)

    @pytest.mark.parametrize("off_s", [-2, 0, 1])
    def test_what_was_captured_live_is_known_when_its_audio_is_gone(self, uid: str, off_s: int) -> None:
        self._captured(uid, seconds=40)
        self._audio_goes(uid, "past")
        tail = Sent(named(20 + off_s, codec="pcm16"), BytesIO(pcm_bin(self.TALK[20 * 32_000 :])))
        assert told(hand_in(uid, tail)) == ([], ["past"])
        assert sum(end - begin for begin, end in self._stored_offline(uid)) == pytest.approx(20, abs=0.5)
        assert self._stored_offline(uid)[0] == pytest.approx((40, 60), abs=0.5)

    def test_all_of_it_adds_nothing_and_is_heard_by_nobody(self, uid: str, counting: CountingTranscriber) -> None:
        self._captured(uid, seconds=60)
        self._audio_goes(uid, "past")
        hand_in(uid, Sent(named(1, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        assert self._stored_offline(uid) == []
        assert counting.heard == []
        assert [text for _, text in words(the_only(uid))] == ["hello there"]

    def test_what_a_connection_has_lost_is_taken_when_the_rest_is_gone_too(self, uid: str) -> None:
        self._captured(uid, seconds=40, without=(1500, 1600))
        self._audio_goes(uid, "past")
        hand_in(uid, Sent(named(0, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        stored = self._stored_offline(uid)
        assert sum(end - begin for begin, end in stored) == pytest.approx(2 + 20, abs=1)

    def test_other_audio_at_the_time_of_what_is_gone_is_kept_whole(self, uid: str) -> None:
        self._captured(uid, seconds=60)
        self._audio_goes(uid, "past")
        other = unrepeated(60, seed=2)
        hand_in(uid, Sent(named(0, codec="pcm16"), BytesIO(pcm_bin(other))))
        assert sum(end - begin for begin, end in self._stored_offline(uid)) == pytest.approx(60, abs=0.1)

    def test_a_file_that_comes_again_when_its_audio_is_gone_adds_nothing(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        hand_in(uid, Sent(named(0, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        heard = list(counting.heard)
        self._audio_goes(uid, the_only(uid).id)
        forget(uid)
        hand_in(uid, Sent(named(1, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        assert stored_s(uid, the_only(uid).id) == 0
        assert counting.heard == heard

    def test_it_is_known_after_the_conversation_was_found_to_begin_earlier(self, uid: str) -> None:
        self._captured(uid, seconds=60)
        self._audio_goes(uid, "past")
        hand_in(uid, sent(-40, voice(20)))
        assert the_only(uid).started_at == BEGIN - timedelta(seconds=40)
        before = stored_s(uid, "past")
        hand_in(uid, Sent(named(1, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        assert stored_s(uid, "past") == before

    def test_it_is_known_in_the_conversation_that_was_made_of_several(self, uid: str) -> None:
        hand_in(uid, Sent(named(0, codec="pcm16"), BytesIO(pcm_bin(self.TALK))), sent(3600, voice(20, seed=3)))
        first, other = everything(uid)
        for conversation in (first, other):
            self._audio_goes(uid, conversation.id)
        into = start_merge([first.id, other.id], uid=uid, reprocess=True)
        merge_conversations(
            MergeConversations(uid=uid, conversation_id=into, run=0, source_ids=(first.id, other.id), reprocess=True)
        )
        understand(uid)
        forget(uid)
        hand_in(uid, Sent(named(1, codec="pcm16"), BytesIO(pcm_bin(self.TALK))))
        assert the_only(uid).id == into
        assert stored_s(uid, into) == 0

    def test_what_is_left_of_audio_goes_with_its_conversation_and_is_no_recording(self, uid: str) -> None:
        self._captured(uid, seconds=40)
        self._audio_goes(uid, "past")
        assert audio_traces.find(uid=uid, conversation_id="past")
        assert not audio_blocks.is_any_stored(uid=uid, conversation_id="past")
        audio_blocks.keep_all(uid=uid, conversation_id="past")
        conversations.delete(uid=uid, conversation_id="past")
        purge_conversation(uid=uid, conversation_id="past")
        assert audio_traces.find(uid=uid, conversation_id="past") == []

    def test_audio_from_before_its_conversation_makes_that_begin_earlier(self, uid: str) -> None:
        a_past_talk(uid, 0, 30)
        late = decode_block(pcm_bin(self.TALK[2 * 32_000 : 32 * 32_000]))
        audio_blocks.put(
            a_block(0, 30, session_id="live", codec="pcm16"), encode_block(late), uid=uid, conversation_id="past"
        )
        hand_in(uid, Sent(named(0, codec="pcm16"), BytesIO(pcm_bin(self.TALK[: 32 * 32_000]))))
        conversation = the_only(uid)
        assert conversation.started_at == BEGIN - timedelta(seconds=2)
        [stored] = self._stored_offline(uid)
        assert stored == pytest.approx((0, 2), abs=0.05)


class TestBacklog:
    """Half a day in small pieces."""

    def test_twelve_hours_in_pieces_become_what_was_said_when(self, uid: str, counting: CountingTranscriber) -> None:
        minute = pcm_bin(voice(2.5))
        hours = [hour * 3600 for hour in range(12)]
        files = [
            Sent(named(hour + piece, codec="pcm16"), BytesIO(minute)) for hour in hours for piece in range(0, 9, 3)
        ]
        jobs = [receive(files[at : at + 9], uid=uid) for at in range(0, len(files), 9)]
        work(uid)
        understand(uid)
        assert {report_job(job.id, uid=uid).status for job in jobs} == {JobStatus.COMPLETED}
        found = everything(uid)
        assert [each.started_at for each in found] == [BEGIN + timedelta(seconds=hour) for hour in hours]
        assert len(counting.heard) == 3 * 12
        assert len({each.id for each in found}) == 12


class TestTheBucket:
    """Files that are sent straight to it."""

    def _announced(self, data: bytes, name: str | None = None) -> Announced:
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest().upper()
        return Announced(name or named(0, codec="pcm16"), md5, len(data))

    def _event(self, uid: str, file: OfflineFile) -> Upload:
        return Upload(bucket=settings().uploads_bucket, name=path_of(file.id, uid=uid), generation=1)

    def test_a_file_that_has_arrived_is_worked_on(self, uid: str, stores: Stores) -> None:
        data = pcm_bin(HALF_MINUTE)
        job, [(file, address)] = announce([self._announced(data)], uid=uid)
        assert address is not None
        assert report_job(job.id, uid=uid).status is JobStatus.QUEUED
        work(uid)
        assert everything(uid) == [], "it is not here yet"
        uploads.put(path_of(file.id, uid=uid), BytesIO(data))
        asked = count_wakes(stores, uid)
        assert transcribe_upload(self._event(uid, file)) == "stored"
        assert count_wakes(stores, uid) == asked + 1
        work(uid)
        understand(uid)
        assert told(report_job(job.id, uid=uid)) == ([the_only(uid).id], [])
        assert transcribe_upload(self._event(uid, file)) == "placed"
        assert announce([self._announced(data)], uid=uid)[1][0][1] is None, "it need not be sent again"

    def test_it_is_the_same_as_one_in_a_request(self, uid: str) -> None:
        report = hand_in(uid, sent(0, HALF_MINUTE))
        job, _ = announce([self._announced(pcm_bin(HALF_MINUTE))], uid=uid)
        assert report_job(job.id, uid=uid) == report

    def test_a_file_whose_announcement_was_lost_is_found_when_it_is_asked_for_again(self, uid: str) -> None:
        data = pcm_bin(HALF_MINUTE)
        _, [(file, _)] = announce([self._announced(data)], uid=uid)
        uploads.put(path_of(file.id, uid=uid), BytesIO(data))
        _, [(_, address)] = announce([self._announced(data)], uid=uid)
        assert address is None
        work(uid)
        assert stored_s(uid, the_only(uid).id) == pytest.approx(30, abs=0.1)

    def test_what_nobody_has_announced_is_left_alone(self, uid: str) -> None:
        stray = Upload(bucket=settings().uploads_bucket, name=f"{uid}/offline/x.bin", generation=1)
        assert arrived(stray) == "unknown"
        reject_upload(stray, "x")
        assert everything(uid) == []

    def test_a_file_that_has_gone_from_it_fails(self, uid: str) -> None:
        job = receive([sent(0, HALF_MINUTE)], uid=uid)
        [file] = files_of(uid)
        storage_client().bucket(settings().uploads_bucket).blob(path_of(file.id, uid=uid)).delete()
        work(uid)
        assert report_job(job.id, uid=uid).files[0].reason == "its content is gone: hand it in again"
        assert hand_in(uid, sent(0, HALF_MINUTE)).status is JobStatus.COMPLETED


def count_wakes(stores: Stores, uid: str) -> int:
    """How often a worker was asked for."""
    waiting = [task.http_request.body for task in stores.waiting_tasks()]
    gone = [request.content for request in stores.tasks.received]
    body = IngestOffline(uid=uid).model_dump_json().encode()
    return (waiting + gone).count(body)


def test_a_users_tombstones_are_the_only_trace_of_what_was_empty(uid: str) -> None:
    hand_in_only(uid, sent(0, HALF_MINUTE))
    made = the_only(uid)
    conversations.delete(uid=uid, conversation_id=made.id)
    assert tombstones.of(uid=uid).find(made.id) is not None
