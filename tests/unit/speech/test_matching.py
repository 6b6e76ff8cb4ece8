"""Whose voice it is: only where the evidence is there, and nobody else comes near."""

import math

import pytest

from common.speech.matching import Evidence, nearest
from common.speech.voices import Rules, Vector

RULES = Rules(largest_distance=0.4, smallest_margin=0.1)


def at(degrees: float) -> Vector:
    """A unit vector in the plane; cosine distance from 0 degrees is 1 - cos."""
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


class TestNearest:
    """One voice against those known."""

    def test_the_nearest_within_the_distance_is_sure_where_it_is_alone(self) -> None:
        match = nearest(at(0), [("ann", at(20)), ("bob", at(120))], RULES)
        assert match is not None
        assert (match.known, match.sure) == ("ann", True)
        assert match.distance == pytest.approx(1 - math.cos(math.radians(20)))

    def test_somebody_else_almost_as_near_makes_it_unsure(self) -> None:
        match = nearest(at(0), [("ann", at(20)), ("bob", at(-25))], RULES)
        assert match is not None
        assert (match.known, match.sure) == ("ann", False)

    @pytest.mark.parametrize(("degrees", "sure"), [(32.5, False), (33.5, True)])
    def test_the_margin_is_a_tenth(self, degrees: float, sure: bool) -> None:  # noqa: FBT001 - a parameter
        match = nearest(at(0), [("ann", at(20)), ("bob", at(-degrees))], RULES)
        assert match is not None
        assert match.sure is sure
        assert (1 - math.cos(math.radians(degrees)) - match.distance >= 0.1) is sure

    def test_beyond_the_distance_it_is_nobody(self) -> None:
        assert nearest(at(0), [("ann", at(54)), ("bob", at(180))], RULES) is None
        assert nearest(at(0), [], RULES) is None

    def test_two_who_sound_the_same_are_never_sure(self) -> None:
        match = nearest(at(0), [("ann", at(10)), ("her twin", at(10))], RULES)
        assert match is not None
        assert not match.sure

    def test_vectors_of_another_length_are_passed_over(self) -> None:
        assert nearest(at(0), [("ann", (1.0, 0.0, 0.0))], RULES) is None


class TestEvidence:
    """What was heard of a voice."""

    def test_five_seconds_are_enough(self) -> None:
        evidence = Evidence()
        evidence.add(2.5, at(0))
        assert not evidence.enough
        evidence.add(2.5, at(0))
        assert evidence.enough

    def test_three_clips_are_averaged_and_longer_ones_take_the_place_of_the_shortest(self) -> None:
        evidence = Evidence()
        for seconds, degrees in ((2.0, 90), (4.0, 0), (5.0, 0)):
            assert evidence.wants(seconds)
            evidence.add(seconds, at(degrees))
        assert not evidence.wants(2.9)
        assert evidence.wants(3.5)
        evidence.add(6.0, at(0))
        assert evidence.seconds == 15.0
        assert evidence.vector == pytest.approx(at(0))

    def test_beyond_the_longest_clip_more_is_not_wanted(self) -> None:
        evidence = Evidence()
        for _ in range(3):
            evidence.add(10.0, at(0))
        assert not evidence.wants(60.0)

    def test_a_voice_that_nobody_knows_is_not_listened_to_for_ever(self) -> None:
        evidence = Evidence()
        count = 0
        while evidence.wants(2.0 + 2 * count) and count < 50:
            evidence.add(2.0 + 2 * count, at(0))
            count += 1
        assert count <= 12

    def test_without_a_clip_there_is_no_voice(self) -> None:
        assert Evidence().vector is None
        assert not Evidence().enough
