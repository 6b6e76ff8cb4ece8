"""A voice keeps its number and its name for the whole session, whatever the streams call it."""

import math

from common.conversations.speaker_book import Saying, SpeakerBook
from common.conversations.speakers import Speaker
from common.speech.voices import Rules, Vector
from tests.support.making import a_segment

RULES = Rules(largest_distance=0.2, smallest_margin=0.1)
ANN, BOB = Speaker(person_id="ann"), Speaker(person_id="bob")


def at(degrees: float) -> Vector:
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def a_book() -> SpeakerBook:
    """Two voices of the first stream: 0 at 0 degrees, 1 at 90."""
    book = SpeakerBook(RULES)
    book.hear((0, 0), 4.0, at(0))
    book.hear((0, 1), 4.0, at(90))
    return book


def test_the_first_stream_s_numbers_are_the_session_s() -> None:
    book = SpeakerBook(RULES)
    assert [book.voice((0, number)).number for number in (1, 0, 4)] == [1, 0, 4]


def test_a_later_stream_s_number_is_a_voice_of_its_own_until_it_is_known_again() -> None:
    book = a_book()
    assert book.voice((1, 0)).number == 2
    book.voice((1, 0)).sayings.append(Saying("c1", "s7", 30.0))
    voice, moved = book.hear((1, 0), 4.0, at(95))
    assert voice.number == 1
    assert [saying.segment_id for saying in moved] == ["s7"]
    assert book.label(a_segment("hello", 31, 34, speaker_id=0), stream=1).speaker == "SPEAKER_01"


def test_somebody_new_in_a_later_stream_stays_apart() -> None:
    book = a_book()
    voice, moved = book.hear((1, 0), 4.0, at(200))
    assert (voice.number, moved) == (2, [])
    assert book.voice((1, 0)) is voice


def test_between_two_voices_nobody_is_chosen() -> None:
    book = SpeakerBook(RULES)
    book.hear((0, 0), 4.0, at(0))
    book.hear((0, 1), 4.0, at(30))
    voice, moved = book.hear((1, 0), 4.0, at(15))
    assert (voice.number, moved) == (2, [])


def test_two_voices_of_one_stream_are_two_however_alike() -> None:
    book = SpeakerBook(RULES)
    book.hear((0, 0), 4.0, at(0))
    voice, _ = book.hear((0, 1), 4.0, at(1))
    assert voice.number == 1
    book.hear((1, 0), 4.0, at(0))
    assert len({book.voice(key).number for key in ((0, 0), (0, 1), (1, 0))}) >= 2


def test_one_voice_of_a_later_stream_takes_an_older_one_only_once() -> None:
    book = a_book()
    first, _ = book.hear((1, 0), 4.0, at(0))
    second, _ = book.hear((1, 1), 4.0, at(2))
    assert first.number == 0
    assert second.number != 0


def test_a_name_goes_with_the_voice_to_later_streams() -> None:
    book = a_book()
    book.voice((0, 0)).named(ANN, "manual")
    book.hear((1, 3), 4.0, at(3))
    segment = book.label(a_segment("hello", 31, 34, speaker_id=3), stream=1)
    assert (segment.person_id, segment.speaker_id, segment.speaker_label_source) == ("ann", 0, "carried")


def test_a_name_given_in_a_later_stream_comes_back_with_it() -> None:
    book = a_book()
    book.voice((1, 0)).named(ANN, "auto")
    voice, _ = book.hear((1, 0), 4.0, at(1))
    assert (voice.number, voice.who, voice.source) == (0, ANN, "auto")


def test_voices_of_two_names_are_not_the_same_voice() -> None:
    book = a_book()
    book.voice((0, 0)).named(ANN, "manual")
    book.voice((1, 0)).named(BOB, "manual")
    voice, moved = book.hear((1, 0), 4.0, at(0))
    assert (voice.who, voice.number, moved) == (BOB, 2, [])


def test_what_a_person_says_is_not_changed_by_recognition() -> None:
    voice = a_book().voice((0, 0))
    voice.named(ANN, "manual")
    voice.named(BOB, "auto")
    assert voice.who == ANN
    voice.named(BOB, "manual")
    assert voice.who == BOB


def test_the_owner_is_marked_as_such() -> None:
    book = a_book()
    book.voice((0, 0)).named(Speaker.of("user"), "auto")
    segment = book.label(a_segment("hello", 0, 3), stream=0)
    assert (segment.is_user, segment.person_id, segment.speaker_label_source) == (True, None, "auto")
    unknown = book.label(a_segment("hi", 3, 6, speaker_id=1), stream=0)
    assert (unknown.is_user, unknown.person_id, unknown.speaker_label_source) == (False, None, None)
