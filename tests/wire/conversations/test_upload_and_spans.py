"""A recording becomes blocks, spans and words, whatever is in the file and however often it is announced."""

import io
import tracemalloc
import wave
from typing import Any

import pytest

from common.conversations import spans
from common.conversations import transcribe_span as transcribing
from common.conversations.purge import purge_conversation
from common.conversations.reprocess import reprocess_conversation
from common.conversations.spans import give_up_span
from common.conversations.transcribe_span import PATIENCE_S, read_audio, transcribe_span
from common.conversations.upload import reject_upload, transcribe_upload
from common.core.errors import ConflictError, InvalidInputError, NotFoundError, ProviderError, UnsupportedAudioError
from common.core.settings import settings
from common.database import audio_blocks, conversations, segment_batches, users
from common.database.clients import storage_client
from common.models.conversation import Conversation, ConversationSource, ConversationStatus, Interval
from common.models.events import TranscribeSpan
from common.models.upload import Upload
from common.speech.blocks import encode_block
from common.speech.transcriber import SAMPLE_RATE
from local.environment import BUCKETS
from tests.support.making import a_block, a_conversation
from tests.support.providers import CountingTranscriber

pytestmark = pytest.mark.usefixtures("stores", "counting")


def a_wav(seconds: float, *, loud: tuple[float, float] = (0.0, 0.0)) -> bytes:
    """Silence, but for the stretch that is loud."""
    pcm = bytearray(int(seconds * SAMPLE_RATE) * 2)
    first, last = (round(bound * SAMPLE_RATE) * 2 for bound in loud)
    pcm[first:last] = b"\x00\x20" * ((last - first) // 2)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE)
        writer.writeframes(pcm)
    return file.getvalue()


def _uploaded(uid: str, data: bytes, *, metadata: dict[str, str] | None = None) -> Upload:
    blob = storage_client().bucket(BUCKETS["uploads"]).blob(f"{uid}/talk.wav")
    blob.metadata = metadata
    blob.upload_from_string(data)
    return Upload(
        bucket=BUCKETS["uploads"],
        name=blob.name,
        generation=blob.generation,
        size=len(data),
        time_created=blob.time_created,
        metadata=metadata or {},
    )


def _now(uid: str, upload: Upload) -> Conversation:
    return conversations.get(uid=uid, conversation_id=upload.key)


def _spans(uid: str, conversation: Conversation) -> list[TranscribeSpan]:
    return [
        TranscribeSpan.from_key(key, uid=uid, conversation_id=conversation.id, run=conversation.run)
        for key in conversation.pending_spans
    ]


class TestUploads:
    """From a file to planned spans."""

    def test_a_recording_is_stored_by_the_minute_and_planned_in_spans(self, uid: str) -> None:
        upload = _uploaded(uid, a_wav(310))
        assert transcribe_upload(upload) == "planned"
        made = _now(uid, upload)
        assert (made.status, made.capture.kind, made.source) == (
            ConversationStatus.IN_PROGRESS,
            "upload",
            ConversationSource.PHONE,
        )
        assert made.finished_at is not None
        assert made.started_at is not None
        assert (made.finished_at - made.started_at).total_seconds() == pytest.approx(310, abs=0.1)
        assert [(span.start_ms, span.end_ms) for span in _spans(uid, made)] == [(0, 300_000), (300_000, 310_000)]
        blocks = audio_blocks.list_blocks(uid=uid, conversation_id=upload.key)
        assert [(block.start, block.end) for block in blocks] == [
            *((float(start), float(start + 60)) for start in range(0, 300, 60)),
            (300.0, 310.0),
        ]

    def test_the_same_announcement_again_changes_nothing(self, uid: str) -> None:
        upload = _uploaded(uid, a_wav(5))
        transcribe_upload(upload)
        first = _now(uid, upload)
        assert transcribe_upload(upload) == "planned"
        again = _now(uid, upload)
        assert (again.pending_spans, again.run) == (first.pending_spans, first.run)
        [span] = _spans(uid, again)
        transcribe_span(span)
        assert transcribe_upload(upload) == "already transcribed"
        assert _now(uid, upload).run == 1

    @pytest.mark.parametrize(
        ("named", "source"), [("omi", "omi"), ("toaster", "unknown"), ("conversation", "unknown"), (None, "phone")]
    )
    def test_a_device_nobody_knows_costs_nobody_the_recording(self, uid: str, named: str | None, source: str) -> None:
        upload = _uploaded(uid, a_wav(1), metadata={"source": named, "language": "de"} if named else None)
        assert transcribe_upload(upload) == "planned"
        made = _now(uid, upload)
        assert (made.source.value, made.language) == (source, "de" if named else None)

    @pytest.mark.parametrize(
        ("named", "language"),
        [({"language": "fr"}, "fr"), ({"language": "auto"}, "multi"), ({"language": "so; la"}, "de"), ({}, "de")],
        ids=["named", "any", "nonsense", "nothing"],
    )
    def test_it_is_heard_in_its_language_or_in_that_of_its_owner_with_their_words(
        self, uid: str, counting: CountingTranscriber, named: dict[str, str], language: str
    ) -> None:
        users.change(uid=uid, language="de", transcription_preferences={"vocabulary": ["Earshot"]})
        upload = _uploaded(uid, a_wav(5), metadata=named)
        transcribe_upload(upload)
        [span] = _spans(uid, _now(uid, upload))
        transcribe_span(span)
        assert counting.expected == [(language, ("Omi", "Earshot"))]

    def test_whether_its_owner_keeps_recordings_is_noted(self, uid: str) -> None:
        users.change(uid=uid, private_cloud_sync_enabled=True)
        upload = _uploaded(uid, a_wav(5))
        transcribe_upload(upload)
        assert _now(uid, upload).private_cloud_sync_enabled

    @pytest.mark.parametrize("data", [b"", b"garbage " * 500, a_wav(1)[:20], b"#EXTM3U\nhttp://evil/\n"])
    def test_what_is_no_audio_is_refused_and_leaves_nothing(self, uid: str, data: bytes) -> None:
        upload = _uploaded(uid, data)
        with pytest.raises((UnsupportedAudioError, InvalidInputError)):
            transcribe_upload(upload)
        assert conversations.find(uid=uid, conversation_id=upload.key) is None

    def test_the_user_sees_why_it_was_refused(self, uid: str) -> None:
        upload = _uploaded(uid, b"garbage")
        reject_upload(upload, "not an audio file of a known kind")
        reject_upload(upload, "told already")
        failed = _now(uid, upload)
        assert failed.status is ConversationStatus.FAILED
        assert failed.failure is not None
        assert failed.failure.reason == "not an audio file of a known kind (talk.wav)"
        assert failed.failure.retry_at is None, "it would only fail again"

    def test_what_was_said_to_have_failed_is_taken_in_once_it_can_be(self, uid: str) -> None:
        upload = _uploaded(uid, a_wav(5))
        reject_upload(upload, "internal error (ServiceUnavailable)")
        with pytest.raises(ConflictError):
            reprocess_conversation(uid=uid, conversation_id=upload.key)
        assert _now(uid, upload).status is ConversationStatus.FAILED, "it is not taken for an empty one"
        assert transcribe_upload(upload) == "planned"
        made = _now(uid, upload)
        assert (made.status, made.failure, len(made.pending_spans)) == (ConversationStatus.IN_PROGRESS, None, 1)
        [span] = _spans(uid, made)
        transcribe_span(span)
        reject_upload(upload, "told late")
        assert transcribe_upload(upload) == "already transcribed"
        assert _now(uid, upload).status is ConversationStatus.PROCESSING

    def test_what_its_owner_has_deleted_does_not_come_back(self, uid: str) -> None:
        upload = _uploaded(uid, a_wav(5))
        reject_upload(upload, "internal error (ServiceUnavailable)")
        conversations.delete(uid=uid, conversation_id=upload.key)
        assert transcribe_upload(upload) == "deleted"
        reject_upload(upload, "told again")
        assert conversations.find(uid=uid, conversation_id=upload.key) is None
        assert audio_blocks.list_blocks(uid=uid, conversation_id=upload.key) == []

    def test_a_file_that_was_replaced_is_not_waited_for(self, uid: str) -> None:
        upload = _uploaded(uid, a_wav(5))
        _uploaded(uid, a_wav(6))
        with pytest.raises(NotFoundError, match="replaced or deleted"):
            transcribe_upload(upload)

    def test_an_upload_of_nobody_is_refused_and_nobody_is_told(self) -> None:
        orphan = Upload(bucket=BUCKETS["uploads"], name="orphan.wav", generation=1)
        with pytest.raises(InvalidInputError):
            transcribe_upload(orphan)
        reject_upload(orphan, "no owner")


class TestSpans:
    """From stored audio to words."""

    def test_a_stretch_is_read_in_little_more_memory_than_it_takes(self, uid: str) -> None:
        upload = _uploaded(uid, a_wav(420))
        transcribe_upload(upload)
        span = _spans(uid, _now(uid, upload))[0]
        read_audio(span, start=0, end=1)  # what is loaded once counts for nobody
        tracemalloc.start()
        pcm = read_audio(span, start=30, end=330)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(pcm) == 300 * SAMPLE_RATE * 2
        assert most < 3 * len(pcm)

    def test_each_span_is_understood_and_the_last_one_moves_on(self, uid: str, counting: CountingTranscriber) -> None:
        upload = _uploaded(uid, a_wav(310))
        transcribe_upload(upload)
        first, last = _spans(uid, _now(uid, upload))
        assert transcribe_span(last) == "transcribed"
        assert _now(uid, upload).status is ConversationStatus.IN_PROGRESS
        assert transcribe_span(first) == "transcribed"
        done = _now(uid, upload)
        assert (done.status, done.run, done.pending_spans) == (ConversationStatus.PROCESSING, 1, [])
        assert counting.heard == [10.0, 300.0]
        assert counting.within_s == [PATIENCE_S, PATIENCE_S]
        assert settings().longest_work_s - PATIENCE_S >= 60, "reading, voices and storing need some time as well"
        batches = segment_batches.list_batches(uid=uid, conversation_id=upload.key)
        assert [(batch.start, batch.end) for batch in batches] == [(0, 300), (300, 310)]
        assert [segment.start for batch in batches for segment in batch.segments] == [150, 305]

    def test_spans_meet_where_it_is_quiet_not_in_the_middle_of_a_word(self, uid: str) -> None:
        upload = _uploaded(uid, a_wav(310, loud=(299.5, 300.6)))
        transcribe_upload(upload)
        for span in _spans(uid, _now(uid, upload)):
            transcribe_span(span)
        first, last = segment_batches.list_batches(uid=uid, conversation_id=upload.key)
        assert (first.start, last.end) == (0, 310)
        assert first.end == last.start == pytest.approx(299.4, abs=0.06)
        assert _now(uid, upload).pending_spans == []

    def test_a_span_that_is_delivered_again_changes_nothing(self, uid: str, counting: CountingTranscriber) -> None:
        upload = _uploaded(uid, a_wav(5))
        transcribe_upload(upload)
        [span] = _spans(uid, _now(uid, upload))
        transcribe_span(span)
        before = _now(uid, upload)
        assert transcribe_span(span) == "transcribed"
        assert _now(uid, upload) == before
        assert len(counting.heard) == 1

    def test_when_the_provider_fails_the_span_is_still_owed(self, uid: str, counting: CountingTranscriber) -> None:
        upload = _uploaded(uid, a_wav(5))
        transcribe_upload(upload)
        [span] = _spans(uid, _now(uid, upload))
        counting.failures = 1
        with pytest.raises(ProviderError):
            transcribe_span(span)
        assert _now(uid, upload).pending_spans == [span.key]

    def test_a_span_that_is_given_up_stays_stored_and_the_rest_goes_on(self, uid: str) -> None:
        upload = _uploaded(uid, a_wav(5))
        transcribe_upload(upload)
        [span] = _spans(uid, _now(uid, upload))
        give_up_span(span, "too noisy")
        assert _now(uid, upload).status is ConversationStatus.PROCESSING
        [batch] = segment_batches.list_batches(uid=uid, conversation_id=upload.key)
        assert (batch.given_up, batch.segments) == ("too noisy", [])
        assert audio_blocks.list_blocks(uid=uid, conversation_id=upload.key)

    def test_of_a_deleted_conversation_nothing_is_written(self, uid: str) -> None:
        span = TranscribeSpan(uid=uid, conversation_id="gone", run=1, session_id="s", start_ms=0, end_ms=5)
        assert transcribe_span(span) == "deleted"
        give_up_span(span, "x")
        assert segment_batches.list_batches(uid=uid, conversation_id="gone") == []

    def test_what_is_heard_of_a_conversation_that_was_deleted_meanwhile_is_not_kept(
        self, uid: str, counting: CountingTranscriber
    ) -> None:
        upload = _uploaded(uid, a_wav(5))
        transcribe_upload(upload)
        [span] = _spans(uid, _now(uid, upload))

        def delete_and_purge() -> None:
            conversations.delete(uid=uid, conversation_id=upload.key)
            purge_conversation(uid=uid, conversation_id=upload.key)

        counting.before = delete_and_purge
        assert transcribe_span(span) == "deleted"
        assert segment_batches.list_batches(uid=uid, conversation_id=upload.key) == []

    def test_nor_by_the_attempt_that_follows_one_which_was_cut_short_then(
        self, uid: str, counting: CountingTranscriber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = _uploaded(uid, a_wav(5))
        transcribe_upload(upload)
        [span] = _spans(uid, _now(uid, upload))

        def delete_and_purge() -> None:
            conversations.delete(uid=uid, conversation_id=upload.key)
            purge_conversation(uid=uid, conversation_id=upload.key)

        def die(_: TranscribeSpan) -> bool:
            raise RuntimeError

        counting.before = delete_and_purge
        with monkeypatch.context() as cut_short:
            cut_short.setattr(transcribing, "settle_span", die)
            with pytest.raises(RuntimeError):
                transcribe_span(span)
        assert segment_batches.list_batches(uid=uid, conversation_id=upload.key) != []
        assert transcribe_span(span) == "deleted"
        assert segment_batches.list_batches(uid=uid, conversation_id=upload.key) == []

    def test_planning_for_a_run_that_is_over_plans_nothing(self, uid: str) -> None:
        old = conversations.create(a_conversation(status="processing", run=1), uid=uid)
        conversations.reference(uid=uid, conversation_id="c1").update({"run": 2})
        spans.plan_spans(old, {"s": [Interval(start=0, end=5)]}, uid=uid)
        assert conversations.get(uid=uid, conversation_id="c1").pending_spans == []


class TestReading:
    """PCM between two seconds, across blocks and the gaps between them."""

    def _put(self, uid: str, start: float, end: float, value: int, **fields: Any) -> None:
        samples = round((end - start) * SAMPLE_RATE)
        block = a_block(start, end, **fields)
        audio_blocks.put(block, encode_block([value.to_bytes(2, "little") * samples]), uid=uid, conversation_id="c1")

    def _read(self, uid: str, start: float, end: float) -> list[tuple[int, float]]:
        """Runs of one value, with their length in seconds."""
        span = TranscribeSpan(
            uid=uid,
            conversation_id="c1",
            run=1,
            session_id="s",
            start_ms=round(start * 1000),
            end_ms=round(end * 1000),
        )
        pcm = read_audio(span, start=start, end=end)
        runs: list[tuple[int, int]] = []
        for at in range(0, len(pcm), 2):
            value = int.from_bytes(pcm[at : at + 2], "little")
            if runs and runs[-1][0] == value:
                runs[-1] = (value, runs[-1][1] + 1)
            else:
                runs.append((value, 1))
        return [(value, round(count / SAMPLE_RATE, 3)) for value, count in runs]

    def test_exactly_what_is_asked_for(self, uid: str) -> None:
        for number in range(3):
            self._put(uid, number, number + 1, number + 1)
        assert self._read(uid, 0, 3) == [(1, 1), (2, 1), (3, 1)]
        assert self._read(uid, 0.5, 2.25) == [(1, 0.5), (2, 1), (3, 0.25)]
        assert self._read(uid, 1, 2) == [(2, 1)]

    def test_what_lies_between_and_before_blocks_is_silence(self, uid: str) -> None:
        self._put(uid, 1, 2, 5)
        self._put(uid, 3, 4, 6)
        assert self._read(uid, 1, 4) == [(5, 1), (0, 1), (6, 1)]
        assert self._read(uid, 0.5, 1.5) == [(0, 0.5), (5, 0.5)]

    def test_another_session_is_not_mixed_in(self, uid: str) -> None:
        self._put(uid, 0, 1, 5)
        self._put(uid, 0, 1, 6, session_id="t")
        assert self._read(uid, 0, 1) == [(5, 1)]

    def test_without_blocks_there_is_nothing(self, uid: str) -> None:
        assert self._read(uid, 0, 1) == []
