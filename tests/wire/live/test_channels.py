"""Several microphones on one connection: the first byte of a frame says which one it is of."""

import time

import pytest

from common.conversations.finalize import finalize_conversation
from common.conversations.structure import structure_conversation
from common.conversations.transcribe_span import transcribe_span
from common.database import conversations, people, segment_batches
from common.models.conversation import ConversationStatus, Interval
from common.models.events import FinalizeConversation, TranscribeSpan
from tests.support.providers import CountingTranscriber
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM, Device, frames
from tests.wire.live.recogniser import Fault, Recogniser
from tests.wire.live.test_conversations import close

CALL = f"{PCM}&channels=2&source=phone_call&call_id=call-7"


def say(app: Device, channel: int, *numbers: int, seconds: float = 1.0) -> None:
    for number in numbers:
        for frame in frames(number, seconds=seconds):
            app.send(bytes([channel]) + frame)


def speakers(app: Device) -> set[tuple[str, str, int, bool]]:
    return {(each["text"], each["speaker"], each["speaker_id"], each["is_user"]) for each in app.segments}


class TestTwo:
    """A phone call: the owner's microphone, and the other side."""

    def test_each_has_its_own_words_audio_and_speaker(self, device: Connect, uid: str, recogniser: Recogniser) -> None:
        app = device(CALL)
        for number in (1, 2, 3):
            say(app, 0, number)
            say(app, 1, 10 + number)
        app.until_heard(1, 2, 3, 11, 12, 13)
        assert {(each["speaker"], each["speaker_id"], each["is_user"]) for each in app.segments} == {
            ("SPEAKER_00", 0, True),
            ("SPEAKER_01", 1, False),
        }
        for each in app.segments:
            assert all((int(number) > 10) is (each["speaker_id"] == 1) for number in each["text"].split())
        assert len(recogniser.streams) == 2, "a recognition each"
        app.close()
        [conversation_id] = kept.ids(uid)
        left = kept.left_by_all(uid, conversation_id)
        assert sorted(kept.audio(uid, conversation_id).values()) == [[1, 2, 3], [11, 12, 13]]
        assert sorted(session.channel for session in left.capture.sessions.values() if session.channel is not None) == [
            0,
            1,
        ]
        assert kept.holes(uid, conversation_id) == []
        assert (left.capture.timeout_s, left.call_id, left.source) == (14_400, "call-7", "phone_call")

    def test_a_client_that_counts_from_one_is_heard_on_both_and_its_first_is_the_owner(
        self, device: Connect, uid: str
    ) -> None:
        app = device(CALL)
        say(app, 1, 1, 2)
        say(app, 2, 11, 12)
        app.until_heard(1, 2, 11, 12)
        assert {(int(each["text"].split()[0]) > 10, each["speaker_id"], each["is_user"]) for each in app.segments} == {
            (False, 0, True),
            (True, 1, False),
        }
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert sorted(kept.audio(uid, conversation_id).values()) == [[1, 2], [11, 12]]
        assert {event["channel"] for event in app.events("audio_stored")} <= {1, 2}

    @pytest.mark.parametrize("seconds", [1, 6])
    def test_while_only_one_is_heard_it_is_the_owners_as_the_apps_count_and_nothing_is_lost_if_they_do_not(
        self, device: Connect, uid: str, seconds: int
    ) -> None:
        app = device(CALL)
        say(app, 1, *range(1, seconds + 1))
        app.until_heard(*range(1, seconds + 1))
        assert all(each["is_user"] for each in app.segments)
        say(app, 0, 21)
        app.until_heard(21)
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert sorted(kept.audio(uid, conversation_id).values()) == [list(range(1, seconds + 1)), [21]]

    def test_a_connection_that_is_over_before_that_shows_loses_nothing(self, device: Connect, uid: str) -> None:
        app = device(CALL)
        say(app, 1, 7)
        app.close()
        kept.soon(lambda: kept.ids(uid), within_s=5, what="a conversation")
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert kept.said(uid, conversation_id) == [7]

    def test_times_are_those_of_each_channels_audio(self, device: Connect) -> None:
        app = device(CALL)
        say(app, 0, 0, 0, 3)
        say(app, 1, 14)
        app.until_heard(3, 14)
        assert [(each["text"], each["start"], each["end"]) for each in app.segments] == [("14", 0, 1), ("3", 2, 3)]

    def test_a_client_may_say_who_the_other_side_is(self, device: Connect, uid: str) -> None:
        tom = people.get_or_create(uid=uid, name="Tom").id
        app = device(CALL)
        say(app, 0, 1)
        say(app, 1, 0, 11, 12)
        app.until_heard(1, 11, 12)
        [other] = [each for each in app.segments if each["speaker_id"] == 1]
        app.tell("speaker_assigned", speaker_id=1, person_id="a/b", person_name="x", segment_ids=[other["id"]])
        app.tell("speaker_assigned", speaker_id=1, person_id="unknown", person_name="x", segment_ids=[other["id"]])
        app.tell("speaker_assigned", speaker_id=1, person_id=tom, person_name="Tom", segment_ids=[other["id"]])
        app.until(
            lambda: {each["speaker_id"]: each["person_id"] for each in app.segments} == {0: None, 1: tom}, what="said"
        )
        [conversation_id] = kept.ids(uid)
        batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
        assert {(each.text, each.person_id) for batch in batches for each in batch.segments} == {
            ("1", None),
            ("11", tom),
            ("12", tom),
        }

    def test_a_channel_nobody_knows_is_no_audio_and_holds_up_nothing(self, device: Connect, uid: str) -> None:
        app = device(CALL)
        say(app, 3, 99)
        say(app, 255, 98)
        say(app, 0, 1)
        app.send(b"\1")
        app.send(b"\1\0")
        say(app, 1, 11)
        app.until_heard(1, 11)
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert kept.words(uid, conversation_id) == [1, 11]
        assert kept.said(uid, conversation_id) == [1, 11]

    def test_who_counts_the_other_way_from_the_middle_on_is_still_the_same(self, device: Connect, uid: str) -> None:
        app = device(CALL)
        for number in (1, 2):
            say(app, 1, number)
            say(app, 2, 10 + number)
        for number in (3, 4):
            say(app, 0, number)
            say(app, 1, 10 + number)
        app.until_heard(1, 2, 3, 4, 11, 12, 13, 14)
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert sorted(kept.audio(uid, conversation_id).values()) == [[1, 2, 3, 4], [11, 12, 13, 14]]

    def test_a_wrong_number_at_the_end_holds_up_no_good_bye(self, device: Connect, uid: str) -> None:
        app = device(CALL)
        say(app, 1, 1)
        say(app, 2, 11)
        say(app, 0, 99, seconds=0.1)
        say(app, 1, 2)
        app.close()
        kept.soon(lambda: kept.ids(uid), within_s=5, what="a conversation")
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert sorted(kept.audio(uid, conversation_id).values()) == [[1, 2], [11]]

    def test_who_lost_frames_under_wrong_numbers_is_not_earlier_than_the_other(self, device: Connect, uid: str) -> None:
        app = device(CALL)
        for number in range(1, 13):
            for place, (mine, theirs) in enumerate(zip(frames(number), frames(20 + number), strict=True)):
                app.send(b"\0" + mine)
                app.send((b"\7" if number == 3 and place < 5 else b"\1") + theirs)
        app.until_heard(12, 32)
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        ends = {block.session_id: block.end for block in kept.blocks(uid, conversation_id)}
        assert sorted(ends.values()) == [12, 12]
        said: dict[int, float] = {}
        for batch in segment_batches.list_batches(uid=uid, conversation_id=conversation_id):
            for each in batch.segments:
                said[int(each.text)] = min(each.start, said.get(int(each.text), 99))
        assert all(abs(said[number] - said[20 + number]) < 0.15 for number in (1, 2, *range(8, 13)))
        assert kept.holes(uid, conversation_id) == []

    def test_what_is_told_to_be_stored_is_stored_of_every_channel(self, device: Connect, uid: str) -> None:
        app = device(CALL)
        say(app, 1, *range(1, 8))
        conversation_id = app.until_stored(7)
        assert kept.said(uid, conversation_id) == list(range(1, 8))
        assert {event["channel"] for event in app.events("audio_stored")} == {1}
        say(app, 0, 11, 12, 13)
        app.until(lambda: {event["channel"] for event in app.events("audio_stored")} == {0, 1}, what="both stored")
        assert [event["until_s"] for event in app.events("audio_stored")][-1] == 3, "each by its own clock"

    def test_a_conversation_closed_meanwhile_is_followed_by_another_with_both(self, device: Connect, uid: str) -> None:
        app = device(CALL)
        say(app, 0, 1)
        say(app, 1, 11)
        say(app, 1, 12, seconds=0.5)
        app.until_heard(1, 11)
        first = app.until_stored(1)
        close(uid, first)
        app.until_event("memory_processing_started")
        say(app, 0, 2)
        say(app, 1, 13)
        app.until_heard(1, 2, 11, 12, 13)
        kept.left_by_all(uid, first)
        second = app.until_stored(1, after=[first])
        assert (kept.words(uid, first), kept.words(uid, second)) == ([1, 11, 12], [2, 13])

    def test_silence_for_less_than_four_hours_ends_no_call(
        self, device: Connect, uid: str, configure: Configure
    ) -> None:
        configure(conversation_timeout_s=1)
        app = device(f"{CALL}&conversation_timeout=2")
        say(app, 0, 1)
        conversation_id = app.until_stored(1)
        app.quiet(0.3)  # six seconds of the stores' time
        finalize_conversation(FinalizeConversation(uid=uid, conversation_id=conversation_id))
        assert conversations.get(uid=uid, conversation_id=conversation_id).status is ConversationStatus.IN_PROGRESS

    @pytest.mark.usefixtures("first_words")
    def test_what_is_repaired_later_keeps_its_speaker(
        self,
        device: Connect,
        uid: str,
        recogniser: Recogniser,
        configure: Configure,
        counting: CountingTranscriber,
    ) -> None:
        configure(drain_seconds=0.3)
        recogniser.faults.extend([Fault("stalls"), Fault("stalls")])
        app = device(CALL)
        say(app, 0, 1, 2)
        say(app, 1, 11, 12)
        conversation_id = app.until_stored(2)
        app.close()
        left = kept.left_by_all(uid, conversation_id)
        assert kept.holes(uid, conversation_id) == [Interval(start=0, end=2)]
        close(uid, conversation_id)
        assert structure_conversation(uid=uid, conversation_id=conversation_id, run=1) != "completed"
        waiting = conversations.get(uid=uid, conversation_id=conversation_id).pending_spans
        assert len(waiting) == 2, "one of each channel"
        for key in waiting:
            transcribe_span(TranscribeSpan.from_key(key, uid=uid, conversation_id=conversation_id, run=1))
        assert counting
        channels = {name: session.channel for name, session in left.capture.sessions.items()}
        repaired = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
        assert {channels[batch.session_id] for batch in repaired} == {0, 1}
        for batch in repaired:
            for segment in batch.segments:
                channel = channels[batch.session_id]
                assert (segment.speaker_id, segment.is_user) == (channel, channel == 0)


