"""What a client sees of a conversation while it goes on is what its transcript will be."""

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from common.conversations.joining import in_order, join
from common.conversations.live.board import MOST_PIECES, MOST_PROVISIONAL, Board, Shown
from common.models.segment import TranscriptSegment
from tests.support.making import a_segment


class Screen:
    """A client: it upserts by id, and removes what it is told to."""

    def __init__(self) -> None:
        self.board = Board()
        self.segments: dict[str, TranscriptSegment] = {}

    def take(self, shown: Shown) -> Shown:
        for segment_id in shown.removed:
            del self.segments[segment_id]
        self.segments |= {segment.id: segment for segment in shown.changed}
        return shown

    def add(self, *segments: TranscriptSegment, session_id: str = "s") -> Shown:
        return self.take(self.board.add(segments, session_id=session_id))

    def interim(self, *segments: TranscriptSegment, session_id: str = "s") -> Shown:
        return self.take(self.board.show_interim(segments, session_id=session_id))

    @property
    def shown(self) -> list[TranscriptSegment]:
        return sorted(self.segments.values(), key=in_order)

    @property
    def texts(self) -> list[str]:
        return [segment.text for segment in self.shown]


class TestCertain:
    """What is stored."""

    def test_a_segment_grows_under_one_id(self) -> None:
        screen = Screen()
        screen.add(a_segment("Good", 0, 1, id="a"))
        shown = screen.add(a_segment("morning.", 1.2, 2, id="b"))
        assert ([each.id for each in shown.changed], shown.removed) == (["a"], [])
        assert screen.texts == ["Good morning."]

    def test_only_what_is_new_or_different_is_told(self) -> None:
        screen = Screen()
        screen.add(a_segment("One.", 0, 1, id="a"), a_segment("Two.", 1, 2, id="b", speaker="SPEAKER_01"))
        shown = screen.add(a_segment("Three.", 2, 3, id="c"))
        assert [each.id for each in shown.changed] == ["c"]
        assert screen.add() == Shown([], [])
        assert screen.add(a_segment("  ", 4, 5)) == Shown([], [])

    def test_what_comes_late_may_join_two_and_then_one_of_them_is_removed(self) -> None:
        screen = Screen()
        screen.add(a_segment("one", 0, 1, id="a"), a_segment("three", 4.5, 5, id="c"))
        assert screen.texts == ["one", "three"]
        assert screen.add(a_segment("two", 2, 3, id="b")).removed == ["c"]
        assert screen.texts == ["one two three"]

    def test_the_same_again_is_no_news_and_a_correction_replaces(self) -> None:
        screen = Screen()
        piece = a_segment("hello", 0, 1, id="a")
        screen.add(piece)
        assert screen.add(piece) == Shown([], [])
        screen.add(piece.model_copy(update={"text": "hallo"}))
        assert screen.texts == ["hallo"]

    def test_channels_do_not_mix(self) -> None:
        screen = Screen()
        screen.add(a_segment("one", 0, 1), session_id="s")
        screen.add(a_segment("two", 1, 2), session_id="s1")
        assert screen.texts == ["one", "two"]


class TestProvisional:
    """What seems to be said."""

    def test_it_becomes_certain_under_the_id_it_was_shown_with(self) -> None:
        screen = Screen()
        screen.interim(a_segment("good more", 0, 1, id="a"))
        assert screen.texts == ["good more"]
        shown = screen.add(a_segment("Good morning.", 0, 1.2, id="a"))
        assert ([each.id for each in shown.changed], shown.removed) == (["a"], [])
        assert screen.texts == ["Good morning."]

    def test_under_another_id_it_is_replaced(self) -> None:
        screen = Screen()
        screen.interim(a_segment("good more", 0.1, 1, id="x"))
        assert screen.add(a_segment("Good morning.", 0, 1.2, id="a")).removed == ["x"]
        assert screen.texts == ["Good morning."]

    def test_it_is_removed_when_it_comes_to_nothing(self) -> None:
        screen = Screen()
        screen.interim(a_segment("hm", 0, 1, id="x"))
        assert screen.interim() == Shown([], ["x"])
        assert screen.interim() == Shown([], [])

    def test_each_news_replaces_it(self) -> None:
        screen = Screen()
        screen.interim(a_segment("good", 0, 1, id="x"))
        screen.interim(a_segment("good morning", 0, 2, id="x"), a_segment("You too", 2, 3, speaker="SPEAKER_01"))
        assert screen.texts == ["good morning", "You too"]

    def test_it_shows_as_part_of_the_segment_that_it_will_be_part_of(self) -> None:
        screen = Screen()
        screen.add(a_segment("Good", 0, 1, id="a"))
        assert [each.id for each in screen.interim(a_segment("more", 1.1, 2, id="b")).changed] == ["a"]
        assert screen.texts == ["Good more"]
        screen.interim()
        assert screen.texts == ["Good"]

    def test_what_goes_on_after_the_certain_words_stays(self) -> None:
        screen = Screen()
        screen.interim(a_segment("One", 0, 1, id="a"), a_segment("Two", 9, 10, id="b"))
        screen.add(a_segment("One.", 0, 1, id="a"))
        assert screen.texts == ["One.", "Two"]

    def test_channels_are_each_their_own(self) -> None:
        screen = Screen()
        screen.interim(a_segment("one", 0, 1), session_id="s")
        screen.interim(a_segment("two", 0, 1, speaker="SPEAKER_01"), session_id="s1")
        screen.add(a_segment("One.", 0, 1), session_id="s")
        assert sorted(screen.texts) == ["One.", "two"]

    def test_a_flood_of_it_is_cut(self) -> None:
        screen = Screen()
        screen.interim(*(a_segment("x", 10 * n, 10 * n + 1) for n in range(100)))
        assert len(screen.texts) == MOST_PROVISIONAL


