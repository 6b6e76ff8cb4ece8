"""Batches become one transcript: in order and nothing twice."""

from itertools import permutations

from common.conversations.transcript import assemble
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Interval
from common.models.segment import TranscriptSegment
from tests.support.making import a_batch, a_segment, at


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


def test_of_a_segment_that_goes_on_beyond_what_is_known_the_rest_is_added() -> None:
    covered = {"s": [Interval(start=0, end=9.3)]}
    late = a_batch(6, 16, a_segment("one two six seven eight nine", 6, 13, translations=[{"lang": "de", "text": "x"}]))
    [added], known = assemble([], covered, [late])
    assert added.text == "seven eight nine"
    assert (added.start, added.end) == (8.75, 13)
    assert added.translations == []
    assert known == {"s": [Interval(start=0, end=16)]}


def test_of_a_segment_that_begins_before_what_is_known_the_beginning_is_added() -> None:
    covered = {"s": [Interval(start=9.3, end=20)]}
    [added], _ = assemble([], covered, [a_batch(6, 16, a_segment("one two six seven eight nine", 6, 13))])
    assert added.text == "one two six"
    assert (added.start, added.end) == (6, 8.75)


def test_scripts_without_spaces_are_parted_between_letters() -> None:
    covered = {"s": [Interval(start=0, end=10)]}
    [added], _ = assemble([], covered, [a_batch(8, 12, a_segment("我们明天去看他们", 8, 12))])
    assert added.text == "去看他们"


def test_slivers_part_no_segment() -> None:
    covered = {"s": [Interval(start=0, end=6.2)]}
    [added], _ = assemble([], covered, [a_batch(6, 16, a_segment("one two six", 6, 9))])
    assert added.text == "one two six"


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


def test_what_the_transcript_contains_is_not_joined_to_what_comes_later() -> None:
    compacted = [a_segment("edited by hand", 1, 2)]
    segments, _ = assemble(compacted, {"s": [Interval(start=0, end=3)]}, [a_batch(3, 6, a_segment("late", 3.5, 4))])
    assert _texts(segments) == ["edited by hand", "late"]


def test_pieces_of_different_connections_are_not_joined_and_do_not_separate_each_other() -> None:
    batches = [
        a_batch(0, 4, a_segment("one", 0, 1), a_segment("two", 2, 3), session_id="aaaaaaaaaaaa"),
        a_batch(0, 4, a_segment("other", 1.2, 1.8), session_id="bbbbbbbbbbbb"),
    ]
    assert _texts(assemble([], {}, batches)[0]) == ["one two", "other"]


def test_channels_of_one_connection_take_turns() -> None:
    batches = [
        a_batch(0, 4, a_segment("Hello?", 0, 1), a_segment("How are you?", 2, 3), session_id="aaaaaaaaaaaa"),
        a_batch(0, 4, a_segment("Hello.", 1.2, 1.8), session_id="aaaaaaaaaaaa1"),
    ]
    assert _texts(assemble([], {}, batches)[0]) == ["Hello?", "Hello.", "How are you?"]


class TestTold:
    """A client recognises by itself and tells what was said."""

    def told(self, number: int, *segments: TranscriptSegment, session_id: str = "aaaaaaaaaaaa~") -> SegmentBatch:
        start, end = min(each.start for each in segments), max(each.end for each in segments)
        batch = a_batch(start, end, *segments, session_id=session_id, told=number)
        return batch.model_copy(update={"heard_at": at(1000 + number)})

    def test_words_at_the_same_time_are_all_kept(self) -> None:
        one, other = a_segment("this", 1, 9), a_segment("that", 2, 8, speaker="SPEAKER_01")
        segments, covered = assemble([], {}, [self.told(0, one), self.told(1, other)])
        assert _texts(segments) == ["this", "that"]
        assert covered == {"aaaaaaaaaaaa~": [Interval(start=0, end=2)]}

    def test_of_what_is_told_again_the_last_version_counts_wherever_it_comes_from(self) -> None:
        batches = [
            self.told(0, a_segment("wrong", 1, 2, id="x")),
            self.told(1, a_segment("right", 1.2, 2, id="x")),
            self.told(2, a_segment("right it is", 0.9, 2, id="x"), session_id="bbbbbbbbbbbb~"),
        ]
        for order in permutations(batches):
            assert _texts(assemble([], {}, order)[0]) == ["right it is"]

    def test_what_the_transcript_contains_is_not_added_again_and_what_came_late_is(self) -> None:
        first = self.told(0, a_segment("first", 1, 2, id="x"))
        compacted, covered = assemble([], {}, [first])
        again = self.told(0, a_segment("first", 1, 2, id="x"), session_id="bbbbbbbbbbbb~")
        late = self.told(1, a_segment("late", 1.5, 2.5, id="y", speaker="SPEAKER_01"))
        segments, _ = assemble(compacted, covered, [first, again, late])
        assert _texts(segments) == ["first", "late"]

    def test_its_audio_is_covered_by_nothing_it_tells(self) -> None:
        _, covered = assemble([], {}, [self.told(0, a_segment("first", 1, 2))])
        assert "aaaaaaaaaaaa" not in covered

    def test_batches_that_begin_together_are_two(self) -> None:
        one, other = self.told(0, a_segment("a", 1, 2)), self.told(1, a_segment("b", 1, 2))
        assert one.id != other.id
        assert one.stretch != other.stretch
