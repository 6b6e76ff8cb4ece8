"""What a client sees on the wire: the greeting, the forms of messages, and why a connection is ended."""

import pytest
from pydantic import ValidationError

from common.conversations.live.parameters import ListenParameters
from common.database import conversations
from common.entry import auth
from common.entry.listening import service
from tests.support.making import a_conversation, at
from tests.support.stores import Stores, free_port
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM


class TestGreeting:
    """The app waits for `ready`."""

    def test_the_states_come_in_their_order_before_any_audio(self, device: Connect) -> None:
        app = device()
        app.until(lambda: "ready" in app.statuses, what="ready")
        assert app.statuses == ["initiating", "in_progress_conversations_processing", "stt_initiating", "ready"]
        assert app.events("last_memory") == []

    def test_the_newest_completed_conversation_is_named_once(self, device: Connect, uid: str) -> None:
        for number, status in enumerate(["completed", "completed", "failed", "processing"]):
            conversations.create(a_conversation(id=f"c{number}", status=status, created_at=at(number)), uid=uid)
        app = device()
        app.until(lambda: "ready" in app.statuses, what="ready")
        assert [event["memory_id"] for event in app.events("last_memory")] == ["c1"]

    def test_no_conversation_begins_before_the_first_audio(self, device: Connect, uid: str) -> None:
        app = device()
        app.until(lambda: "ready" in app.statuses, what="ready")
        app.send(b"\0\0")
        app.send(b"")
        app.send("hello")
        app.send('{"type": "something"}')
        app.say(1)
        app.until_heard(1)
        [conversation_id] = kept.ids(uid)
        app.close()
        kept.left_by_all(uid, conversation_id)
        assert kept.said(uid, conversation_id) == [1], "heartbeats and text are no audio"


class TestTranscript:
    """Segments come as a bare array and are upserted by id."""

    def test_times_are_relative_to_the_beginning_and_every_key_is_there(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2, 0, 4)
        app.until_heard(1, 2, 4)
        [first] = app.segments
        assert (first["text"], first["start"], first["end"]) == ("1 2 4", 0, 4), "one segment that has grown"
        assert {
            "id",
            "text",
            "speaker",
            "speaker_id",
            "is_user",
            "person_id",
            "start",
            "end",
            "translations",
            "speech_profile_processed",
            "stt_provider",
        } <= set(first)
        assert (first["speaker"], first["speaker_id"], first["stt_provider"]) == ("SPEAKER_00", 0, "numbers")
        assert kept.words(uid, kept.ids(uid)[0]) == [1, 2, 4]

    def test_what_is_told_to_be_stored_is_stored_and_only_ever_grows(self, device: Connect, uid: str) -> None:
        app = device()
        for number in range(1, 13):
            app.say(number)
            seen = len(app.events("audio_stored"))
            app.quiet(0.05)
            for event in app.events("audio_stored")[seen:]:
                [stored] = kept.audio(uid, event["conversation_id"]).values()
                assert len(stored) >= int(event["until_s"]), "told before it was stored"
        app.until_stored(12)
        told = [event["until_s"] for event in app.events("audio_stored")]
        assert told == sorted(set(told))
        assert len(told) >= 2, "in steps of five seconds at most"
        assert kept.said(uid, kept.ids(uid)[0]) == list(range(1, 13))

    def test_a_client_is_kept_awake(self, device: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "PING_S", 0.05)
        app = device()
        app.until(lambda: app.messages.count("ping") >= 3, what="three pings")


