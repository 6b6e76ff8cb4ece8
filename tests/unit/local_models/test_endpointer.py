import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.models.endpointer import Endpointer, Span

WINDOW = 1024
LOUD, QUIET = b"\x00\x20" * 512, bytes(WINDOW)


def loudness(pcm: bytes) -> list[float]:
    """Voice wherever it is loud."""
    return [0.9 if any(pcm[start : start + WINDOW]) else 0.01 for start in range(0, len(pcm), WINDOW)]


def cut(pcm: bytes, *, step: int = 16_000) -> tuple[list[Span], float]:
    endpointer = Endpointer(loudness)
    spans = [span for start in range(0, len(pcm), step) for span in endpointer.feed(pcm[start : start + step])]
    last, length = endpointer.finish()
    return spans + last, length


def seconds(windows: float) -> float:
    return windows * 0.032


def test_silence_has_no_span() -> None:
    spans, length = cut(QUIET * 100)
    assert spans == []
    assert length == pytest.approx(seconds(100))


def test_a_span_holds_the_voice_and_a_little_before_and_after() -> None:
    (span,), _ = cut(QUIET * 20 + LOUD * 30 + QUIET * 50)
    assert [span.start, span.end] == pytest.approx([seconds(20), seconds(50)])
    assert span.pcm == QUIET * 6 + LOUD * 30 + QUIET * 6
    assert span.until == pytest.approx(seconds(56))


def test_voice_at_the_very_beginning_and_end_is_kept() -> None:
    (span,), length = cut(LOUD * 30)
    assert [span.start, span.end, span.until, length] == pytest.approx([0, *[seconds(30)] * 3])
    assert span.pcm == LOUD * 30


def test_a_short_pause_does_not_end_an_utterance_and_a_long_one_does() -> None:
    assert len(cut(LOUD * 20 + QUIET * 10 + LOUD * 20 + QUIET * 30)[0]) == 1
    assert len(cut(LOUD * 20 + QUIET * 20 + LOUD * 20 + QUIET * 30)[0]) == 2


def test_a_click_is_no_utterance() -> None:
    assert cut(QUIET * 20 + LOUD * 3 + QUIET * 40)[0] == []


def test_hesitant_voice_goes_on_but_does_not_begin() -> None:
    def hesitant(pcm: bytes) -> list[float]:
        return [0.4] * (len(pcm) // WINDOW)

    endpointer = Endpointer(hesitant)
    assert endpointer.feed(QUIET * 200) == []
    assert endpointer.finish()[0] == []


def test_endless_voice_is_cut_where_it_is_quietest_without_losing_a_sample() -> None:
    pcm = bytearray(LOUD * 1000)
    softest = 300
    pcm[softest * WINDOW : (softest + 2) * WINDOW] = b"\x01\x00" * 1024
    spans, length = cut(bytes(pcm))
    assert spans[0].end == pytest.approx(seconds(softest + 1))
    assert b"".join(span.pcm for span in spans) == bytes(pcm)
    assert all(span.end - span.start <= 15.0 for span in spans)
    assert spans[-1].until == pytest.approx(length)


def test_a_part_of_a_window_at_the_end_counts() -> None:
    (span,), length = cut((LOUD * 20)[:-500])
    assert length == pytest.approx((20 * WINDOW - 500) / 32_000)
    assert span.end <= length
    assert span.until <= length


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=12), st.integers(1, 60_000))
def test_whatever_comes_the_rules_hold(runs: list[tuple[bool, int]], step: int) -> None:
    pcm = b"".join((LOUD if loud else QUIET) * count for loud, count in runs)
    endpointer = Endpointer(loudness)
    spans: list[Span] = []
    covered = 0.0
    for start in range(0, len(pcm), step):
        fresh = endpointer.feed(pcm[start : start + step])
        for span in fresh:
            assert covered <= span.until + 1e-9
        spans += fresh
        assert covered <= endpointer.covered <= start + step
        covered = endpointer.covered
    last, length = endpointer.finish()
    spans += last
    assert length == pytest.approx(len(pcm) / 32_000)
    settled = 0.0
    for span in spans:
        assert settled - 1e-9 <= span.start < span.end <= span.until + 1e-9 <= length + 2e-9
        assert len(span.pcm) <= 469 * WINDOW
        settled = span.until
    assert spans == cut(pcm, step=max(len(pcm), 1))[0], "the size of the pieces changes nothing"
    voiced = sum(count for loud, count in runs if loud and count >= 6)
    heard = sum(sum(map(bool, loudness(span.pcm))) for span in spans) if spans else 0
    assert heard >= voiced, "no voice is lost"


def test_a_flush_ends_the_utterance_and_settles_everything_given() -> None:
    endpointer = Endpointer(loudness)
    assert endpointer.feed(QUIET * 10 + LOUD * 20 + QUIET * 3 + bytes(100)) == []
    (span,), length = endpointer.flush()
    assert [span.start, span.end, span.until] == pytest.approx([seconds(10), seconds(30), seconds(33)])
    assert length == pytest.approx(seconds(33) + 100 / 32_000)
    assert endpointer.covered == pytest.approx(seconds(33))
    assert endpointer.flush() == ([], length), "there is nothing more to end"


def test_what_follows_a_flush_is_on_the_same_clock() -> None:
    endpointer = Endpointer(loudness)
    endpointer.feed(LOUD * 20)
    endpointer.flush()
    (span,) = endpointer.feed(QUIET * 10 + LOUD * 20 + QUIET * 20)
    assert [span.start, span.end] == pytest.approx([seconds(30), seconds(50)])
    assert span.pcm == QUIET * 6 + LOUD * 20 + QUIET * 6


def test_a_click_before_a_flush_is_settled() -> None:
    endpointer = Endpointer(loudness)
    endpointer.feed(QUIET * 20 + LOUD * 3)
    assert endpointer.flush()[0] == []
    assert endpointer.covered == pytest.approx(seconds(23))