def test_eight_at_once_are_eight(device: Connect) -> None:
    app = device(f"{PCM}&channels=8")
    for channel in range(8):
        say(app, channel, channel + 1)
    app.until_heard(*range(1, 9))
    assert {(each["text"], each["speaker_id"]) for each in app.segments} == {(str(n + 1), n) for n in range(8)}
    assert device(f"{PCM}&channels=9").closed()[0] == 1008


class TestSilentForAWhile:
    """One channel sends nothing for a while, and the other goes on."""

    def test_who_picks_up_later_is_heard_and_stored_later(self, device: Connect, uid: str) -> None:
        app = device(CALL)
        say(app, 0, 1, 2, 3, 4)
        app.until_heard(1, 2, 3)
        time.sleep(0.6)
        say(app, 1, 11)
        say(app, 0, 5)
        say(app, 1, 12)
        app.until_heard(1, 2, 3, 4, 5, 11, 12)
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
        said = {each.text: each.start for batch in batches for each in batch.segments}
        assert said == {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "11": 4, "12": 5}
        assert kept.holes(uid, conversation_id) == []
        late = [(block.start, block.end) for block in kept.blocks(uid, conversation_id) if block.session_id[12:] == "1"]
        assert (min(late)[0], max(late)[1]) == (4, 6)
