"""What a job says of itself, from its files and their conversations."""

from typing import Any

import pytest

from common.conversations.offline.progress import summarise
from common.models.conversation import Conversation
from common.models.offline import JobReport, JobStatus, OfflineFile, OfflineJob, RefusedFile
from tests.support.making import NOON, a_conversation, at


def a_file(name: str, state: str, *stretches: dict[str, Any], **fields: Any) -> OfflineFile:
    known = [{"start": 0, "end": 1, "first_byte": 0, "end_byte": 1, "placed": True, **each} for each in stretches]
    moments = {"started_at": NOON, "created_at": NOON, "updated_at": NOON, "expire_at": at(9)}
    described = {"device": "omi", "codec": "opus", "sample_rate": 16000, "source": "omi"}
    return OfflineFile.model_validate(
        {"id": name, "name": name, "state": state, "stretches": known, **described, **moments, **fields}
    )


def report(
    *files: OfflineFile, job: tuple[str, ...] = (), refused: tuple[RefusedFile, ...] = (), **conversations: Conversation
) -> JobReport:
    ids = list(job) or [file.id for file in files]
    made = OfflineJob(id="j", file_ids=ids, refused=list(refused), created_at=NOON, expire_at=at(9))
    return summarise(made, files, conversations)


DONE = a_conversation(id="c", status="completed")
IN_C: dict[str, Any] = {"conversation_id": "c", "created": True}
IN_D: dict[str, Any] = {"conversation_id": "d"}


def counts(told: JobReport) -> tuple[int, int, int, int]:
    return told.total_segments, told.processed_segments, told.successful_segments, told.failed_segments


def test_before_anything_happened_it_is_queued() -> None:
    assert report(a_file("f", "stored")).status is JobStatus.QUEUED
    assert report(a_file("f", "awaited")).status is JobStatus.QUEUED


def test_while_one_file_is_worked_on_it_is_processing() -> None:
    told = report(a_file("f", "placed", IN_C), a_file("g", "stored", {**IN_C, "placed": False}, attempts=1), c=DONE)
    assert (told.status, counts(told)) == (JobStatus.PROCESSING, (2, 1, 1, 0))
    assert told.error is None


def test_while_a_conversation_is_worked_on_it_is_processing() -> None:
    for status, kind in (("processing", "live"), ("in_progress", "upload")):
        running = a_conversation(id="c", status=status, capture={"kind": kind})
        assert report(a_file("f", "placed", IN_C), c=running).status is JobStatus.PROCESSING


def test_a_conversation_that_is_still_being_held_takes_it_along() -> None:
    assert report(a_file("f", "placed", IN_C), c=a_conversation(id="c")).status is JobStatus.COMPLETED


def test_when_all_is_done_it_says_what_is_new_and_what_there_is_more_of() -> None:
    told = report(a_file("f", "placed", IN_C, IN_D, IN_D), c=DONE, d=DONE.model_copy(update={"id": "d"}))
    assert (told.status, counts(told)) == (JobStatus.COMPLETED, (3, 3, 3, 0))
    assert told.result is not None
    assert (told.result.new_memories, told.result.updated_memories) == (["c"], ["d"])


def test_a_conversation_in_which_nothing_was_said_is_gone_and_that_is_fine() -> None:
    told = report(a_file("f", "placed", IN_C))
    assert (told.status, counts(told)) == (JobStatus.COMPLETED, (1, 1, 1, 0))
    assert told.result is not None
    assert told.result.new_memories == []
    assert "nothing was understood" in (told.files[0].reason or "")
    assert report(a_file("f", "placed", IN_C, IN_D), c=DONE).files[0].reason is None, "something came of it"


def test_silence_is_no_failure_and_says_so() -> None:
    told = report(a_file("f", "placed", reason="nothing is said in it"))
    assert (told.status, counts(told)) == (JobStatus.COMPLETED, (0, 0, 0, 0))
    assert told.files[0].reason == "nothing is said in it"


@pytest.mark.parametrize(
    ("conversation", "why"),
    [
        (a_conversation(id="d", status="failed"), "processed"),
        (a_conversation(id="d", status="completed", failure={"step": "s", "reason": "r"}), "not understood"),
    ],
)
def test_what_is_not_understood_is_told_apart(conversation: Conversation, why: str) -> None:
    told = report(a_file("f", "placed", IN_C, IN_D), c=DONE, d=conversation)
    assert (told.status, counts(told)) == (JobStatus.PARTIAL_FAILURE, (2, 2, 1, 1))
    assert why in (told.error or "")
    assert told.files[0].status is JobStatus.PARTIAL_FAILURE


def test_a_file_that_cannot_be_used_counts_as_a_segment_that_failed() -> None:
    told = report(a_file("f", "failed", reason="the file is damaged"), a_file("g", "placed", IN_C), c=DONE)
    assert (told.status, counts(told)) == (JobStatus.PARTIAL_FAILURE, (2, 2, 1, 1))
    assert told.error == "the file is damaged"
    alone = report(a_file("f", "failed", reason="the file is damaged"))
    assert (alone.status, counts(alone)) == (JobStatus.FAILED, (1, 1, 0, 1))


def test_a_file_that_never_came_failed() -> None:
    assert report(job=("f",)).status is JobStatus.FAILED


def test_a_file_that_was_refused_is_one_that_failed_among_the_others() -> None:
    refused = RefusedFile(name="talk.bin", reason="no timestamp (talk.bin)")
    told = report(a_file("f", "placed", IN_C), refused=(refused,), c=DONE)
    assert (told.status, told.total_files, counts(told)) == (JobStatus.PARTIAL_FAILURE, 2, (2, 2, 1, 1))
    assert [(file.name, file.status, file.reason) for file in told.files] == [
        ("f", JobStatus.COMPLETED, None),
        ("talk.bin", JobStatus.FAILED, "no timestamp (talk.bin)"),
    ]
    assert told.error == "no timestamp (talk.bin)"
    assert report(a_file("f", "stored"), refused=(refused,)).status is JobStatus.PROCESSING
