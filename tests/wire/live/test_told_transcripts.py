"""A client that recognises by itself tells what was said, over the socket."""

import json
from socket import SO_SNDBUF, SOL_SOCKET
from threading import Thread
from typing import Any

import pytest

from common.database import conversations, segment_batches
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM, Device
from tests.wire.live.endings import finished, silence_ends
from tests.wire.live.outage import Outage
from tests.wire.live.recogniser import Recogniser

pytestmark = pytest.mark.usefixtures("first_words", "counting")

CUSTOM = f"{PCM}&custom_stt=enabled"


def _transcript(uid: str, conversation_id: str) -> list[tuple[str, str]]:
    found = conversations.get(uid=uid, conversation_id=conversation_id).transcript_segments
    return [(segment.text, segment.stt_provider or "") for segment in found]


def _tell(app: Device, *texts: str, **fields: Any) -> None:
    said = [{"text": text, "start": 10.0 * at, "end": 10.0 * at + 1} for at, text in enumerate(texts)]
    app.tell("suggested_transcript", segments=said, **fields)


def _texts(app: Device) -> list[str]:
    return [segment["text"] for segment in app.segments]


def _send_all(app: Device, messages: list[str]) -> None:
    for message in messages:
        app.send(message)


class TestSuggestedTranscript:
    """A client that recognises by itself."""

    def test_its_words_are_shown_and_kept_and_its_audio_is_stored_but_heard_by_nobody(
        self, device: Connect, uid: str, recogniser: Recogniser
    ) -> None:
        app = device(CUSTOM)
        app.say(1, 2, 3)
        _tell(app, "Good morning.", "Is it late?", stt_provider="whisper-here")
        app.until(lambda: len(app.segments) == 2, what="both shown")
        first = app.until_stored(3)
        assert {each["stt_provider"] for each in app.segments} == {"whisper-here"}
        assert recogniser.streams == []
        assert kept.said(uid, first) == [1, 2, 3]
        app.tell("finalize")
        app.until_event("memory_processing_started")
        kept.left_by_all(uid, first)
        assert finished(uid, first) == "completed"
        assert _transcript(uid, first) == [("Good morning.", "whisper-here"), ("Is it late?", "whisper-here")]
        assert conversations.get(uid=uid, conversation_id=first).uses_custom_stt

    def test_without_any_audio_silence_ends_the_conversation_and_no_word_of_it_is_missing(
        self, device: Connect, uid: str, configure: Configure
    ) -> None:
        configure(conversation_timeout_s=20)
        app = device(CUSTOM)
        _tell(app, "There was no sound.")
        app.until(lambda: _texts(app) == ["There was no sound."], what="shown")
        [first] = kept.ids(uid)
        silence_ends(uid, first)
        started = app.until_event("memory_processing_started")["memory"]
        assert [segment["text"] for segment in started["transcript_segments"]] == ["There was no sound."]
        app.tell("suggested_transcript", segments=[{"text": "And then there was."}])
        app.until(lambda: "And then there was." in _texts(app), what="what is said next")
        kept.left_by_all(uid, first)
        assert finished(uid, first) == "completed"
        assert _transcript(uid, first) == [("There was no sound.", "custom")]
        assert app.until_event("memory_created")["memory"]["id"] == first
        assert len(kept.ids(uid)) == 2

    def test_told_again_it_is_there_once_also_after_the_connection_was_lost(self, device: Connect, uid: str) -> None:
        said = [{"id": "a", "text": "We met", "start": 1, "end": 2}]
        app = device(CUSTOM)
        app.tell("suggested_transcript", segments=said)
        app.tell("suggested_transcript", segments=said)
        app.tell("suggested_transcript", segments=[{**said[0], "text": "We met on Monday."}])
        app.until(lambda: _texts(app) == ["We met on Monday."], what="the last version")
        [first] = kept.ids(uid)
        app.close()
        kept.left_by_all(uid, first)
        again = device(CUSTOM)
        again.tell("suggested_transcript", segments=[{**said[0], "text": "We met on Monday."}])
        again.until(lambda: _texts(again) == ["We met on Monday."], what="shown again")
        again.tell("finalize")
        again.until_event("memory_processing_started")
        kept.left_by_all(uid, first)
        assert finished(uid, first) == "completed"
        assert [text for text, _ in _transcript(uid, first)] == ["We met on Monday."]

    @pytest.mark.parametrize(
        "message",
        [
            {},
            {"segments": "hello"},
            {"segments": ["x"]},
            {"segments": [{"text": 5}]},
            {"segments": [{"text": "x"}] * 2001},
            {"segments": [{"text": "x" * 10_001}]},
        ],
    )
    def test_one_that_cannot_be_used_is_1008_and_what_was_said_before_is_kept(
        self, device: Connect, uid: str, message: dict[str, Any]
    ) -> None:
        app = device(CUSTOM)
        _tell(app, "Before.")
        app.tell("suggested_transcript", **message)
        assert app.closed() == (1008, "an unusable suggested_transcript")
        kept.soon(lambda: kept.ids(uid), what="a conversation")
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        [batch] = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
        assert [segment.text for segment in batch.segments] == ["Before."]

    def test_many_at_once_and_half_a_sign_are_taken_as_they_are(self, device: Connect, uid: str) -> None:
        app = device(CUSTOM)
        said = [{"text": f"Number {at}.", "start": 9 * at, "end": 9 * at + 1} for at in range(450)]
        app.tell("suggested_transcript", segments=[*said, {"text": "\ud83d Half a sign."}, {"text": None}])
        app.until(lambda: len({each["id"] for each in app.segments}) == 451, what="all of them")
        [conversation_id] = kept.ids(uid)
        batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
        assert sorted(len(batch.segments) for batch in batches) == [51, 200, 200]
        assert "\ufffd Half a sign." in {each.text for batch in batches for each in batch.segments}

    def test_of_a_client_that_did_not_say_so_it_is_not_listened_to(self, device: Connect, uid: str) -> None:
        app = device()
        _tell(app, "Words from nowhere.")
        app.tell("suggested_transcript", segments=5)
        app.say(1)
        app.until_heard(1)
        assert kept.words(uid, app.until_stored(1)) == [1]

    def test_one_of_nothing_begins_no_conversation(self, device: Connect, uid: str) -> None:
        app = device(CUSTOM)
        app.tell("suggested_transcript", segments=[])
        app.tell("suggested_transcript", segments=[{"text": "  "}])
        app.quiet(0.3)
        assert kept.ids(uid) == []

    def test_what_is_told_with_the_last_breath_is_kept(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outage = Outage(monkeypatch, segment_batches, "put", calls=3)
        app = device(CUSTOM)
        for number in range(30):
            app.tell("suggested_transcript", segments=[{"text": f"Word {number}.", "start": number, "end": number + 1}])
        app.close()
        kept.soon(lambda: kept.ids(uid), what="a conversation")
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert outage.refused == 3
        batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
        texts = {segment.text for batch in batches for segment in batch.segments}
        assert texts == {f"Word {number}." for number in range(30)}

    def test_long_messages_that_wait_are_bounded_by_their_length(
        self, device: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outage = Outage(monkeypatch, segment_batches, "put", calls=10**9)
        app = device(CUSTOM)
        text = "x" * 9000
        said = [
            json.dumps({"type": "suggested_transcript", "segments": [{"text": f"{text} {at}."}] * 20})
            for at in range(40)
        ]
        # What the client's own kernel keeps must not be room for all of it.
        app.socket.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 256 * 1024)
        sending = Thread(target=_send_all, args=(app, said), daemon=True)
        sending.start()
        app.quiet(1.0)
        held_back = sending.is_alive()
        outage.over()
        assert held_back, "of seven megabytes two are taken, and nothing is read any more"
        app.until(lambda: " 39." in str(app.messages[-1:]), what="the last one", within_s=15)
        sending.join()

    def test_a_client_that_tells_faster_than_we_store_is_held_back_and_loses_nothing(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outage = Outage(monkeypatch, segment_batches, "put", calls=10**9)
        app = device(CUSTOM)
        for number in range(300):
            app.tell(
                "suggested_transcript", segments=[{"text": f"{number}", "start": 9 * number, "end": 9 * number + 1}]
            )
        app.say(7)
        outage.over()
        app.until(lambda: len(app.segments) == 300, what="all of them", within_s=10)
        assert kept.said(uid, app.until_stored(1)) == [7]
