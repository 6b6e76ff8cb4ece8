"""A client recognises by itself: whatever it tells, its words become segments, once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from common.conversations import recording
from common.conversations.live.take import Take
from common.conversations.live.telling import Teller, first_moment
from common.conversations.transcript import assemble
from common.database.segment_batches import SegmentBatch
from common.models.suggested_transcript import MOST_CHARACTERS, MOST_SEGMENTS, SuggestedTranscript
from tests.support.making import a_conversation, at


def a_take(begin: float = 0.0, offset: float = 0.0, **fields: Any) -> Take:
    return Take(conversation_id="c1", session_id="aaaaaaaaaaaa", begin=begin, offset=offset, **fields)


def a_message(*segments: dict[str, Any], **fields: Any) -> SuggestedTranscript:
    return SuggestedTranscript.model_validate({"type": "suggested_transcript", "segments": segments, **fields})


def told(teller: Teller, message: SuggestedTranscript, take: Take | None = None, *, now: float = 100.0) -> SegmentBatch:
    return teller.batch(take or a_take(), message.said, provider=message.stt_provider, now=now, heard_at=at(now))


@pytest.fixture
def teller() -> Teller:
    return Teller(uid="u", told=lambda _, __: None)


def texts(*batches: SegmentBatch) -> list[str]:
    return [segment.text for segment in assemble([], {}, batches)[0]]


class TestMessages:
    """What is understood of a message."""

    def test_a_segment_is_taken_as_it_is(self, teller: Teller) -> None:
        said = {"text": " Hi. ", "speaker": "SPEAKER_03", "start": 1.5, "end": 2.25, "is_user": True, "person_id": "p"}
        [segment] = told(teller, a_message(said, stt_provider="whisper-local")).segments
        assert (segment.text, segment.speaker, segment.speaker_id) == ("Hi.", "SPEAKER_03", 3)
        assert (segment.start, segment.end) == (1.5, 2.25)
        assert (segment.is_user, segment.person_id, segment.stt_provider) == (True, "p", "whisper-local")

    def test_one_that_names_no_recogniser_has_a_label_all_the_same(self, teller: Teller) -> None:
        assert told(teller, a_message({"text": "x"}, stt_provider=" ")).segments[0].stt_provider == "custom"

    def test_its_times_count_from_the_beginning_of_the_connection(self, teller: Teller) -> None:
        batch = told(teller, a_message({"text": "x", "start": 30, "end": 31}), a_take(begin=20, offset=600))
        assert [(each.start, each.end) for each in batch.segments] == [(610, 611)]
        assert (batch.start, batch.end) == (610, 611)

    def test_what_was_said_before_its_conversation_began_is_not_lost(self, teller: Teller) -> None:
        batch = told(teller, a_message({"text": "x", "start": 1, "end": 2}), a_take(begin=20))
        assert [(each.start, each.end) for each in batch.segments] == [(0, 0)]

    @pytest.mark.parametrize(
        "times", [{}, {"start": 0, "end": 0}, {"start": None}, {"start": "x", "end": float("nan")}]
    )
    def test_words_without_times_were_said_just_now_one_after_the_other(
        self, teller: Teller, times: dict[str, Any]
    ) -> None:
        first = told(teller, a_message({"text": "one.", **times}, {"text": "two.", **times}), now=7.0)
        second = told(teller, a_message({"text": "one.", **times}), now=90.0)
        assert [each.start for each in first.segments] == [7.0, 7.001]
        assert texts(first, second) == ["one. two.", "one."]

    @pytest.mark.parametrize(
        ("start", "end", "span"),
        [(3, 1, (3, 3)), (None, 4, (4, 4)), (4, None, (4, 4)), (-1, 5, (5, 5)), (1e9, 5, (5, 5))],
    )
    def test_times_that_make_no_sense_are_put_right(self, start: Any, end: Any, span: tuple[float, float]) -> None:
        assert a_message({"text": "x", "start": start, "end": end}).said[0].span == span

    def test_speakers_get_labels_that_clients_can_read_and_keep_them(self, teller: Teller) -> None:
        message = a_message(*({"text": "x", "speaker": name} for name in ("Anna", "Ben", "Anna")), {"text": "x"})
        assert [each.speaker for each in told(teller, message).segments] == [f"SPEAKER_0{n}" for n in (0, 1, 0, 2)]
        assert told(teller, a_message({"text": "y", "speaker": "Ben"})).segments[0].speaker == "SPEAKER_01"
        assert told(teller, a_message({"text": "y", "speaker_id": 7})).segments[0].speaker == "SPEAKER_07"

    def test_a_flood_of_speakers_is_bounded(self, teller: Teller) -> None:
        for number in range(1000):
            told(teller, a_message({"text": "x", "speaker": f"name {number}"}))
        assert len(teller._labels) == 64

    @pytest.mark.parametrize(
        "message",
        [
            {},
            {"segments": "x"},
            {"segments": [{"text": 1}]},
            {"segments": ["x"]},
            {"segments": [{"text": "x"}] * (MOST_SEGMENTS + 1)},
            {"segments": [{"text": "x" * 10_001}]},
            {"segments": [{"text": "x" * 9_999}] * (MOST_CHARACTERS // 9_999 + 1)},
        ],
    )
    def test_what_is_none_or_too_much_is_refused(self, message: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            SuggestedTranscript.model_validate(message)

    @pytest.mark.parametrize(
        ("wrong", "fields"),
        [
            ({"speaker_id": -1}, {"speaker_id": None}),
            ({"speaker_id": "2"}, {"speaker_id": 2}),
            ({"speaker": 1}, {"speaker": "SPEAKER_01"}),
            ({"speaker": "x" * 129}, {"speaker": None}),
            ({"is_user": "maybe"}, {"is_user": False}),
            ({"is_user": None}, {"is_user": False}),
            ({"id": 5}, {"id": "5"}),
            ({"id": ["x"]}, {"id": None}),
            ({"person_id": ""}, {"person_id": None}),
        ],
    )
    def test_what_makes_no_sense_beside_the_words_does_not_cost_them(
        self, wrong: dict[str, Any], fields: dict[str, Any]
    ) -> None:
        [segment] = a_message({"text": "x", **wrong}, stt_provider=7).said
        assert segment.text == "x"
        assert segment.model_dump(include=set(fields)) == fields

    @pytest.mark.parametrize(
        ("text", "read"), [("half \ud83d sign", "half \ufffd sign"), ("a whole \ud83d\ude00", "a whole \U0001f600")]
    )
    def test_signs_that_were_cut_in_half_are_marked(self, text: str, read: str) -> None:
        assert a_message({"text": text}).said[0].text == read

    def test_nothing_said_is_nothing(self) -> None:
        assert a_message({"text": " "}, {"text": None}, {}).said == []
        assert a_message().said == []

    @pytest.mark.parametrize(
        ("segments", "moment"),
        [
            ([{"text": "x", "start": 3, "end": 4}, {"text": "y", "start": 2, "end": 9}], 2),
            ([{"text": "x"}], 50),
            ([], 50),
        ],
    )
    def test_a_conversation_begins_with_its_first_word(self, segments: list[dict[str, Any]], moment: float) -> None:
        assert first_moment(a_message(*segments), now=50) == moment


class TestTwice:
    """Messages are sent again, late and in pieces."""

    def test_a_message_that_is_sent_again_is_not_doubled(self, teller: Teller) -> None:
        message = a_message({"text": "Hello.", "start": 1, "end": 2}, {"text": "You.", "start": 9, "end": 10})
        assert texts(told(teller, message), told(teller, message)) == ["Hello.", "You."]

    def test_nor_when_it_is_cut_differently(self, teller: Teller) -> None:
        one, two = {"text": "Hello.", "start": 1, "end": 2}, {"text": "You.", "start": 9, "end": 10}
        batches = [told(teller, a_message(one)), told(teller, a_message(one, two)), told(teller, a_message(two))]
        assert texts(*batches) == ["Hello.", "You."]

    def test_under_its_name_it_is_replaced_even_by_another_connection(self, teller: Teller) -> None:
        first = told(teller, a_message({"id": "x", "text": "Hello", "start": 1, "end": 2}))
        other = Take(conversation_id="c1", session_id="bbbbbbbbbbbb", begin=0, offset=5)
        again = told(
            Teller(uid="u", told=lambda _, __: None), a_message({"id": "x", "text": "Hello there."}), other, now=200
        )
        assert texts(first, again) == ["Hello there."]

    def test_the_same_words_at_another_time_are_other_words(self, teller: Teller) -> None:
        batches = [told(teller, a_message({"text": "Yes.", "start": at_s, "end": at_s + 1})) for at_s in (1, 11, 21)]
        assert texts(*batches) == ["Yes.", "Yes.", "Yes."]

    def test_in_another_conversation_it_is_another_segment(self, teller: Teller) -> None:
        message = a_message({"id": "x", "text": "Hello."})
        elsewhere = Take(conversation_id="c2", session_id="aaaaaaaaaaaa", begin=0, offset=0)
        assert told(teller, message).segments[0].id != told(teller, message, elsewhere).segments[0].id


def test_when_a_conversation_is_found_to_have_begun_earlier_its_words_move_with_it(teller: Teller) -> None:
    batch = told(teller, a_message({"text": "x", "start": 1, "end": 2}))
    conversation = a_conversation(capture={"kind": "live", "moved": {"aaaaaaaaaaaa": 60.0}})
    [moved] = recording.in_its_times([batch], conversation)
    assert (moved.segments[0].start, moved.start) == (61, 61)
    assert moved.interval == batch.interval, "it is counted, not timed"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SEGMENTS = st.lists(
    st.fixed_dictionaries(
        {"text": st.text(max_size=10)},
        optional={"start": JSON, "end": JSON, "speaker": st.none() | st.text(max_size=5), "id": st.sampled_from("ab")},
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=100)
@given(st.lists(SEGMENTS, max_size=4))
def test_whatever_a_client_tells_is_told_in_order_and_every_word_once(messages: list[list[dict[str, Any]]]) -> None:
    teller = Teller(uid="u", told=lambda _, __: None)
    batches: list[SegmentBatch] = []
    expected: dict[object, str] = {}
    for number, segments in enumerate(messages):
        message = a_message(*segments)
        for place, said in enumerate(message.said):
            unnamed = (said.span or (number, place), said.speaker or "", said.text)
            expected[said.id or unnamed] = said.text
        if message.said:
            batches.append(told(teller, message, now=10.0 + number))
    transcript, _ = assemble([], {}, [*batches, *batches])
    assert [each.start for each in transcript] == sorted(each.start for each in transcript)
    assert letters(*(each.text for each in transcript)) == letters(*expected.values())


def letters(*said: str) -> list[str]:
    return sorted("".join("".join(text.split()) for text in said))
