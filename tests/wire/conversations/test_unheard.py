"""Voices of which nobody understands a word are kept for as long as their audio is, to be heard again on request."""

from collections.abc import Sequence
from datetime import timedelta
from math import inf

import pytest

from common.conversations import transcribe_span as transcribing
from common.conversations.lifecycle import NOT_UNDERSTOOD
from common.conversations.parting import end_due_audio
from common.conversations.reprocess import reprocess_conversation
from common.conversations.structure import structure_conversation
from common.conversations.transcribe_span import transcribe_span
from common.core import clock
from common.database import audio_blocks, audio_ends, conversations, segment_batches
from common.models.conversation import Conversation, ConversationStatus, Interval
from common.models.events import TranscribeSpan
from common.speech.blocks import encode_block
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from tests.support.making import a_batch, a_block, a_conversation, a_segment
from tests.support.providers import FirstWordsStructurer
from tests.support.voices import noise, speech

pytestmark = pytest.mark.usefixtures("stores", "first_words")

WORDS = "we discussed the quarterly budget and the hiring plan"


class Deaf:
    """Hears nothing, until it does."""

    name = "deaf"

    def __init__(self) -> None:
        self.heard: list[tuple[float, str]] = []
        self.words = ""

    def understands(self, language: str) -> bool:
        return bool(language)

    def transcribe(self, pcm: bytes, *, language: str, vocabulary: Sequence[str] = (), within_s: float = inf) -> Heard:
        assert vocabulary is not None
        assert within_s > 0
        seconds = len(pcm) / BYTES_PER_SECOND
        self.heard.append((round(seconds, 1), language))
        return Heard((Utterance(self.words, 1.0, 4.0),) if self.words else (), seconds)


@pytest.fixture(autouse=True)
def deaf(monkeypatch: pytest.MonkeyPatch) -> Deaf:
    made = Deaf()
    monkeypatch.setattr(transcribing, "batch_transcriber", lambda: made)
    return made


def _now(uid: str) -> Conversation:
    return conversations.get(uid=uid, conversation_id="c1")


def _killed(uid: str, pcm: bytes) -> None:
    """As it is left by an instance that ended without a word, whose recogniser had heard nothing in anything."""
    seconds = len(pcm) / BYTES_PER_SECOND
    capture = {"kind": "live", "sessions": {"s": {"open": True, "opened_at": clock.now() - timedelta(hours=1)}}}
    conversations.create(a_conversation(status="processing", run=1, capture=capture), uid=uid)
    whole = (Interval(start=0, end=seconds),)
    audio_blocks.put(
        a_block(0, seconds, covered=((0, seconds),), wordless=whole),
        encode_block([pcm]),
        uid=uid,
        conversation_id="c1",
    )


def _captured(uid: str, pcm: bytes, **session: object) -> None:
    seconds = len(pcm) / BYTES_PER_SECOND
    conversations.create(
        a_conversation(
            status="processing", run=1, capture={"kind": "live", "sessions": {"s": {"open": False, **session}}}
        ),
        uid=uid,
    )
    audio_blocks.put(a_block(0, seconds), encode_block([pcm]), uid=uid, conversation_id="c1")


def _understood(uid: str) -> str:
    """What came of it, once whatever was missing was heard."""
    while (outcome := structure_conversation(uid=uid, conversation_id="c1", run=_now(uid).run)) == "waiting for spans":
        current = _now(uid)
        for key in current.pending_spans:
            transcribe_span(TranscribeSpan.from_key(key, uid=uid, conversation_id="c1", run=current.run))
    return outcome


def test_noise_is_empty_and_goes(uid: str) -> None:
    _captured(uid, noise(8))
    assert _understood(uid) == "empty"
    assert conversations.find(uid=uid, conversation_id="c1") is None


