"""A new user is asked about themselves over the socket, and what they answer is a conversation that is remembered."""

import struct
import time
from typing import Any

import pytest

from common.conversations.live import onboarding, preparing
from common.conversations.onboarding import QUESTIONS, REMEMBERING
from common.core import clock
from common.core.settings import settings
from common.database import claims, conversations, memories, segment_batches
from common.database.claims import Claim
from common.models.conversation import ConversationSource, ConversationStatus
from common.models.memory import Memory
from common.models.segment import TranscriptSegment
from common.speech.transcriber import SAMPLE_RATE
from tests.support.voices import silence
from tests.wire.live import kept
from tests.wire.live.conftest import Connect
from tests.wire.live.device import PCM, Device
from tests.wire.live.turns import Connoisseur, Turn, frames

ASKED = f"{PCM}&onboarding=enabled"


def _turn(number: int, text: str) -> Turn:
    return Turn(0, struct.pack("<h", number) * SAMPLE_RATE, text)


NAME, WORK, HOME, UM = (
    _turn(1, "My name is Ann."),
    _turn(2, "I am a nurse."),
    _turn(3, "In Lisbon."),
    _turn(4, "Um, okay."),
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "streaming_transcribers", lambda _: [Connoisseur([NAME, WORK, HOME, UM])])
    monkeypatch.setattr(onboarding, "PAUSE_S", 0.5)
    monkeypatch.setattr(onboarding, "PATIENCE_S", 5.0)


def _say(app: Device, *turns: Turn) -> None:
    for turn in turns:
        for frame in frames(silence(0.3), turn.pcm):
            app.send(frame)


def _asked(app: Device, number: int) -> dict[str, Any]:
    """The event of a question, once it is there."""
    app.until(lambda: _number(app) == number, what=f"question {number}")
    return app.events("onboarding_question")[-1]


def _number(app: Device) -> int | None:
    asked = app.events("onboarding_question")
    return asked[-1]["question_index"] if asked else None


def _answered(app: Device) -> list[tuple[int, bool]]:
    return [(event["question_index"], event["answered"]) for event in app.events("question_answered")]


def _skip(app: Device, *numbers: int) -> None:
    for number in numbers:
        _asked(app, number)
        app.tell("skip_question")


def _transcript(uid: str, conversation_id: str) -> list[TranscriptSegment]:
    batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
    return sorted((each for batch in batches for each in batch.segments), key=lambda each: each.start)


def _understand(uid: str, conversation_id: str, *learned: str) -> None:
    """What the platform does once a conversation is closed."""
    run = conversations.get(uid=uid, conversation_id=conversation_id).run
    conversations.reference(uid=uid, conversation_id=conversation_id).update({"status": "completed"})
    now = clock.now()
    for content in learned:
        memory = Memory(
            id=content, uid=uid, content=content, conversation_id=conversation_id, created_at=now, updated_at=now
        )
        memories.of(uid=uid).put(memory)
    claim = claims.acquire(
        uid=uid, step=REMEMBERING, subject=conversation_id, run=run, lease_seconds=settings().lease_seconds
    )
    assert isinstance(claim, Claim)
    claims.finish(claim, result="new")


def test_what_is_answered_is_kept_with_its_question_and_what_is_remembered_of_it_is_counted(
    device: Connect, uid: str
) -> None:
    app = device(ASKED)
    app.tell("start_onboarding")
    assert _asked(app, 0) == {
        "type": "onboarding_question",
        "question": QUESTIONS[0],
        "question_index": 0,
        "total_questions": len(QUESTIONS),
    }
    _say(app, NAME)
    _skip(app, 1)
    _asked(app, 2)
    _say(app, HOME)
    _skip(app, 3, 4)
    app.until(lambda: len(_answered(app)) == len(QUESTIONS), what="all done with")
    assert _answered(app) == [(0, True), (1, False), (2, True), (3, False), (4, False)]
    [conversation_id] = kept.ids(uid)
    closed = kept.soon(
        lambda: (
            found
            if (found := conversations.get(uid=uid, conversation_id=conversation_id)).status
            is ConversationStatus.PROCESSING
            else None
        ),
        what="closed",
    )
    assert closed.source is ConversationSource.ONBOARDING
    assert closed.capture.finish_requested_at is not None, "kept, however little was said"
    assert [(each.text, each.is_user, each.stt_provider) for each in _transcript(uid, conversation_id)] == [
        (QUESTIONS[0], False, "onboarding"),
        (NAME.text, True, "connoisseur"),
        (QUESTIONS[2], False, "onboarding"),
        (HOME.text, True, "connoisseur"),
    ]
    _understand(uid, conversation_id, "Ann lives in Lisbon", "The user is called Ann")
    assert app.until_event("onboarding_complete") == {
        "type": "onboarding_complete",
        "conversation_id": conversation_id,
        "memories_created": 2,
    }


