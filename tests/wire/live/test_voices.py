"""Real voices over the socket: who speaks, what the client says of it, and silence that nobody has to hear."""

from collections.abc import Sequence
from typing import Any

import pytest

from common.conversations.finalize import close_conversation
from common.conversations.live import preparing
from common.database import conversations, people, segment_batches, users
from common.models.segment import TranscriptSegment
from common.speech.transcriber import BYTES_PER_SECOND
from tests.support.voices import silence
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM, Device
from tests.wire.live.test_recognition import HERS, HIS, MAN, WOMAN, a_person, a_voice
from tests.wire.live.turns import PAUSE, Connoisseur, Turn, frames

ASSIGN = f"{PCM}&speaker_auto_assign=enabled"
DIALOGUE = [
    Turn(0, HIS[0], "He says one."),
    Turn(1, HERS[0], "She says two."),
    Turn(0, HIS[1], "He says three."),
    Turn(1, HERS[1], "She says four."),
    Turn(0, HIS[2], "He says five."),
    Turn(1, HERS[2], "She says six."),
]


@pytest.fixture(autouse=True)
def provider(monkeypatch: pytest.MonkeyPatch) -> Connoisseur:
    made = Connoisseur(DIALOGUE)
    monkeypatch.setattr(preparing, "streaming_transcribers", lambda _: [made])
    return made


def _play(app: Device, turns: Sequence[Turn], *, pause: bytes = PAUSE) -> None:
    for turn in turns:
        for frame in frames(turn.pcm, pause):
            app.send(frame)


def _shown(app: Device, turns: Sequence[Turn]) -> None:
    app.until(lambda: [each["text"] for each in app.segments] == [turn.text for turn in turns], what="all turns")


def _of(app: Device, speaker: str) -> list[dict[str, Any]]:
    return [each for each in app.segments if each["text"].startswith(speaker)]


def _stored(uid: str, conversation_id: str) -> list[TranscriptSegment]:
    batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
    return sorted((each for batch in batches for each in batch.segments), key=lambda each: each.start)


def _closed(uid: str) -> str:
    """The user's only conversation, closed from outside and left by its connection."""
    [conversation_id] = kept.ids(uid)
    close_conversation(conversations.get(uid=uid, conversation_id=conversation_id), uid=uid)
    kept.left_by_all(uid, conversation_id)
    return conversation_id


