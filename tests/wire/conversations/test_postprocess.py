"""A finished conversation is heard again: once, by services that take minutes, whatever happens meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from common.conversations import postprocess_emotions, structure
from common.conversations.assignment import assign_segment, rewrite_segment
from common.conversations.postprocess import give_up_beginning, postprocess_conversation, request_postprocessing
from common.conversations.postprocess_advance import advance_postprocessing, give_up_postprocessing
from common.conversations.postprocess_callback import callback_address, called_back
from common.conversations.purge import purge_conversation
from common.conversations.speakers import Speaker
from common.core import clock, metering
from common.core.errors import (
    BadRequestError,
    PermissionDeniedError,
    ProviderExhaustedError,
    ProviderRefusedError,
    RetryableError,
)
from common.core.settings import settings
from common.database import (
    alternative_transcripts,
    audio_blocks,
    conversations,
    hearings,
    keys,
    media,
    spending,
    tasks,
    users,
)
from common.database import notifications as kept_notifications
from common.database.clients import firestore_client
from common.database.sealing import is_sealed
from common.entry.accounting import accounted
from common.entry.api.app import create_app
from common.entry.api.conversations.routes import PART as CONVERSATIONS
from common.entry.api.people.routes import PART as PEOPLE
from common.models.attachments import PostProcessing, PostProcessingStatus
from common.models.conversation import Conversation, ConversationStatus
from common.models.data_key import ENHANCED
from common.models.events import ConversationCompleted, Postprocess
from common.models.segment import TranscriptSegment
from common.speech import second_hearing as configured
from common.speech.blocks import encode_block
from common.speech.transcriber import BYTES_PER_SECOND
from local.http import HttpServer
from tests.support.making import a_block, a_conversation, a_segment
from tests.support.providers import FirstWordsStructurer
from tests.support.speech_servers.second_hearing import (
    FAL_KEY,
    HUME_KEY,
    SecondHearing,
    a_chunk,
    a_prediction,
    second_hearing,
)
from tests.support.stores import Stores
from tests.support.voices import silence, speech

pytestmark = pytest.mark.usefixtures("stores")

FIRST = "we talked about the budjet and the high ring plan"
AGAIN = ("We talked about the budget.", "And about the hiring plan.")


@pytest.fixture(scope="module")
def api_address(stores: Stores) -> Iterator[str]:
    """Where services fetch recordings from."""
    server = HttpServer(create_app([CONVERSATIONS, PEOPLE]))
    yield f"http://127.0.0.1:{stores.run(server.start())}"
    stores.run(server.stop())


@pytest.fixture
def service(api_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecondHearing]:
    """Both services, set up."""
    known = SecondHearing(fetches=True, chunks=[a_chunk(AGAIN[0], 1, 4), a_chunk(AGAIN[1], 5, 9, "SPEAKER_01")])
    with second_hearing(known) as url:
        configure(
            monkeypatch,
            post_processing="true",
            fal_key=FAL_KEY,
            fal_url=url,
            hume_api_key=HUME_KEY,
            hume_api="batch",
            hume_url=url,
            hume_upload_url=url,
            public_url=api_address,
        )
        yield known
    forget()


def configure(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name.upper(), value)
    forget()


def forget() -> None:
    for cached in (settings, configured.whisperx, configured.hume):
        cached.cache_clear()


def given(uid: str, *, pcm: bytes | None = None, segments: list[TranscriptSegment] | None = None, **more: Any) -> None:
    """A finished conversation with its audio."""
    if segments is None:
        segments = [a_segment(FIRST, 1, 8, id="first", stt_provider="deepgram")]
    fields: dict[str, Any] = {"status": "completed", "run": 1, "transcript_segments": segments, "language": "en"}
    fields["covered"] = {"s": [{"start": 0, "end": 200}]}
    conversations.create(a_conversation(**fields | more), uid=uid)
    pcm = speech(20) if pcm is None else pcm
    for at in range(0, len(pcm), 5 * BYTES_PER_SECOND):
        piece = pcm[at : at + 5 * BYTES_PER_SECOND]
        block = a_block(at / BYTES_PER_SECOND, (at + len(piece)) / BYTES_PER_SECOND)
        frames = [piece[n : n + 3200] for n in range(0, len(piece), 3200)]
        audio_blocks.put(block, encode_block(frames), uid=uid, conversation_id="c1")


def begin(uid: str, run: int = 1) -> str:
    return postprocess_conversation(ConversationCompleted(uid=uid, conversation_id="c1", run=run))


def look(uid: str, number: int, *, attempt: int = 1, kind: Any = "fal_whisperx") -> str:
    with accounted():
        metering.charge(uid)
        task = Postprocess(uid=uid, conversation_id="c1", run=1, kind=kind, attempt=attempt, look=number)
        return advance_postprocessing(task)


def now(uid: str) -> Conversation:
    return conversations.get(uid=uid, conversation_id="c1")


def status(uid: str) -> tuple[str, str | None]:
    known = now(uid).postprocessing
    assert known is not None
    return known.status.value, known.fail_reason


def stored(uid: str) -> list[str]:
    return media.list_paths(f"{uid}/postprocessing/")


def test_what_is_understood_better_goes_into_the_transcript_and_round_again_once(
    uid: str, service: SecondHearing, first_words: FirstWordsStructurer
) -> None:
    del first_words
    given(uid)
    service.looks = 1
    assert begin(uid) == "whisperx"
    assert status(uid) == ("in_progress", None)
    assert look(uid, 0) == "waiting"
    assert service.seconds == [pytest.approx(20, abs=3)], "it was fetched from where it said, and could be heard"
    assert stored(uid) != []
    assert look(uid, 1) == "waiting"
    assert look(uid, 2) == "done"
    after = now(uid)
    assert (after.status, after.run, status(uid)) == (ConversationStatus.PROCESSING, 2, ("completed", None))
    assert [segment.text for segment in after.transcript_segments] == list(AGAIN)
    assert {segment.stt_provider for segment in after.transcript_segments} == {"fal_whisperx"}
    both = alternative_transcripts.list_all(uid=uid, conversation_id="c1")
    assert [segment.text for segment in both["deepgram"]] == [FIRST]
    assert [segment.text for segment in both["whisperx"]] == list(AGAIN)
    assert stored(uid) == [], "what was sent is dropped"
    assert structure.structure_conversation(uid=uid, conversation_id="c1", run=2) == "completed"
    assert [segment.text for segment in now(uid).transcript_segments] == list(AGAIN)
    assert now(uid).structured.title == "We talked about"
    assert begin(uid, run=2) == "heard before"
    assert [look(uid, number) for number in (0, 2, 3)] == ["over"] * 3
    heard = spending.today(uid=uid).speech["fal_whisperx"]
    assert heard.calls == 1
    assert 17 < heard.seconds < 23
    assert service.seen.count("submit") == 1


def test_pauses_are_left_out_and_times_are_those_of_the_conversation(uid: str, service: SecondHearing) -> None:
    given(uid, pcm=silence(30) + speech(10) + silence(40) + speech(10) + silence(5), segments=[])
    service.chunks = [a_chunk("in the first part", 2, 4), a_chunk("in the second part", 14, 16)]
    begin(uid)
    look(uid, 0)
    [seconds] = service.seconds
    assert 18 < seconds < 26
    look(uid, 1)
    first, second = now(uid).transcript_segments
    assert 30 < first.start < 34
    assert 80 < second.start < 86


def test_without_a_key_or_the_wish_nothing_is_sent(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given(uid)
    configure(monkeypatch, post_processing="false", fal_key=FAL_KEY)
    assert begin(uid) == "off"
    configure(monkeypatch, post_processing="true", fal_key="")
    assert begin(uid) == "off"
    assert now(uid).postprocessing is None
    with pytest.raises(BadRequestError):
        request_postprocessing(uid=uid, conversation_id="c1")
    forget()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"discarded": True}, "not to be heard"),
        ({"is_locked": True}, "not to be heard"),
        ({"pcm": b""}, "not to be heard"),
    ],
)
def test_some_conversations_are_not_heard_again(
    uid: str, service: SecondHearing, more: dict[str, Any], said: str
) -> None:
    given(uid, **more)
    assert begin(uid) == said
    assert now(uid).postprocessing is None
    assert service.seen == []


def test_of_one_that_is_gone_there_is_nothing(uid: str, service: SecondHearing) -> None:
    assert begin(uid) == "deleted"
    assert look(uid, 0) == "deleted"
    assert service.seen == []


def test_less_than_ten_seconds_are_canceled(uid: str, service: SecondHearing) -> None:
    given(uid, pcm=speech(6) + silence(20))
    begin(uid)
    assert look(uid, 0) == "canceled"
    assert status(uid) == ("canceled", "less than 10 seconds of speech are stored")
    assert service.seen == []


def test_too_much_speech_and_too_much_for_a_day_are_canceled(
    uid: str, service: SecondHearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(uid)
    configure(monkeypatch, post_processing_longest_s="12")
    begin(uid)
    assert look(uid, 0) == "canceled"
    configure(monkeypatch, post_processing_longest_s="7200", post_processing_s_per_user_day="25")
    request_postprocessing(uid=uid, conversation_id="c1")
    assert status(uid) == ("in_progress", None)
    with accounted():
        metering.charge(uid)
        metering.count("speech", "fal_whisperx", metering.Used(calls=1, seconds=20.0))
    assert look(uid, 0, attempt=2) == "canceled"
    assert status(uid) == ("canceled", "today's allowance of second hearings is used up")
    assert service.seen == []


def test_two_microphones_at_once_are_canceled(uid: str, service: SecondHearing) -> None:
    given(uid)
    frames = [speech(5)[at : at + 3200] for at in range(0, 5 * BYTES_PER_SECOND, 3200)]
    audio_blocks.put(a_block(2, 7, session_id="other"), encode_block(frames), uid=uid, conversation_id="c1")
    begin(uid)
    assert look(uid, 0) == "canceled"
    assert service.seen == []


def test_what_has_missed_much_is_failed_and_the_old_words_stay(uid: str, service: SecondHearing) -> None:
    given(uid)
    service.chunks = [a_chunk("we talked", 1, 4)]
    begin(uid)
    look(uid, 0)
    assert look(uid, 1) == "failed"
    after = now(uid)
    assert (after.status, after.run) == (ConversationStatus.COMPLETED, 1)
    assert status(uid) == ("failed", "much less was understood than at first")
    assert [segment.text for segment in after.transcript_segments] == [FIRST]
    assert len(alternative_transcripts.list_all(uid=uid, conversation_id="c1")["whisperx"]) == 1


def test_what_repeats_itself_is_failed_and_the_old_words_stay(uid: str, service: SecondHearing) -> None:
    given(uid)
    service.chunks = [a_chunk(AGAIN[0], 1, 4), a_chunk("Thank you. " * 200, 5, 9)]
    begin(uid)
    look(uid, 0)
    assert look(uid, 1) == "failed"
    assert status(uid) == ("failed", "more was understood than can be said in the time")
    assert [segment.text for segment in now(uid).transcript_segments] == [FIRST]


def test_what_begins_after_the_end_was_not_said(uid: str, service: SecondHearing) -> None:
    given(uid)
    service.chunks += [a_chunk("Thanks for watching.", 36_000, 36_002), a_chunk("Bye.", 36_003, None)]
    begin(uid)
    look(uid, 0)
    assert look(uid, 1) == "done"
    assert [segment.text for segment in now(uid).transcript_segments] == list(AGAIN)


def test_what_reads_the_same_does_not_go_round_again(uid: str, service: SecondHearing) -> None:
    given(uid)
    service.chunks = [a_chunk(FIRST, 1, 8)]
    begin(uid)
    look(uid, 0)
    assert look(uid, 1) == "done"
    assert (now(uid).run, now(uid).status, status(uid)[0]) == (1, ConversationStatus.COMPLETED, "completed")


@pytest.mark.usefixtures("service")
def test_what_the_user_has_corrected_and_attributed_stays(uid: str) -> None:
    segments = [
        a_segment(FIRST, 1, 4, id="first", stt_provider="deepgram"),
        a_segment("she said somthing", 5, 9, id="second", stt_provider="deepgram", speaker="SPEAKER_01"),
    ]
    given(uid, segments=segments)
    begin(uid)
    look(uid, 0)
    rewrite_segment(uid=uid, conversation_id="c1", segment_id="first", text="We talked about what I say we did.")
    assign_segment(Speaker(is_user=True), uid=uid, conversation_id="c1", place=1, learn=False)
    assert look(uid, 1) == "done"
    first, second = now(uid).transcript_segments
    assert (first.id, first.text) == ("first", "We talked about what I say we did.")
    assert (second.text, second.is_user, second.speaker_label_source) == (AGAIN[1], True, "manual")


def test_a_service_that_never_answers_is_given_up_and_told(
    uid: str, service: SecondHearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(uid)
    service.looks = 1000
    begin(uid)
    look(uid, 0)
    assert look(uid, 1) == "waiting"
    long_ago = clock.now() - timedelta(seconds=settings().post_processing_patience_s + 1)
    hearings.of(uid=uid, conversation_id="c1").change(
        "fal_whisperx", lambda current: current.model_copy(update={"submitted_at": long_ago})
    )
    assert look(uid, 2) == "failed"
    assert status(uid) == ("failed", "there was no answer in time")
    assert service.canceled == ["request-1"]
    assert stored(uid) == []
    del monkeypatch


def test_failures_that_pass_are_tried_again_and_others_end_it(uid: str, service: SecondHearing) -> None:
    given(uid)
    begin(uid)
    service.instead["submit"] = [(429, b"{}", {})]
    with pytest.raises(ProviderExhaustedError):
        look(uid, 0)
    assert status(uid)[0] == "in_progress"
    assert look(uid, 0) == "waiting"
    service.fails = True
    with pytest.raises(ProviderRefusedError) as refused:
        look(uid, 1)
    task = Postprocess(uid=uid, conversation_id="c1", run=1, kind="fal_whisperx", look=1)
    give_up_postprocessing(task, str(refused.value))
    give_up_postprocessing(task, "again")
    assert status(uid) == ("failed", "fal answered 422")
    assert [segment.text for segment in now(uid).transcript_segments] == [FIRST]


def test_who_asked_and_was_interrupted_does_not_ask_again(uid: str, service: SecondHearing) -> None:
    given(uid)
    begin(uid)
    assert begin(uid) == "whisperx", "a redelivered event finds what it has begun"
    assert [look(uid, 0), look(uid, 0)] == ["waiting", "waiting"]
    assert service.seen.count("submit") == 1
    assert begin(uid) == "heard before"


def test_what_could_not_be_begun_says_so_and_may_be_asked_for(
    uid: str, service: SecondHearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(uid)
    users.change(uid=uid, emotional_feedback=True)

    def away(*_: Any, **__: Any) -> None:
        raise RetryableError("no queue")

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "enqueue_postprocessing", away)
        with pytest.raises(RetryableError):
            begin(uid)
        assert status(uid) == ("in_progress", None)
    give_up_beginning(ConversationCompleted(uid=uid, conversation_id="c1", run=1), "no queue")
    assert status(uid) == ("failed", "no queue")
    assert request_postprocessing(uid=uid, conversation_id="c1").postprocessing is not None
    assert look(uid, 0) == "over"
    assert look(uid, 0, attempt=2) == "waiting"
    give_up_beginning(ConversationCompleted(uid=uid, conversation_id="c1", run=1), "told late")
    assert status(uid)[0] == "in_progress", "it was begun"
    assert service.seen.count("submit") == 1


def test_whoever_asks_goes_on_with_what_an_earlier_run_could_not_begin(
    uid: str, service: SecondHearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(uid)

    def away(*_: Any, **__: Any) -> None:
        raise RetryableError("no queue")

    with monkeypatch.context() as patched:
        patched.setattr(tasks, "enqueue_postprocessing", away)
        with pytest.raises(RetryableError):
            request_postprocessing(uid=uid, conversation_id="c1")
    conversations.change(uid=uid, conversation_id="c1", decide=lambda now: now.model_copy(update={"run": 2}))
    assert begin(uid, run=2) == "heard before"
    request_postprocessing(uid=uid, conversation_id="c1")
    assert look(uid, 0) == "waiting"
    assert service.seen.count("submit") == 1


def test_who_ended_it_and_was_interrupted_leaves_no_recording_behind(
    uid: str, service: SecondHearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    del service
    given(uid)
    begin(uid)
    look(uid, 0)
    [path] = stored(uid)
    blob = media.bucket(media.Store.MEDIA).get_blob(path)
    assert blob is not None
    assert blob.custom_time is not None, "the bucket removes it if nobody else does"

    def interrupted(**_: Any) -> int:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(hearings, "delete_audio", interrupted)
        with pytest.raises(RuntimeError):
            look(uid, 1)
    assert look(uid, 1) == "over"
    assert stored(uid) == []


def test_two_at_once_put_it_in_once(uid: str, service: SecondHearing) -> None:
    given(uid)
    begin(uid)
    look(uid, 0)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _: look(uid, 1), range(2)))
    assert set(outcomes) <= {"done", "over"}
    assert (now(uid).run, len(now(uid).transcript_segments)) == (2, 2)
    assert service.seen.count("submit") == 1


def test_one_that_is_processed_meanwhile_is_waited_for(uid: str, service: SecondHearing) -> None:
    given(uid)
    begin(uid)
    look(uid, 0)
    set_status(uid, ConversationStatus.PROCESSING)
    assert look(uid, 1) == "waiting"
    set_status(uid, ConversationStatus.COMPLETED)
    assert look(uid, 2) == "done"
    assert service.seen.count("result") == 1


def set_status(uid: str, wanted: ConversationStatus) -> None:
    conversations.change(
        uid=uid, conversation_id="c1", decide=lambda current: current.model_copy(update={"status": wanted})
    )


def test_one_that_is_deleted_meanwhile_leaves_nothing(uid: str, service: SecondHearing) -> None:
    given(uid)
    begin(uid)
    look(uid, 0)
    conversations.delete(uid=uid, conversation_id="c1")
    purge_conversation(uid=uid, conversation_id="c1")
    assert look(uid, 1) == "deleted"
    assert list(firestore_client().document("users", uid, "conversations", "c1").collections()) == []
    assert stored(uid) == []
    assert "result" not in service.seen


def test_the_owner_may_ask_and_after_a_failure_again(uid: str, service: SecondHearing) -> None:
    given(uid)
    answer = request_postprocessing(uid=uid, conversation_id="c1")
    assert answer.postprocessing == PostProcessing(status=PostProcessingStatus.IN_PROGRESS)
    service.chunks = []
    look(uid, 0)
    assert look(uid, 1) == "failed"
    request_postprocessing(uid=uid, conversation_id="c1")
    service.chunks = [a_chunk(AGAIN[0], 1, 4), a_chunk(AGAIN[1], 5, 9)]
    assert look(uid, 0) == "over", "a task of the first time"
    look(uid, 0, attempt=2)
    assert look(uid, 1, attempt=2) == "done"
    set_status(uid, ConversationStatus.COMPLETED)
    with pytest.raises(BadRequestError):
        request_postprocessing(uid=uid, conversation_id="c1")


def test_nobody_is_measured_without_leave(uid: str, service: SecondHearing) -> None:
    given(uid)
    assert begin(uid) == "whisperx"
    assert hearings.of(uid=uid, conversation_id="c1").find("hume") is None
    assert "start" not in service.seen


@pytest.fixture
def measured(uid: str, service: SecondHearing) -> SecondHearing:
    """A job at Hume that is under way."""
    given(uid)
    users.change(uid=uid, emotional_feedback=True)
    service.predictions = [a_prediction(1, 4, Joy=0.6, Doubt=0.1), a_prediction(5, 9, Joy=0.5, Calmness=0.4)]
    service.looks = 1
    assert begin(uid) == "whisperx and hume"
    assert look(uid, 0, kind="hume") == "waiting"
    return service


def test_emotions_are_measured_kept_and_told(uid: str, measured: SecondHearing) -> None:
    assert look(uid, 1, kind="hume") == "waiting"
    assert look(uid, 2, kind="hume") == "done"
    kept = hearings.emotions_of(uid=uid, conversation_id="c1")
    readings = sorted(kept.stream(kept.collection.limit(10)), key=lambda each: each.id)
    assert [each.emotions for each in readings] == [{"Joy": 0.6, "Doubt": 0.1}, {"Joy": 0.5, "Calmness": 0.4}]
    [told] = told_to(uid)
    assert (told.kind, told.body) == ("emotional_feedback", "Mostly joy, calmness, doubt")
    assert told.data["conversation_id"] == "c1"
    assert look(uid, 3, kind="hume") == "over"
    assert len(told_to(uid)) == 1
    assert stored(uid) != [], "the transcript is still being made"
    assert measured.seen.count("start") == 1


def test_what_was_measured_is_sealed_where_words_are(uid: str, measured: SecondHearing) -> None:
    users.change(uid=uid, data_protection_level=ENHANCED)
    keys.forget()
    measured.looks = 0
    assert look(uid, 1, kind="hume") == "done"
    raw = firestore_client().document("users", uid, "conversations", "c1", "hume", "00000").get().to_dict() or {}
    assert is_sealed(raw["emotions"])
    reading = hearings.emotions_of(uid=uid, conversation_id="c1").get("00000")
    assert reading.emotions == {"Joy": 0.6, "Doubt": 0.1}


def test_hume_as_it_is_today_is_sent_the_recording_part_by_part(
    uid: str, service: SecondHearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(uid)
    users.change(uid=uid, emotional_feedback=True)
    configure(monkeypatch, hume_api="upload")
    monkeypatch.setattr(postprocess_emotions, "LONGEST_S", 12)
    service.predictions = [a_prediction(1, 4, joy=0.6, doubt=0.1), a_prediction(4, 5)]
    assert begin(uid) == "whisperx and hume"
    assert [look(uid, number, kind="hume") for number in (-1, 0, 1)] == ["not asked for", "measured in part", "done"]
    assert service.seconds == [pytest.approx(12, abs=0.1), pytest.approx(8, abs=3)]
    kept = hearings.emotions_of(uid=uid, conversation_id="c1")
    readings = sorted(kept.stream(kept.collection.limit(10)), key=lambda each: each.id)
    assert [each.emotions for each in readings] == [{"joy": 0.6, "doubt": 0.1}] * 2
    assert readings[1].start - readings[0].start == pytest.approx(12, abs=0.5)
    [told] = told_to(uid)
    assert told.body == "Mostly joy, doubt"
    assert spending.today(uid=uid).speech["hume"].calls == 2
    assert look(uid, 1, kind="hume") == "over"


def told_to(uid: str) -> list[Any]:
    kept = kept_notifications.of(uid=uid)
    return kept.stream(kept.collection.limit(10))


def test_a_callback_makes_us_look_and_nothing_more(uid: str, measured: SecondHearing, stores: Stores) -> None:
    token = measured.asked[0]["callback_url"].partition("token=")[2]
    for _ in range(3):
        called_back(token)
    assert [body for body in bodies(stores, uid) if '"look":-1' in body] != []
    assert look(uid, -1, kind="hume") == "waiting", "too early: the next look comes all the same"
    assert look(uid, -1, kind="hume") == "done"
    assert look(uid, -1, kind="hume") == "over"
    assert len(told_to(uid)) == 1


def test_a_callback_for_what_is_gone_makes_nobody_look(uid: str, service: SecondHearing, stores: Stores) -> None:
    address = callback_address(Postprocess(uid=uid, conversation_id="c1", run=1, kind="hume"))
    assert address is not None
    called_back(address.partition("token=")[2])
    assert (bodies(stores, uid), service.seen) == ([], [])


def test_a_callback_before_the_answer_is_kept_does_no_harm(uid: str, service: SecondHearing) -> None:
    given(uid)
    users.change(uid=uid, emotional_feedback=True)
    begin(uid)
    assert look(uid, -1, kind="hume") == "not asked yet"
    assert "start" not in service.seen
    give_up_postprocessing(Postprocess(uid=uid, conversation_id="c1", run=1, kind="hume", look=-1), "x")
    assert look(uid, 0, kind="hume") == "waiting"


def test_forged_callbacks_are_refused(uid: str, service: SecondHearing, stores: Stores) -> None:
    task = Postprocess(uid=uid, conversation_id="c1", run=1, kind="hume")
    address = callback_address(task)
    assert address is not None
    token = address.partition("token=")[2]
    other = (callback_address(task.model_copy(update={"uid": "other"})) or "").partition("token=")[2]
    forged = (
        "",
        ".",
        "x.y",
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        f"{other.partition('.')[0]}.{token.partition('.')[2]}",
        token.partition(".")[0],
        "é.é",
    )
    for each in forged:
        with pytest.raises(PermissionDeniedError):
            called_back(each)
    assert bodies(stores, uid) == []
    assert service.seen == []


def bodies(stores: Stores, uid: str) -> list[str]:
    sent = [request.content.decode() for request in stores.tasks.received]
    waiting = [task.http_request.body.decode() for task in stores.waiting_tasks()]
    return [body for body in [*sent, *waiting] if uid in body]


def test_a_job_that_failed_says_so(uid: str, measured: SecondHearing) -> None:
    measured.fails = True
    measured.looks = 0
    assert look(uid, 1, kind="hume") == "failed"
    assert told_to(uid) == []
    assert status(uid)[0] == "in_progress", "of the transcript"
