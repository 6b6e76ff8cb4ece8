"""Batches become one transcript: in order, nothing twice, short pieces of one speaker joined."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.conversations.transcript import JOIN_CHARACTERS, JOIN_GAP_S, assemble, join
from common.models.conversation import Interval
from common.models.segment import TranscriptSegment
from tests.support.making import a_batch, a_segment


def _texts(segments: list[TranscriptSegment]) -> list[str]:
    return [segment.text for segment in segments]


def test_batches_in_any_order_become_a_transcript_in_order_of_time() -> None:
    batches = [
        a_batch(20, 30, a_segment("three", 21, 22, speaker="SPEAKER_01")),
        a_batch(0, 10, a_segment("one", 1, 2)),
        a_batch(10, 20, a_segment("two", 11, 12, speaker="SPEAKER_02")),
    ]
    segments, covered = assemble([], {}, batches)
    assert _texts(segments) == ["one", "two", "three"]
    assert covered == {"s": [Interval(start=0, end=30)]}


def test_of_two_recognisers_of_the_same_seconds_the_first_counts() -> None:
    live = a_batch(0, 10, a_segment("hello there", 2, 4))
    repair = a_batch(0, 12, a_segment("hello their", 2.1, 4.1), a_segment("and more", 10.5, 11.5, speaker="SPEAKER_01"))
    segments, covered = assemble([], {}, [live, repair])
    assert _texts(segments) == ["hello there", "and more"]
    assert covered == {"s": [Interval(start=0, end=12)]}


def test_a_segment_across_the_border_belongs_where_its_middle_is() -> None:
    covered = {"s": [Interval(start=0, end=10)]}
    inside = a_batch(8, 20, a_segment("known", 8, 11.9))
    outside = a_batch(8, 20, a_segment("new", 8.2, 12))
    assert _texts(assemble([], covered, [inside])[0]) == []
    assert _texts(assemble([], covered, [outside])[0]) == ["new"]


def test_two_sessions_may_speak_at_once() -> None:
    one = a_batch(0, 10, a_segment("from the phone", 1, 2))
    other = a_batch(0, 10, a_segment("from the necklace", 1, 2, speaker="SPEAKER_01"), session_id="t")
    segments, covered = assemble([], {}, [one, other])
    assert sorted(_texts(segments)) == ["from the necklace", "from the phone"]
    assert set(covered) == {"s", "t"}


def test_what_was_given_up_stays_a_hole() -> None:
    segments, covered = assemble([], {}, [a_batch(0, 10, given_up="too noisy")])
    assert (segments, covered) == ([], {})


def test_blank_segments_are_dropped_but_their_audio_counts_as_understood() -> None:
    segments, covered = assemble([], {}, [a_batch(0, 10, a_segment("  ", 1, 2))])
    assert segments == []
    assert covered == {"s": [Interval(start=0, end=10)]}


def test_doing_it_again_changes_nothing() -> None:
    batches = [a_batch(0, 10, a_segment("one", 1, 2)), a_batch(10, 20, a_segment("two", 15, 16, speaker="SPEAKER_01"))]
    once = assemble([], {}, batches)
    assert assemble(*once, batches) == once


class TestJoining:
    """Short pieces of one speaker become one segment."""

    def test_neighbours_of_one_speaker_are_joined_under_the_first_id(self) -> None:
        first, second = a_segment("Good", 0, 1), a_segment("morning", 1.5, 2)
        [joined] = join([second, first])
        assert (joined.text, joined.start, joined.end, joined.id) == ("Good morning", 0, 2, first.id)

    @pytest.mark.parametrize(
        "difference",
        [
            {"speaker": "SPEAKER_01"},
            {"is_user": True},
            {"person_id": "anna"},
            {"stt_provider": "other"},
            {"speech_profile_processed": False},
            {"translations": [{"lang": "de", "text": "Morgen"}]},
        ],
    )
    def test_what_differs_is_not_joined(self, difference: dict[str, Any]) -> None:
        assert len(join([a_segment("Good", 0, 1), a_segment("morning", 1.5, 2, **difference)])) == 2

    def test_a_pause_separates(self) -> None:
        assert len(join([a_segment("a", 0, 1), a_segment("b", 1 + JOIN_GAP_S, 6)])) == 2
        assert len(join([a_segment("a", 0, 1), a_segment("b", 0.9 + JOIN_GAP_S, 6)])) == 1

    def test_a_long_segment_is_complete(self) -> None:
        assert len(join([a_segment("x" * JOIN_CHARACTERS, 0, 1), a_segment("b", 1, 2)])) == 2
        assert len(join([a_segment("x" * (JOIN_CHARACTERS - 1), 0, 1), a_segment("b", 1, 2)])) == 1

    def test_an_overlapped_end_is_not_pulled_back(self) -> None:
        [joined] = join([a_segment("long", 0, 9), a_segment("short", 2, 3)])
        assert joined.end == 9


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            lambda word, start, speaker: a_segment(word, start, start + 1, speaker=f"SPEAKER_{speaker:02d}"),
            st.text("abc", min_size=1, max_size=40),
            st.integers(0, 100),
            st.integers(0, 2),
        ),
        max_size=12,
    )
)
def test_joining_loses_and_invents_no_word(segments: list[TranscriptSegment]) -> None:
    joined = join(segments)
    assert sorted(" ".join(_texts(joined)).split()) == sorted(" ".join(_texts(segments)).split())
    assert [segment.start for segment in joined] == sorted(segment.start for segment in joined)
