"""Pieces of transcript become segments that are good to read, and no word is lost over it."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.conversations.joining import JOIN_CHARACTERS, JOIN_GAP_S, LONGEST_CHARACTERS, in_order, join
from common.models.segment import TranscriptSegment
from tests.support.making import a_segment

COMPLETE = "x" * (JOIN_CHARACTERS - 1) + "."


def _texts(segments: list[TranscriptSegment]) -> list[str]:
    return [segment.text for segment in segments]


def _said(*turns: str) -> list[str]:
    """What becomes of turns: `A` and `B` say something one after the other, a second each."""
    pieces = [
        a_segment(turn[2:].strip(), at, at + 1, speaker=f"SPEAKER_{ord(turn[0]) - ord('A'):02d}")
        for at, turn in enumerate(turns)
    ]
    return [f"{'ABC'[segment.speaker_id or 0]}: {segment.text}" for segment in join(pieces)]


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
        ],
    )
    def test_what_differs_is_not_joined(self, difference: dict[str, Any]) -> None:
        assert len(join([a_segment("Good", 0, 1), a_segment("Morning", 1.5, 2, **difference)])) == 2

    def test_pieces_of_different_sessions_are_not_joined(self) -> None:
        one, other = a_segment("Good", 0, 1), a_segment("morning", 1.5, 2)
        assert len(join([one, other], origins={one.id: "s", other.id: "t"})) == 2
        assert len(join([one, other], origins={one.id: "s", other.id: "s"})) == 1

    def test_translations_are_joined_with_what_they_translate(self) -> None:
        def piece(text: str, start: float, **translations: str) -> TranscriptSegment:
            listed = [{"lang": lang, "text": translation} for lang, translation in translations.items()]
            return a_segment(text, start, start + 1, translations=listed)

        pieces = [piece("Guten", 0, en="Good", fr="Bon"), piece("Tag.", 1, en="day."), piece("OK.", 2)]
        [joined] = join(pieces)
        assert joined.text == "Guten Tag. OK."
        assert {each.lang: each.text for each in joined.translations} == {"en": "Good day. OK.", "fr": "Bon Tag. OK."}
        assert join([joined]) == [joined]

    def test_what_is_translated_is_cut_as_if_it_were_not(self) -> None:
        translated = {"translations": [{"lang": "de", "text": "Ich glaube, wir"}]}
        first = a_segment("Yes. I think we", 0, 2)
        second = a_segment("should go home now and sleep.", 2, 4, speaker="SPEAKER_01")
        plain = join([first, second])
        assert [each.text for each in plain] == ["Yes.", "I think we should go home now and sleep."]
        told = join(
            [first.model_copy(update={"translations": a_segment("x", 0, 1, **translated).translations}), second]
        )
        assert [each.text for each in told] == [each.text for each in plain]
        assert [len(each.translations) for each in told] == [1, 0], "it stays where it was"

    def test_a_pause_separates(self) -> None:
        assert len(join([a_segment("a", 0, 1), a_segment("b", 1 + JOIN_GAP_S, 6)])) == 2
        assert len(join([a_segment("a", 0, 1), a_segment("b", 0.9 + JOIN_GAP_S, 6)])) == 1

    def test_only_neighbours_are_joined(self) -> None:
        assert _said("A How are you?", "B Fine.", "A Good.") == ["A: How are you?", "B: Fine.", "A: Good."]

    @pytest.mark.parametrize(
        ("text", "following", "pieces"),
        [
            (COMPLETE, "Next.", 2),
            (COMPLETE, "and next.", 1),
            (COMPLETE[1:], "Next.", 1),
            (COMPLETE[:-1] + "!”", "Next.", 2),
            (COMPLETE[:-1] + "。", "次。", 2),
            ("x" * JOIN_CHARACTERS, "Next.", 1),
            ("x" * LONGEST_CHARACTERS, "next", 2),
            ("x" * (LONGEST_CHARACTERS - 1), "next", 1),
        ],
    )
    def test_a_long_segment_is_complete_once_its_sentence_is(self, text: str, following: str, pieces: int) -> None:
        assert len(join([a_segment(text, 0, 1), a_segment(following, 1, 2)])) == pieces

    def test_an_overlapped_end_is_not_pulled_back(self) -> None:
        [joined] = join([a_segment("long", 0, 9), a_segment("short", 2, 3)])
        assert joined.end == 9


class TestRepairing:
    """A sentence that was cut between two speakers belongs to the one who said most of it."""

    def test_the_clause_that_begins_it_is_moved(self) -> None:
        assert _said("A That is fine. So I", "B think we should go home. Yes.") == [
            "A: That is fine.",
            "B: So I think we should go home. Yes.",
        ]

    def test_the_words_that_end_it_are_moved(self) -> None:
        assert _said("A I think we should go", "B home. Yes, I agree.") == [
            "A: I think we should go home.",
            "B: Yes, I agree.",
        ]

    def test_its_time_goes_with_it(self) -> None:
        said = [a_segment("Fine. So I", 0, 10), a_segment("think we should go.", 10, 14, speaker="SPEAKER_01")]
        first, second = join(said)
        assert (first.start, first.end, second.start, second.end) == (0, 6, 6, 14)
        assert [each.id for each in (first, second)] == [each.id for each in said]

    @pytest.mark.parametrize(
        "turns",
        [
            ("A That is fine. So I", "B Think so too. Really."),  # a new sentence
            ("A That is fine.", "B so I think. Really."),  # the last one was complete
            ("A So I", "B think we should go home."),  # nothing would be left of the first
            ("A I think we should go", "B home."),  # nor of the second
            ("A Fine. One two three four five six seven", "B eight nine ten eleven twelve thirteen fourteen fifteen."),
            ("A Fine. So I", "B do too. Good."),  # as much on either side
        ],
    )
    def test_what_is_not_clear_is_left_alone(self, turns: tuple[str, str]) -> None:
        assert _said(*turns) == [f"{turn[0]}: {turn[2:]}" for turn in turns]

    def test_not_across_a_pause_a_provider_or_what_a_person_has_labelled(self) -> None:
        first = a_segment("That is fine. So I", 0, 1)
        other: dict[str, Any] = {"speaker": "SPEAKER_01"}
        text = "think we should go home."
        assert join([first, a_segment(text, 1, 2, **other)])[0].text == "That is fine."
        for start, difference in ((4.0, {}), (1.0, {"stt_provider": "x"}), (1.0, {"speaker_label_source": "manual"})):
            left = join([first, a_segment(text, start, start + 1, **other, **difference)])
            assert _texts(left) == [first.text, text]

    def test_what_arrives_out_of_order_is_repaired_as_if_it_had_not(self) -> None:
        pieces = [
            a_segment("That is fine. So I", 0, 1),
            a_segment("think we should go home.", 1, 2, speaker="SPEAKER_01"),
            a_segment("I do too.", 2, 3),
        ]
        assert join(reversed(pieces)) == join(pieces)
        assert all(segment.start <= segment.end for segment in join(reversed(pieces)))


WORDS = st.sampled_from(
    [
        "so",
        "I",
        "think",
        "Yes.",
        "no.",
        "And",
        "then",
        "really?",
        "home.",
        "we",
        "x" * 60,
        "y" * 70 + ".",
        "你好。",
        "!",
    ]
)
PIECES = st.lists(
    st.builds(
        lambda words, start, length, speaker, profile: a_segment(
            " ".join(words),
            start / 4,
            start / 4 + length / 4,
            speaker=f"SPEAKER_{speaker:02d}",
            speech_profile_processed=profile,
        ),
        st.lists(WORDS, min_size=1, max_size=8),
        st.integers(0, 60),
        st.integers(0, 12),
        st.integers(0, 2),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=14,
).map(lambda pieces: [piece.model_copy(update={"id": f"{number:02d}"}) for number, piece in enumerate(pieces)])


def _letters(segments: list[TranscriptSegment]) -> str:
    return "".join(sorted("".join("".join(_texts(segments)).split())))


BUSY = [HealthCheck.too_slow]
"""A machine that does something else besides is slow, and nothing is wrong."""


@settings(deadline=None, max_examples=200, suppress_health_check=BUSY)
@given(PIECES, st.randoms(use_true_random=False))
def test_joining_keeps_every_word_and_order_whatever_came_first_and_joining_again_changes_nothing(
    pieces: list[TranscriptSegment], chance: random.Random
) -> None:
    joined = join(pieces)
    assert _letters(joined) == _letters(pieces)
    assert joined == sorted(joined, key=in_order)
    assert all(segment.start <= segment.end and segment.text for segment in joined)
    assert {segment.id for segment in joined} <= {segment.id for segment in pieces}
    assert join(joined) == joined
    shuffled = list(pieces)
    chance.shuffle(shuffled)
    assert join(shuffled) == joined


@settings(deadline=None, max_examples=100, suppress_health_check=BUSY)
@given(PIECES)
def test_nobody_loses_more_than_a_clause_to_a_neighbour(pieces: list[TranscriptSegment]) -> None:
    whole = {each.id: each for each in pieces}
    for segment in join(pieces):
        assert whole[segment.id].speaker == segment.speaker
