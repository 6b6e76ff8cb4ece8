from pathlib import Path

import pytest

from local.demo.script import Turn, read_script
from local.demo.wer import normalise, word_error_rate


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("Good morning, World!", "good morning world"),
        ("It\u2019s Ill-disposed", "it's ill disposed"),
        ("at 10", "at ten"),
        ("3,000 dollars", "three thousand dollars"),
        ("42 and 115", "forty two and one hundred fifteen"),
        ("2_000", "two zero"),
        ("", ""),
    ],
)
def test_what_sounds_the_same_is_written_the_same(text: str, normalised: str) -> None:
    assert normalise(text) == normalised


def test_errors_are_counted_per_word_said() -> None:
    assert word_error_rate("one two three four", "One, two; three four.") == 0.0
    assert word_error_rate("one two three four", "one too three") == 0.5
    assert word_error_rate("one", "") == 1.0


def test_a_script_has_turns_with_or_without_speakers(tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("A: Hello there.\n\nB: Hi.\nno speaker here\n", encoding="utf-8")
    assert read_script(script) == [Turn("A", "Hello there."), Turn("B", "Hi."), Turn("", "no speaker here")]


def test_the_bundled_script_has_two_speakers_a_task_and_a_dated_event() -> None:
    turns = read_script()
    assert {turn.speaker for turn in turns} == {"A", "B"}
    said = " ".join(turn.text for turn in turns)
    assert "I will send you the report by Friday" in said
    assert "October third" in said