class TestSpeakers:
    """Who speaks may turn out later."""

    def test_a_label_reaches_all_pieces_so_that_later_ones_still_join(self) -> None:
        screen = Screen()
        screen.add(a_segment("Good", 0, 1, id="a"))
        screen.add(a_segment("morning.", 1, 2, id="b"))
        assert screen.board.pieces_of(["a", "elsewhere"]) == ["a", "b", "elsewhere"]
        screen.take(screen.board.change(lambda each: each.model_copy(update={"person_id": "anna"})))
        screen.add(a_segment("Hello.", 2, 3, id="c", person_id="anna"))
        assert [(each.id, each.person_id, each.text) for each in screen.shown] == [
            ("a", "anna", "Good morning. Hello.")
        ]

    def test_pieces_of_a_neighbour_are_not_among_them(self) -> None:
        screen = Screen()
        screen.add(*(a_segment("One.", at, at + 1, id=str(at), speaker=f"SPEAKER_{at // 2:02d}") for at in range(6)))
        assert screen.board.pieces_of(["2"]) == ["2", "3"]
        assert screen.board.pieces_of(["3"]) == ["3"]


def test_an_hour_of_talk_is_shown_whole_in_bounded_memory_and_time() -> None:
    screen, everything = Screen(), []
    started = time.process_time()
    for at in range(1800):
        text = f"word {at} and" if at % 3 else f"Word {at}."
        piece = a_segment(text, 2 * at, 2 * at + 1.5, speaker=f"SPEAKER_{at // 7 % 3:02d}")
        everything.append(piece)
        screen.add(piece)
    assert (time.process_time() - started) / 1800 < 0.01, "ten times what is expected, for slow machines"
    assert screen.shown == join(everything, origins=dict.fromkeys((each.id for each in everything), "s"))
    assert len(screen.board._certain) < 2 * MOST_PIECES
    assert len(screen.board._shown) < 2 * MOST_PIECES
    assert len(screen.board._origins) < 2 * MOST_PIECES


def test_someone_who_never_ends_a_sentence_nor_pauses_does_not_fill_the_memory() -> None:
    screen = Screen()
    for at in range(1000):
        screen.add(a_segment("a", at / 4, at / 4 + 0.2))
    assert len(screen.board._certain) < 600
    assert sum(len(text.split()) for text in screen.texts) == 1000


TURNS = st.lists(
    st.tuples(
        st.sampled_from(["So I", "think. Yes.", "no.", "and then", "Really? we", "x" * 70 + ".", "home"]),
        st.integers(0, 8),
        st.integers(0, 6),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=120,
)


@settings(deadline=None, max_examples=60)
@given(TURNS, st.integers(1, 7))
def test_in_the_end_the_client_has_the_transcript(turns: list[tuple[Any, ...]], group: int) -> None:
    pieces, at = [], 0.0
    for number, (text, pause, length, speaker, _) in enumerate(turns):
        at += pause / 2
        pieces.append(a_segment(text, at, at + length / 4, id=f"{number:03d}", speaker=f"SPEAKER_{speaker:02d}"))
    screen = Screen()
    for begin in range(0, len(pieces), group):
        now = pieces[begin : begin + group]
        if turns[begin][4]:
            screen.interim(
                *(
                    each.model_copy(update={"text": "hm", "id": each.id + "?" * (speaker % 2)})
                    for speaker, each in enumerate(now)
                )
            )
        screen.add(*now)
        screen.interim()
    assert screen.shown == join(pieces, origins=dict.fromkeys((each.id for each in pieces), "s"))