class TestParameters:
    """The query string."""

    @pytest.mark.parametrize(
        ("asked", "seconds"),
        [(None, 120), (5, 120), (300, 300), (-1, 14_400), (99_999, 14_400)],
    )
    def test_the_silence_timeout_is_never_less_than_ours_nor_more_than_four_hours(
        self, device: Connect, uid: str, asked: int | None, seconds: int
    ) -> None:
        app = device(PCM if asked is None else f"{PCM}&conversation_timeout={asked}")
        app.say(1)
        conversation = conversations.get(uid=uid, conversation_id=app.until_stored(1))
        assert conversation.capture.timeout_s == seconds

    @pytest.mark.parametrize(
        ("query", "source", "language"),
        [
            ("", "omi", "en"),
            ("&source=desktop&language=de", "desktop", "de"),
            ("&source=toaster&language=auto", "omi", "multi"),
            ("&uid=somebody-else&unheard_of=1&stt_service=x&include_speech_profile=false", "omi", "en"),
        ],
    )
    def test_source_and_language_are_noted_and_the_rest_is_ignored(
        self, device: Connect, uid: str, query: str, source: str, language: str
    ) -> None:
        app = device(PCM + query)
        app.say(1)
        conversation = conversations.get(uid=uid, conversation_id=app.until_stored(1))
        assert (conversation.source, conversation.language) == (source, language)
        assert conversation.status == "in_progress"

    def test_defaults_are_those_of_the_contract(self) -> None:
        asked = ListenParameters.model_validate({})
        assert (asked.language, asked.sample_rate, asked.codec, asked.channels) == ("en", 8000, "pcm8", 1)
        with pytest.raises(ValidationError):
            ListenParameters.model_validate({"channels": "0"})


class TestCloseCodes:
    """A client is told why."""

    @pytest.mark.parametrize("query", ["codec=mp3&sample_rate=16000", "codec=pcm16&sample_rate=1", "codec="])
    def test_audio_nobody_can_decode_is_1003(self, device: Connect, query: str) -> None:
        code, reason = device(query).closed()
        assert code == 1003
        assert "unsupported" in reason

    @pytest.mark.parametrize("query", ["sample_rate=fast", "conversation_timeout=soon", "channels=0"])
    def test_parameters_that_cannot_be_used_are_1008_and_named(self, device: Connect, query: str) -> None:
        assert device(query).closed() == (1008, f"unusable parameters: {query.partition('=')[0]}")

    @pytest.mark.parametrize("token", [None, "", "garbage", "a.b.c"])
    def test_who_cannot_be_identified_is_1008(self, device: Connect, token: str | None) -> None:
        assert device(bearer=token).closed()[0] == 1008

    def test_a_token_that_is_over_is_4001(self, stores: Stores, device: Connect, uid: str) -> None:
        token = stores.identity.id_token(uid, expires_in_s=-60)
        assert device(bearer=token).closed() == (4001, "The token has expired")

    def test_while_the_keys_cannot_be_had_it_is_1013(self, device: Connect, configure: Configure) -> None:
        configure(token_keys_url=f"http://127.0.0.1:{free_port()}/jwks")
        auth._keys.cache_clear()
        try:
            assert device().closed()[0] == 1013
        finally:
            auth._keys.cache_clear()

    def test_a_frame_over_64_kib_is_1009_and_what_came_before_it_is_stored(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2)
        app.send(bytes(64 * 1024 + 1))
        assert app.closed()[0] == 1009
        kept.soon(lambda: kept.ids(uid), within_s=5, what="a conversation")
        [conversation_id] = kept.ids(uid)
        kept.soon(lambda: kept.said(uid, conversation_id) == [1, 2], within_s=5, what="everything stored")

    def test_a_frame_of_64_kib_is_fine(self, device: Connect) -> None:
        app = device()
        app.send(bytes(64 * 1024))
        app.until_stored(2)

    def test_a_client_that_says_nothing_is_1001_and_what_it_said_is_stored(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "INACTIVITY_S", 0.3)
        app = device()
        app.say(1, 2)
        assert app.closed() == (1001, "inactivity")
        assert kept.said(uid, kept.ids(uid)[0]) == [1, 2]

    def test_a_heartbeat_is_activity(self, device: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "INACTIVITY_S", 0.4)
        app = device()
        for _ in range(5):
            app.send(b"\0")
            app.quiet(0.2)
        app.say(1)
        app.until_heard(1)
