"""Where late audio goes: which conversation, where in it, and what becomes of one that began earlier than thought."""

from datetime import timedelta
from typing import Any

import pytest

from common.conversations.offline.closest import TookPlace, choose
from common.conversations.offline.fitting import fit
from common.conversations.offline.moving import begin_earlier
from common.conversations.recording import Recording, covered_by_sessions, placed
from common.models.conversation import ConversationStatus, Interval
from tests.support.making import a_batch, a_block, a_conversation, a_segment, at


def took_place(name: str, begin: float, end: float, **fields: Any) -> TookPlace:
    conversation = a_conversation(id=name, status="completed", started_at=at(begin), finished_at=at(end), **fields)
    return TookPlace(conversation, at(begin), at(end))


def chosen(*candidates: TookPlace, begin: float, end: float) -> str | None:
    found = choose(candidates, begin=at(begin), end=at(end))
    return None if found is None else found.id


class TestChoosing:
    """The closest conversation."""

    def test_within_two_minutes_of_a_border_it_is_that_conversation(self) -> None:
        there = took_place("a", 1000, 2000)
        assert chosen(there, begin=2119, end=2200) == "a"
        assert chosen(there, begin=2121, end=2200) is None
        assert chosen(there, begin=800, end=881) == "a"
        assert chosen(there, begin=800, end=879) is None

    def test_of_several_the_nearest_border_decides(self) -> None:
        before, after = took_place("before", 0, 1000), took_place("after", 1200, 2000)
        assert chosen(before, after, begin=1050, end=1100) == "before"
        assert chosen(before, after, begin=1100, end=1170) == "after"

    def test_the_one_it_was_part_of_goes_before_a_neighbour(self) -> None:
        around, neighbour = took_place("around", 0, 4000), took_place("neighbour", 2005, 2100)
        assert chosen(around, neighbour, begin=1900, end=2000) == "around"

    def test_what_a_model_discarded_counts_and_what_its_owner_put_away_does_not(self) -> None:
        verdict = {"verdict": "discard", "reason": "x"}
        by_model = took_place("m", 0, 100, discarded=True, relevance={**verdict, "decided_by": "model"})
        by_owner = took_place("o", 0, 100, discarded=True, relevance={**verdict, "decided_by": "user"})
        assert chosen(by_model, by_owner, begin=50, end=60) == "m"
        assert chosen(by_owner, begin=50, end=60) is None

    @pytest.mark.parametrize("fields", [{"deleted": True}, {"capture": {"kind": "external"}}])
    def test_what_is_deleted_or_was_never_audio_does_not_count(self, fields: dict[str, Any]) -> None:
        assert chosen(took_place("x", 0, 100, **fields), begin=50, end=60) is None


def between(*bounds: float) -> list[Interval]:
    return [Interval(start=start, end=end) for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


class TestFitting:
    """Nothing is lost, nothing is stored twice."""

    def test_where_nothing_is_it_goes_where_its_time_says(self) -> None:
        assert fit(10, 20, []).begin == 10
        assert fit(10, 20, between(0, 10, 30, 40)).kept == (Interval(start=10, end=30),)

    def test_a_second_of_rounding_moves_it_behind_what_was_before(self) -> None:
        moved = fit(60, 60, between(0, 60.7))
        assert (moved.begin, moved.kept, moved.apart) == (60.7, (Interval(start=60.7, end=120.7),), False)

    def test_or_before_what_comes_after(self) -> None:
        moved = fit(60, 60, between(119, 200))
        assert (moved.begin, moved.apart) == (59, False)

    def test_between_two_it_does_not_fit_and_stands_apart_whole(self) -> None:
        squeezed = fit(60, 60, between(0, 61, 119, 200))
        assert squeezed.apart
        assert squeezed.kept == (Interval(start=60, end=120),)

    def test_the_same_audio_again_adds_nothing(self) -> None:
        assert fit(60, 60, between(0, 200), seen=between(60, 120)).kept == ()

    def test_a_file_that_has_grown_adds_what_is_new(self) -> None:
        assert fit(0, 120, between(0, 60), seen=between(0, 60)).kept == (Interval(start=60, end=120),)

    def test_what_is_known_tells_where_it_lies(self) -> None:
        late = fit(10, 60, [], seen=between(11, 40), later_s=1.0)
        assert (late.begin, late.kept, late.apart) == (11, (Interval(start=40, end=71),), False)

    def test_what_is_new_of_it_stands_apart_from_other_audio_of_its_device(self) -> None:
        assert fit(0, 60, between(30, 50), seen=between(0, 20)).apart
        assert not fit(0, 60, between(0, 20), seen=between(0, 20)).apart

    def test_other_audio_with_the_same_time_is_kept_apart(self) -> None:
        other = fit(0, 60, between(0, 60))
        assert other.apart
        assert other.kept == (Interval(start=0, end=60),)


class TestBeginningEarlier:
    """A conversation whose beginning comes last."""

    def _conversation(self, **fields: Any) -> Any:
        return a_conversation(
            status="completed",
            transcript_segments=[a_segment("hello", 1, 2)],
            covered={"s": [{"start": 0, "end": 5}]},
            unheard={"s": [{"start": 3, "end": 5}]},
            capture={"kind": "live", "sessions": {"t": {"open": False, "covered": [{"start": 7, "end": 8}]}}},
            **fields,
        )

    def test_everything_lies_where_it_was(self) -> None:
        earlier = begin_earlier(self._conversation(), at(-60), sessions={"s"})
        assert earlier.started_at == at(-60)
        assert [(each.start, each.end) for each in earlier.transcript_segments] == [(61, 62)]
        assert earlier.covered == {"s": between(60, 65)}
        assert earlier.unheard == {"s": between(63, 65)}
        assert earlier.capture.moved == {"s": 60, "t": 60}
        assert covered_by_sessions(earlier) == {"t": between(67, 68)}
        [block] = placed([a_block(5, 6, covered=((5, 6),))], earlier)
        assert (block.start, block.end, block.covered) == (65, 66, tuple(between(65, 66)))
        known = Recording(earlier, (block,), (a_batch(5, 6, a_segment("there", 5, 6)),))
        assert known.holes == {}
        assert [(each.start, each.segments[0].start) for each in known.said] == [(65, 65)]
        assert [batch.id for batch in known.leftovers] == ["s-0000005000"], "it is found by the name it is stored under"

    def test_what_comes_afterwards_counts_from_the_new_beginning(self) -> None:
        earlier = begin_earlier(self._conversation(), at(-60), sessions={"s"})
        [block] = placed([a_block(0, 6, session_id="new")], earlier)
        assert block.start == 0

    def test_twice_earlier_is_earlier_by_both(self) -> None:
        once = begin_earlier(self._conversation(), at(-60), sessions={"s"})
        twice = begin_earlier(once, at(-100), sessions={"s", "new"})
        assert twice.capture.moved == {"s": 100, "t": 100, "new": 40}

    def test_a_later_moment_changes_nothing(self) -> None:
        before = self._conversation()
        assert begin_earlier(before, at(0) + timedelta(seconds=3), sessions={"s"}) is before

    def test_a_run_that_counts_from_the_old_beginning_is_overtaken(self) -> None:
        update = {"status": ConversationStatus.PROCESSING, "run": 4}
        running = self._conversation().model_copy(update=update)
        assert begin_earlier(running, at(-1), sessions=()).run == 5