def test_a_filler_is_no_answer_and_one_goes_on_until_its_speaker_pauses(device: Connect) -> None:
    app = device(ASKED)
    app.tell("start_onboarding")
    _asked(app, 0)
    _say(app, UM)
    app.quiet(0.8)
    assert _answered(app) == []
    _say(app, NAME)
    app.quiet(0.3)
    _say(app, WORK)
    said_at = time.monotonic()
    app.until(lambda: _answered(app) == [(0, True)], what="the pause")
    assert time.monotonic() - said_at > 0.4


def test_words_of_before_the_question_do_not_answer_it(device: Connect) -> None:
    app = device(ASKED)
    _say(app, WORK)
    app.until(lambda: app.segments, what="the words")
    app.tell("start_onboarding")
    _asked(app, 0)
    app.quiet(0.8)
    assert _answered(app) == []


def test_a_client_that_does_not_ask_for_questions_gets_them_all_the_same(
    device: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onboarding, "UNASKED_S", 0.2)
    app = device(ASKED)
    _asked(app, 0)
    app.tell("start_onboarding")
    app.until(lambda: len(app.events("onboarding_question")) == 2, what="the open question again")
    assert _number(app) == 0


def test_who_answers_nothing_leaves_nothing(device: Connect, uid: str) -> None:
    app = device(ASKED)
    app.tell("start_onboarding")
    _skip(app, *range(len(QUESTIONS)))
    assert app.until_event("onboarding_complete") == {"type": "onboarding_complete", "memories_created": 0}
    assert kept.ids(uid) == []


@pytest.mark.parametrize("becomes", ["deleted", "stuck"])
def test_whatever_becomes_of_the_answers_the_client_does_not_wait_for_ever(
    device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    monkeypatch.setattr(onboarding, "PATIENCE_S", 1.0)
    app = device(ASKED)
    app.tell("start_onboarding")
    _asked(app, 0)
    _say(app, NAME)
    _skip(app, 1, 2, 3, 4)
    app.until(lambda: len(_answered(app)) == len(QUESTIONS), what="all done with")
    [conversation_id] = kept.ids(uid)
    if becomes == "deleted":
        conversations.reference(uid=uid, conversation_id=conversation_id).delete()
    told = app.until_event("onboarding_complete")
    assert (told["conversation_id"], told["memories_created"]) == (conversation_id, 0)
    assert ("error" in told) is (becomes == "deleted")


def test_nobody_is_asked_who_does_not_want_that(device: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onboarding, "UNASKED_S", 0.1)
    app = device()
    app.tell("start_onboarding")
    app.tell("skip_question")
    app.quiet(0.5)
    assert app.events("onboarding_question") == []


def test_a_client_that_recognises_by_itself_answers_by_telling(device: Connect, uid: str) -> None:
    app = device(f"{ASKED}&custom_stt=enabled")
    app.tell("start_onboarding")
    _asked(app, 0)
    app.tell("suggested_transcript", segments=[{"text": "My name is Ann.", "is_user": True}])
    app.until(lambda: _answered(app) == [(0, True)], what="the answer")
    [conversation_id] = kept.ids(uid)
    assert [each.text for each in _transcript(uid, conversation_id)] == [QUESTIONS[0], "My name is Ann."]


def test_a_connection_that_is_lost_leaves_what_was_answered(device: Connect, uid: str) -> None:
    app = device(ASKED)
    app.tell("start_onboarding")
    _asked(app, 0)
    _say(app, NAME)
    _asked(app, 1)
    app.close()
    [conversation_id] = kept.ids(uid)
    left = kept.left_by_all(uid, conversation_id)
    assert left.status is ConversationStatus.IN_PROGRESS
    assert [each.text for each in _transcript(uid, conversation_id)] == [QUESTIONS[0], NAME.text]
