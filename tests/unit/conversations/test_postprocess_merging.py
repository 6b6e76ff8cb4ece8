"""What is heard again takes the place of what was heard at first, and of nothing that is the user's."""

from common.conversations.postprocess_merging import has_invented, has_missed, heard_at_first, merge, says_the_same
from common.models.second_hearing import SentAudio, SentPiece
from common.models.segment import TranscriptSegment
from tests.support.making import a_segment

AUDIO = SentAudio(
    id="audio-1",
    path="p",
    seconds=30,
    pieces=[SentPiece(start=10, end=20, offset=0), SentPiece(start=50, end=70, offset=10)],
)


def said(text: str, start: float, end: float, *, number: int = 0, **fields: object) -> TranscriptSegment:
    return a_segment(text, start, end, id=text, speaker=f"SPEAKER_{number:02d}", **fields)


def test_seconds_of_what_was_sent_are_seconds_of_the_conversation() -> None:
    assert [AUDIO.moment(second) for second in (0, 4.5, 10, 12, 30, 99)] == [10, 14.5, 50, 52, 70, 70]


def test_what_was_not_sent_stays() -> None:
    before = [said("hello", 1, 2), said("old", 11, 15), said("between", 30, 31), said("older", 55, 60)]
    assert [segment.text for segment in heard_at_first(before, AUDIO)] == ["old", "older"]
    merged = merge(before, [said("new", 12, 14), said("newer", 56, 61)], audio=AUDIO, corrected=())
    assert [segment.text for segment in merged] == ["hello", "new", "between", "newer"]


def test_what_was_corrected_stays_and_is_not_said_twice() -> None:
    before = [said("mine", 11, 15), said("old", 16, 18)]
    again = [said("not mine", 11.2, 15.2), said("better", 16, 18)]
    merged = merge(before, again, audio=AUDIO, corrected=["mine", "long gone"])
    assert [segment.text for segment in merged] == ["mine", "better"]


def test_what_was_said_beside_a_correction_is_not_lost_with_it() -> None:
    before = [said("mine", 11, 16), said("old", 16, 19), said("older", 52, 55)]
    again = [said("not mine and better", 11, 19), said("newer", 52, 55)]
    merged = merge(before, again, audio=AUDIO, corrected=["mine"])
    assert [segment.text for segment in merged] == ["mine", "old", "newer"]


def test_who_was_named_by_hand_is_that_person_elsewhere_too() -> None:
    before = [
        said("old", 11, 15, person_id="ann", speaker_label_source="manual"),
        said("guessed", 51, 55, person_id="bob", speaker_label_source="auto"),
    ]
    again = [said("one", 11, 14, number=1), said("two", 52, 54, number=1), said("three", 60, 62, number=2)]
    merged = merge(before, again, audio=AUDIO, corrected=())
    assert [(each.person_id, each.speaker_label_source) for each in merged] == [
        ("ann", "manual"),
        ("ann", "carried"),
        (None, None),
    ]


def test_a_voice_that_two_were_named_for_is_nobody_elsewhere() -> None:
    before = [
        said("a", 11, 13, person_id="ann", speaker_label_source="manual"),
        said("b", 14, 16, is_user=True, speaker_label_source="manual"),
    ]
    again = [said("one", 11, 13), said("two", 14, 16), said("three", 60, 62)]
    merged = merge(before, again, audio=AUDIO, corrected=())
    assert [(each.person_id, each.is_user) for each in merged] == [("ann", False), (None, True), (None, False)]


def test_much_less_is_less_than_85_percent_of_the_letters() -> None:
    before = [said("a" * 50, 0, 1), said("b " * 50, 1, 2)]
    assert has_missed(before, [said("c" * 84, 0, 2)])
    assert not has_missed(before, [said("c" * 85, 0, 2)])
    assert not has_missed([], [])
    assert has_missed(before, [])


def test_nobody_says_more_than_forty_letters_in_a_second() -> None:
    before = [said("a" * 300, 11, 20)]
    assert not has_invented(before, [said("c" * 400, 11, 20), said("d" * 700, 51, 70)], seconds=30)
    assert has_invented(before, [said("Thank you. " * 200, 11, 20)], seconds=30)
    assert has_invented(before, [said("c" * 100, 11 + n / 10, 11.1 + n / 10) for n in range(13)], seconds=30)
    assert not has_invented([said("a" * 1000, 11, 20)], [said("b" * 1300, 11, 50)], seconds=30), "as much as before"
    assert not has_invented(before, [said("just a moment", 20, 20)], seconds=30)


def test_ids_and_times_do_not_make_it_read_differently() -> None:
    assert says_the_same([said("a", 1, 2)], [a_segment("a", 1.1, 2.1)])
    assert not says_the_same([said("a", 1, 2)], [said("a", 1, 2, number=1)])
    assert not says_the_same([said("a", 1, 2)], [said("a", 1, 2, is_user=True)])