class TestSpeakers:
    """People are known by their voices."""

    def test_who_is_recognised_is_written_to_what_was_shown_before(self, device: Connect, uid: str) -> None:
        users.change(uid=uid, voice=a_voice(MAN))
        ann = a_person(uid, "Ann", WOMAN)
        app = device(ASSIGN)
        _play(app, DIALOGUE)
        _shown(app, DIALOGUE)
        app.until(lambda: all(each["is_user"] for each in _of(app, "He")), what="the owner is known")
        app.until(lambda: all(each["person_id"] == ann for each in _of(app, "She")), what="Ann is known")
        assert not any(each["is_user"] for each in _of(app, "She"))
        assert not app.events("speaker_label_suggestion")
        [conversation_id] = kept.ids(uid)
        app.close()
        kept.left_by_all(uid, conversation_id)
        assert [(each.is_user, each.person_id) for each in _stored(uid, conversation_id)] == [
            (True, None),
            (False, ann),
        ] * 3

    def test_without_leave_it_is_suggested_and_kept_for_later(self, device: Connect, uid: str) -> None:
        ann = a_person(uid, "Ann", WOMAN)
        app = device()
        _play(app, DIALOGUE)
        _shown(app, DIALOGUE)
        suggested = app.until_event("speaker_label_suggestion")
        assert (suggested["speaker_id"], suggested["person_id"], suggested["person_name"]) == (1, ann, "Ann")
        assert suggested["segment_id"] in {each["id"] for each in _of(app, "She")}
        assert not any(each["person_id"] for each in app.segments)
        app.close()
        [conversation_id] = kept.ids(uid)
        left = kept.left_by_all(uid, conversation_id)
        [stored] = left.speaker_label_suggestions
        assert (stored.speaker_id, stored.person_name) == (1, "Ann")

    def test_what_a_client_says_of_a_voice_holds_for_it_from_then_on(self, device: Connect, uid: str) -> None:
        tom = people.get_or_create(uid=uid, name="Tom").id
        app = device()
        _play(app, DIALOGUE[:4])
        _shown(app, DIALOGUE[:4])
        first = _of(app, "He")[0]
        app.tell(
            "speaker_assigned",
            speaker_id=0,
            person_id=tom,
            person_name="Tom",
            segment_ids=[first["id"], "of another life"],
        )
        app.until(lambda: _of(app, "He")[0]["person_id"] == tom, what="said")
        assert _of(app, "He")[0]["speaker_label_source"] == "manual"
        _play(app, DIALOGUE[4:])
        _shown(app, DIALOGUE)
        app.until(lambda: _of(app, "He")[2]["person_id"] == tom, what="of what is said next, too")
        assert not any(each["person_id"] for each in _of(app, "She"))
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        stored = _stored(uid, conversation_id)
        assert [each.person_id for each in stored if each.text in {"He says one.", "He says five."}] == [tom, tom]

    def test_one_that_makes_no_sense_is_passed_over(self, device: Connect) -> None:
        app = device()
        _play(app, DIALOGUE[:2])
        _shown(app, DIALOGUE[:2])
        ids = [each["id"] for each in app.segments]
        for message in (
            {},
            {"speaker_id": "x", "person_id": "user", "segment_ids": ids},
            {"speaker_id": 0, "person_id": "nobody/known", "segment_ids": ids},
            {"speaker_id": 0, "person_id": "user", "segment_ids": ["of another life"]},
            {"speaker_id": 0, "person_id": "\ud83d", "segment_ids": ids},
        ):
            app.tell("speaker_assigned", **message)
        _play(app, DIALOGUE[2:])
        _shown(app, DIALOGUE)
        assert not any(each["is_user"] or each["person_id"] for each in app.segments)


