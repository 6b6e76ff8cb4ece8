"""Utterances are told apart by how they sound."""

from functools import cache

import pytest

from local.models import speakers
from local.models.speakers import LiveSpeakers, Sound, label_recording, sound_of
from tests.support.voices import deeper, noise, silence, turns_of


def _sounds(*turns: bytes) -> list[Sound]:
    return [sound_of(turn) for turn in turns]


@cache
def _dialogue() -> list[Sound]:
    return _sounds(*(turn for pair in zip(turns_of("A"), turns_of("B"), strict=True) for turn in pair))


def _live(sounds: list[Sound]) -> list[int]:
    live = LiveSpeakers()
    return [live.label(sound) for sound in sounds]


def test_two_who_take_turns_are_two_from_the_second_turn_on() -> None:
    sounds = _dialogue()
    assert _live(sounds) == label_recording(sounds) == [0, 1] * 10


@pytest.mark.parametrize("speaker", ["A", "B"])
def test_one_who_speaks_alone_is_one(speaker: str) -> None:
    sounds = _dialogue()["AB".index(speaker) :: 2]
    assert _live(sounds) == label_recording(sounds) == [0] * 10


def test_a_third_is_a_third_and_speakers_count_in_order_of_appearance() -> None:
    man, woman = turns_of("A"), turns_of("B")
    taller = [deeper(turn, by=1.25) for turn in man]
    sounds = _sounds(woman[0], man[1], woman[1], taller[2], man[2], taller[3], woman[3])
    assert _live(sounds) == label_recording(sounds) == [0, 1, 0, 2, 1, 2, 0]


def test_there_are_never_more_than_six() -> None:
    voices = [deeper(turns_of(speaker)[1], by=by) for speaker in "AB" for by in (0.75, 0.85, 1.0, 1.15, 1.3)]
    sounds = _sounds(*voices)
    assert max(_live(sounds)) == max(label_recording(sounds)) == 5


def test_a_short_sound_is_nobody_new() -> None:
    hello = turns_of("B")[0][6400:16_000]
    sounds = _sounds(*turns_of("A")[:3], hello)
    assert _live(sounds) == label_recording(sounds) == [0, 0, 0, 0]


def test_a_short_word_goes_to_whom_it_sounds_like() -> None:
    man, woman = turns_of("A"), turns_of("B")
    sounds = _sounds(*man[1:4], *woman[3:6], woman[0][8000:24_000], man[8][8000:24_000])
    assert label_recording(sounds)[-2:] == [1, 0]


@pytest.mark.parametrize("pcm", [b"", b"\0", silence(1), noise(1), silence(0.02)])
def test_whatever_it_is_it_gets_a_number(pcm: bytes) -> None:
    sounds = _sounds(pcm, pcm, turns_of("A")[1], pcm)
    for labels in (_live(sounds), label_recording(sounds), label_recording(_sounds(pcm))):
        assert all(0 <= label < 3 for label in labels)
    assert label_recording([]) == []


def test_of_very_many_the_longest_decide_who_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speakers, "_MOST_CLUSTERED", 8)
    assert label_recording(_dialogue()) == [0, 1] * 10