def test_voices_are_discarded_and_say_why(uid: str, first_words: FirstWordsStructurer) -> None:
    _captured(uid, speech(8))
    assert _understood(uid) == "completed"
    done = _now(uid)
    assert (done.status, done.discarded, done.failure) == (ConversationStatus.COMPLETED, True, None)
    assert done.relevance is not None
    assert (done.relevance.verdict, done.relevance.decided_by, done.relevance.reason) == (
        "discard",
        "policy",
        NOT_UNDERSTOOD,
    )
    assert [(each.start, each.end) for each in done.unheard["s"]] == [(0, 8)]
    assert first_words.dialogues == [], "no model is asked about nothing"
    assert audio_blocks.list_blocks(uid=uid, conversation_id="c1")
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) in {"completed", "superseded"}


def test_its_owner_has_it_heard_again_in_another_language(uid: str, deaf: Deaf) -> None:
    _captured(uid, speech(8))
    _understood(uid)
    deaf.words = WORDS
    reprocess_conversation(uid=uid, conversation_id="c1", language="tr")
    assert _understood(uid) == "completed"
    assert deaf.heard == [(8.0, "en"), (8.0, "tr")]
    done = _now(uid)
    assert [each.text for each in done.transcript_segments] == [WORDS]
    assert (done.discarded, done.unheard) == (False, {})


def test_heard_again_in_vain_it_stays_discarded_and_is_not_heard_for_ever(uid: str, deaf: Deaf) -> None:
    _captured(uid, speech(8))
    _understood(uid)
    reprocess_conversation(uid=uid, conversation_id="c1")
    assert _understood(uid) == "completed"
    assert len(deaf.heard) == 2
    done = _now(uid)
    assert (done.discarded, list(done.unheard)) == (True, ["s"])
    assert done.structured.title == ""


def test_it_goes_with_its_audio(uid: str) -> None:
    _captured(uid, speech(8))
    _understood(uid)
    audio_ends.expect(clock.now() - timedelta(seconds=1), uid=uid, conversation_id="c1")
    assert end_due_audio() == 1
    assert conversations.find(uid=uid, conversation_id="c1") is None


def test_one_that_its_owner_has_marked_stays(uid: str) -> None:
    _captured(uid, speech(8))
    _understood(uid)
    conversations.reference(uid=uid, conversation_id="c1").update({"starred": True})
    audio_ends.expect(clock.now() - timedelta(seconds=1), uid=uid, conversation_id="c1")
    assert end_due_audio() == 1
    assert _now(uid).starred


def test_beside_words_they_are_noted_and_heard_again_alone(uid: str, deaf: Deaf) -> None:
    _captured(
        uid,
        speech(20),
        covered=[{"start": 0, "end": 20}],
        wordless=[{"start": 8, "end": 20}],
    )
    heard = a_batch(0, 8, a_segment(WORDS, 1, 5))
    segment_batches.put(heard, uid=uid, conversation_id="c1")
    assert _understood(uid) == "completed"
    assert deaf.heard == [(12.0, "en")]
    done = _now(uid)
    assert (done.discarded, [each.text for each in done.transcript_segments]) == (False, [WORDS])
    assert [(each.start, each.end) for each in done.unheard["s"]] == [(8, 20)]
    deaf.words = "and then somebody else said something about it"
    reprocess_conversation(uid=uid, conversation_id="c1")
    assert _understood(uid) == "completed"
    assert " ".join(each.text for each in _now(uid).transcript_segments) == f"{WORDS} {deaf.words}"
    assert deaf.heard == [(12.0, "en"), (12.0, "en")]


def test_what_a_deaf_one_heard_before_its_instance_was_killed_is_heard_again_whole(uid: str, deaf: Deaf) -> None:
    _killed(uid, speech(20) * 4)
    deaf.words = WORDS
    assert _understood(uid) == "completed"
    assert [seconds for seconds, _ in deaf.heard] == [60.0, 20.0]
    assert [each.start for each in _now(uid).transcript_segments] == [1, 61]


def test_a_deaf_hour_is_heard_again_whole_once_there_are_words_in_its_beginning(uid: str, deaf: Deaf) -> None:
    pcm = speech(20) * 8
    _captured(uid, pcm, covered=[{"start": 0, "end": 160}], wordless=[{"start": 0, "end": 160}])
    deaf.words = WORDS
    assert _understood(uid) == "completed"
    assert [seconds for seconds, _ in deaf.heard] == [60.0, 100.0]
    assert [each.start for each in _now(uid).transcript_segments] == [1, 61]