class TestGate:
    """Silence is not paid for."""

    @pytest.mark.parametrize("asked", ["client", "settings"])
    def test_silence_is_not_sent_and_every_word_is_heard_whole_where_it_was_said(
        self, device: Connect, uid: str, provider: Connoisseur, configure: Configure, asked: str
    ) -> None:
        configure(voice_gate="true" if asked == "settings" else "false")
        app = device(PCM if asked == "settings" else f"{PCM}&vad_gate=enabled")
        long = silence(6)
        for frame in frames(long):
            app.send(frame)
        _play(app, DIALOGUE[:3], pause=long)
        _play(app, DIALOGUE[3:])
        for frame in frames(long):
            app.send(frame)
        _shown(app, DIALOGUE)
        sent_s = 5 * 6 + 3 * 0.7 + sum(len(turn.pcm) for turn in DIALOGUE) / BYTES_PER_SECOND
        app.until_stored(sent_s)
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert kept.holes(uid, conversation_id) == [], "silence is settled, too"
        spoken_s = sent_s - 30
        assert provider.given_s < spoken_s + 5 * 2.0, "of each silence, its edges at most"
        begin = 6.0
        for turn, segment in zip(DIALOGUE, _stored(uid, conversation_id), strict=True):
            assert segment.text == turn.text
            assert segment.start == pytest.approx(begin, abs=0.03)
            begin += len(turn.pcm) / BYTES_PER_SECOND + (6.0 if turn in DIALOGUE[:3] else 0.7)

    def test_a_client_that_wants_none_has_everything_heard(
        self, device: Connect, provider: Connoisseur, configure: Configure
    ) -> None:
        configure(voice_gate="true")
        app = device(f"{PCM}&vad_gate=disabled")
        for frame in frames(silence(5)):
            app.send(frame)
        _play(app, DIALOGUE[:1])
        _shown(app, DIALOGUE[:1])
        kept.soon(lambda: provider.given_s > 5 + 2, what="everything given")

    def test_where_nobody_speaks_no_provider_is_asked_and_nothing_is_left_to_repair(
        self, device: Connect, uid: str, provider: Connoisseur
    ) -> None:
        app = device(f"{PCM}&vad_gate=enabled")
        for frame in frames(silence(12)):
            app.send(frame)
        app.until_stored(12)
        app.close()
        [conversation_id] = kept.ids(uid)
        left = kept.left_by_all(uid, conversation_id)
        assert provider.streams == []
        assert kept.holes(uid, conversation_id) == []
        assert conversations.get(uid=uid, conversation_id=conversation_id).capture.sessions == left.capture.sessions

    def test_after_one_was_closed_another_begins_only_when_somebody_speaks(self, device: Connect, uid: str) -> None:
        app = device(f"{PCM}&vad_gate=enabled")
        _play(app, DIALOGUE[:1], pause=silence(2))
        _shown(app, DIALOGUE[:1])
        first = _closed(uid)
        app.until_event("memory_processing_started")
        for frame in frames(silence(30)):
            app.send(frame)
        app.quiet(0.5)
        assert kept.ids(uid) == [first], "silence begins nothing"
        _play(app, DIALOGUE[1:2], pause=silence(2))
        _shown(app, DIALOGUE[:2])
        app.close()
        [second] = set(kept.ids(uid)) - {first}
        kept.left_by_all(uid, second)
        [heard] = _stored(uid, second)
        assert heard.text == DIALOGUE[1].text
        assert 0.1 < heard.start < 2.0, "a little silence, and the word whole"
        stored_s = sum(block.end - block.start for block in kept.blocks(uid, second))
        assert stored_s == pytest.approx(heard.start + len(DIALOGUE[1].pcm) / BYTES_PER_SECOND + 2, abs=0.1)
        assert kept.holes(uid, second) == []

    def test_a_word_with_which_a_connection_ends_is_heard_though_nothing_was_begun(
        self, device: Connect, uid: str, provider: Connoisseur
    ) -> None:
        app = device(f"{PCM}&vad_gate=enabled")
        _play(app, DIALOGUE[:1], pause=silence(2))
        _shown(app, DIALOGUE[:1])
        first = _closed(uid)
        for frame in frames(silence(5), DIALOGUE[1].pcm[: BYTES_PER_SECOND // 8]):
            app.send(frame)
        app.close()
        kept.soon(lambda: len(kept.ids(uid)) > 1, what="the other conversation")
        [second] = set(kept.ids(uid)) - {first}
        kept.left_by_all(uid, second)
        assert provider.streams
        assert kept.holes(uid, second) == []

    def test_of_two_channels_both_are_stored_from_where_one_begins_to_speak(self, device: Connect, uid: str) -> None:
        app = device(f"{PCM}&channels=2&vad_gate=enabled")

        def play(*pieces: tuple[bytes, bytes]) -> None:
            for both in pieces:
                for together in zip(*(frames(pcm) for pcm in both), strict=True):
                    for number, frame in enumerate(together):
                        app.send(bytes([number]) + frame)

        def beside(pcm: bytes) -> bytes:
            return bytes(len(pcm))

        play((DIALOGUE[0].pcm, beside(DIALOGUE[0].pcm)), (silence(2), silence(2)))
        _shown(app, DIALOGUE[:1])
        first = _closed(uid)
        play((silence(20), silence(20)), (beside(DIALOGUE[1].pcm), DIALOGUE[1].pcm), (silence(2), silence(2)))
        _shown(app, DIALOGUE[:2])
        app.close()
        [second] = set(kept.ids(uid)) - {first}
        kept.left_by_all(uid, second)
        [heard] = _stored(uid, second)
        assert (heard.text, heard.speaker_id) == (DIALOGUE[1].text, 1)
        ends = {block.session_id: block.end for block in kept.blocks(uid, second)}
        assert len(ends) == 2
        assert max(ends.values()) - min(ends.values()) < 0.11, "what was said at once lies at one time, but for a frame"
        assert kept.holes(uid, second) == []
