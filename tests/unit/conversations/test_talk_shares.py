"""How much was said, and by whom."""

import pytest

from common.conversations.talk_shares import talk_shares
from tests.support.making import a_conversation, a_segment, at


def test_talk_time_and_words_of_each_speaker() -> None:
    segments = [
        a_segment("one two three", 0, 10, is_user=True),
        a_segment("four", 10, 15, speaker="SPEAKER_01"),
        a_segment("five six", 15, 20, speaker="SPEAKER_01"),
        a_segment("seven", 30, 50, speaker="SPEAKER_02", person_id="p1"),
        a_segment("eight", 45, 60, speaker="SPEAKER_03", person_id="p1"),
    ]
    shares = talk_shares(a_conversation(transcript_segments=segments, finished_at=at(100)))
    assert (shares.duration, shares.talk_time, shares.silence) == (100.0, 50.0, 50.0)
    assert (shares.segments, shares.words) == (5, 8)
    assert [(each.person_id, each.is_user, each.talk_time, each.words, each.segments) for each in shares.speakers] == [
        ("p1", False, 30.0, 2, 2),
        (None, True, 10.0, 3, 1),
        (None, False, 10.0, 3, 2),
    ]
    assert sum(each.talk_share for each in shares.speakers) == pytest.approx(1.0)
    assert shares.speakers[1].words_per_minute == 18.0


def test_what_is_said_at_once_counts_once_together_and_for_each_alone() -> None:
    segments = [a_segment("a", 0, 10), a_segment("b", 5, 15, speaker="SPEAKER_01")]
    shares = talk_shares(a_conversation(transcript_segments=segments, finished_at=None))
    assert (shares.talk_time, shares.duration) == (15.0, 15.0)
    assert [each.talk_time for each in shares.speakers] == [10.0, 10.0]


def test_without_words_there_is_nothing_to_share() -> None:
    shares = talk_shares(a_conversation(finished_at=at(60)))
    assert (shares.duration, shares.silence, shares.speakers) == (60.0, 60.0, [])


def test_words_that_nobody_timed_have_no_rate() -> None:
    [speaker] = talk_shares(a_conversation(transcript_segments=[a_segment("a b", 0, 0)])).speakers
    assert (speaker.words, speaker.words_per_minute, speaker.talk_share) == (2, 0.0, 0.0)
