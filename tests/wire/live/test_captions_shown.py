"""What a client is shown while words are being said, and how that becomes the transcript."""

import json
from typing import Any

import pytest

from common.conversations.structure import structure_conversation
from common.database import conversations, segment_batches, users
from common.models.segment import TranscriptSegment
from tests.contract.llm.provider_server import Reply
from tests.support.models import language_model
from tests.wire.live import kept
from tests.wire.live.conftest import Connect
from tests.wire.live.device import PCM, Device
from tests.wire.live.recogniser import NOTHING, Fault, Recogniser
from tests.wire.live.test_conversations import close


def _texts(app: Device) -> list[str]:
    """What is on the client's screen."""
    return [segment["text"] for segment in app.segments]


def _stored(uid: str) -> list[TranscriptSegment]:
    [conversation_id] = kept.ids(uid)
    batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
    return [segment for batch in batches for segment in batch.segments]


def _shows(app: Device, *texts: str) -> None:
    app.until(lambda: _texts(app) == list(texts), what=f"{texts} on the screen, not {_texts(app)}")


class TestProvisional:
    """A word is shown before it is over."""

    @pytest.fixture(autouse=True)
    def _supposing(self, recogniser: Recogniser) -> None:
        recogniser.supposes = True

    def test_it_is_shown_at_once_and_stored_only_when_it_is_certain(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, seconds=0.5)
        _shows(app, "1")
        [shown] = app.segments
        assert (shown["start"], shown["end"]) == (0, 0.5)
        app.until_stored(0.5)
        assert _stored(uid) == [], "nobody is certain of it"
        app.say(1, seconds=0.5)
        kept.soon(lambda: _stored(uid), what="stored")
        app.until(lambda: app.segments[0]["end"] == 1, what="the certain one")
        assert [segment["id"] for segment in app.segments] == [shown["id"]], "under the same id"
        assert app.events("segments_deleted") == []

    def test_it_goes_on_the_segment_that_grows(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2)
        app.say(3, seconds=0.5)
        _shows(app, "1 2 3")
        assert [segment.text for segment in _stored(uid)] == ["1", "2"]
        app.say(3, seconds=0.5)
        app.say(4)
        _shows(app, "1 2 3 4")

    def test_what_comes_to_nothing_is_taken_back_and_never_stored(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(NOTHING, seconds=0.5)
        _shows(app, str(NOTHING))
        [shown] = app.segments
        app.say(NOTHING, seconds=0.5)
        app.until_event("segments_deleted")
        assert app.events("segments_deleted")[0]["segment_ids"] == [shown["id"]]
        assert _texts(app) == []
        assert _stored(uid) == []

    def test_what_comes_to_nothing_behind_a_word_leaves_the_word(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1)
        app.say(NOTHING, seconds=0.5)
        _shows(app, f"1 {NOTHING}")
        app.say(NOTHING, seconds=0.5)
        _shows(app, "1")
        assert [segment.text for segment in _stored(uid)] == ["1"]

    def test_what_comes_to_nothing_at_the_end_of_a_conversation_is_taken_back(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1)
        app.say(NOTHING, seconds=0.5)
        _shows(app, f"1 {NOTHING}")
        first = app.until_stored(1.5)
        close(uid, first)
        _shows(app, "1")
        kept.left_by_all(uid, first)
        assert kept.words(uid, first) == [1]

    def test_what_seemed_to_be_said_when_a_stream_broke_stands_until_another_has_heard_it(
        self, device: Connect, recogniser: Recogniser
    ) -> None:
        recogniser.faults.append(Fault("breaks", after_s=1))
        app = device()
        app.say(1)
        app.say(2, seconds=0.5)
        _shows(app, "1 2")
        app.say(2, seconds=0.5)
        app.say(3, seconds=0.5)
        _shows(app, "1", "2 3")
        assert "".join(_texts(app)).count("2") == 1


class TestStatus:
    """Whether anybody hears."""

    def test_a_client_is_told_of_an_interruption_and_of_its_end(self, device: Connect, recogniser: Recogniser) -> None:
        recogniser.faults.extend([Fault("refuses"), Fault("refuses")])
        app = device()
        app.until(lambda: "ready" in app.statuses, what="ready")
        greeting = len(app.statuses)
        app.say(1, 2)
        app.until_heard(1, 2)
        assert app.statuses[greeting:] == ["stt_interrupted", "stt_interrupted", "ready"]
        assert {event.get("provider") for event in app.events("service_status")[greeting:]} == {"numbers"}

    def test_nothing_is_said_of_what_goes_well(self, device: Connect) -> None:
        app = device()
        app.say(1, 2, 3)
        app.until_heard(1, 2, 3)
        assert app.statuses.count("ready") == 1


@pytest.mark.usefixtures("first_words", "counting")
class TestTranscript:
    """What was shown is what is kept."""

    def test_ids_and_texts_of_the_screen_are_those_of_the_transcript(
        self, device: Connect, uid: str, recogniser: Recogniser
    ) -> None:
        recogniser.supposes = True
        recogniser.padding = " and so on, and so forth, until it is long enough to be a segment of its own."
        app = device()
        for number in (1, 2, 3, 4):
            app.say(number)
            app.say(0, seconds=4)
        app.say(5, 6)
        app.until(lambda: len(_texts(app)) == 6 or "6 and" in " ".join(_texts(app)), what="all six")
        first = app.until_stored(22)
        app.close()
        kept.left_by_all(uid, first)
        close(uid, first)
        assert structure_conversation(uid=uid, conversation_id=first, run=1) == "completed"
        transcript = conversations.get(uid=uid, conversation_id=first).transcript_segments
        assert len(transcript) >= 5
        shown = [(each["id"], each["text"], each["start"], each["end"]) for each in app.segments]
        assert shown == [(each.id, each.text, each.start, each.end) for each in transcript]


class TestTranslating:
    """Words in a language that their owner does not read."""

    def test_they_are_told_again_with_their_translation_and_kept_with_it(
        self, device: Connect, uid: str, recogniser: Recogniser
    ) -> None:
        users.change(uid=uid, language="de")
        recogniser.padding = " is what the clock on the wall is showing to everybody in this room."
        with language_model(model_timeout_s="5") as model:
            model.script.append(_translated("Eins"))
            app = device(f"{PCM}&language=en")
            app.say(1)
            translating = app.until_event("translating")
            [told] = translating["segments"]
            assert told["translations"] == [{"lang": "de", "text": "Eins"}]
            assert (told["id"], told["text"]) == (app.segments[0]["id"], app.segments[0]["text"])
            kept.soon(lambda: _stored(uid)[0].translations, what="kept with the words")


def _translated(*texts: str) -> Any:
    listed = [{"number": number, "text": text} for number, text in enumerate(texts, start=1)]
    return Reply(json.dumps({"translations": listed}))
