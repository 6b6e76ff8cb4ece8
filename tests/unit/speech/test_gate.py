import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from common.speech import gate as gates
from common.speech import silero
from common.speech.gate import Gate, Passage, Silence, new_gate
from common.speech.transcriber import BYTES_PER_SECOND
from tests.support.voices import hum, noise, silence, softer, speech, turns_of

SECOND = BYTES_PER_SECOND
SPEECH = speech(4)
"""Somebody speaks from second 0.7 on."""
BOUND = 4 * SECOND


@pytest.fixture
def gate() -> Gate:
    return new_gate()


def through(gate: Gate, pcm: bytes, *, step: int = 3200, begin: float = 0.0) -> list[Passage | Silence]:
    pieces: list[Passage | Silence] = []
    for start in range(0, len(pcm), step):
        pieces += gate.feed(begin + start / SECOND, pcm[start : start + step])
        assert len(gate._audio) <= BOUND
    return pieces + gate.flush()


def passages(pieces: list[Passage | Silence]) -> list[tuple[float, float]]:
    """Stretches that are passed, in one piece each."""
    joined: list[tuple[float, float]] = []
    for piece in pieces:
        if isinstance(piece, Silence):
            continue
        if joined and abs(joined[-1][1] - piece.begin) < 1e-6:
            joined[-1] = (joined[-1][0], piece.end)
        else:
            joined.append((piece.begin, piece.end))
    return joined


@pytest.mark.parametrize("step", [2, 640, 3200, 12_288, 50_000, 10 * SECOND])
def test_what_goes_in_comes_out_once_and_in_order_whatever_the_size_of_the_pieces(gate: Gate, step: int) -> None:
    pcm = silence(3) + SPEECH + silence(4) + speech(2) + bytes(642)
    if step == 2:
        pcm = pcm[3 * SECOND : 4 * SECOND]
    pieces = through(gate, pcm, step=step, begin=5.0)
    assert pieces[0].begin == 5.0
    assert pieces[-1].end == pytest.approx(5.0 + len(pcm) / SECOND)
    for before, after in pairwise(pieces):
        assert before.end == pytest.approx(after.begin)
    for piece in pieces:
        assert piece.end > piece.begin
        if isinstance(piece, Passage):
            start = round((piece.begin - 5.0) * SECOND)
            assert piece.pcm == pcm[start : start + len(piece.pcm)]


def test_speech_is_passed_with_what_is_before_and_after_it_and_nothing_else(gate: Gate) -> None:
    ((begin, end), (again, last)) = passages(through(gate, silence(10) + SPEECH + silence(10) + SPEECH + silence(5)))
    assert 9.8 < begin < 10.5
    assert 14.0 < end < 15.6
    assert 23.8 < again < 24.5
    assert 28.0 < last < 29.6


@pytest.mark.parametrize("quiet", [silence(20), bytes(2), b""])
def test_silence_is_not_passed(gate: Gate, quiet: bytes) -> None:
    pieces = through(gate, quiet)
    assert passages(pieces) == []
    assert sum(piece.end - piece.begin for piece in pieces) == pytest.approx(len(quiet) / SECOND)


def test_silence_is_told_as_it_passes() -> None:
    gate = new_gate()
    told = 0.0
    for at in range(100):
        for piece in gate.feed(at / 10, silence(0.1)):
            assert isinstance(piece, Silence)
            told = piece.end
        assert at / 10 - told < 2.0


@pytest.mark.parametrize("sound", [hum, noise])
def test_the_model_does_not_take_hum_or_noise_for_a_voice(sound: object) -> None:
    assert callable(sound)
    assert passages(through(new_gate(), sound(6))) == []


def test_a_stream_that_begins_in_the_middle_of_a_word_is_passed_from_its_beginning(gate: Gate) -> None:
    assert passages(through(gate, SPEECH[SECOND:]))[0][0] == 0.0


@pytest.mark.parametrize("turn", [*turns_of("A")[:5], *turns_of("B")[:5]])
def test_a_soft_word_that_a_stream_begins_with_is_passed(gate: Gate, turn: bytes) -> None:
    word = softer(turn[: SECOND * 3 // 10], by=20)
    begin, end = passages(through(gate, word + silence(3)))[0]
    assert begin == 0.0
    assert end > 0.3


def test_a_word_is_passed_as_soon_as_it_is_certain_to_be_one(gate: Gate) -> None:
    pcm = silence(5) + SPEECH[round(0.7 * SECOND) // 2 * 2 :]
    for at in range(0, len(pcm), 640):
        if any(isinstance(piece, Passage) for piece in gate.feed(at / SECOND, pcm[at : at + 640])):
            break
    assert 5.0 < at / SECOND < 5.6


def test_while_somebody_speaks_nothing_waits(gate: Gate) -> None:
    gate.feed(0.0, SPEECH[: 2 * SECOND])
    (piece,) = gate.feed(2.0, SPEECH[2 * SECOND : 2 * SECOND + 640])
    assert piece == Passage(2.0, SPEECH[2 * SECOND : 2 * SECOND + 640])


def test_a_very_quiet_voice_in_a_quiet_room_is_passed(gate: Gate) -> None:
    ((begin, end),) = passages(through(gate, silence(5) + softer(SPEECH, by=20)))
    assert begin < 5.75
    assert end > 8.9


def test_a_gap_in_the_audio_begins_another_stretch(gate: Gate) -> None:
    pieces = gate.feed(0.0, SPEECH)
    pieces += gate.feed(60.0, SPEECH)
    pieces += gate.flush()
    ((_, end), (begin, last)) = passages(pieces)
    assert end <= 4.0
    assert 60.0 <= begin < 60.8
    assert last == pytest.approx(64.0)
    assert pieces[-1].end == pytest.approx(64.0)


def test_a_clock_that_is_off_by_little_is_followed_where_nobody_speaks(gate: Gate) -> None:
    for at in range(100):
        gate.feed(at * 0.101, silence(0.1))
    (piece,) = gate.flush()
    assert piece.end == pytest.approx(10.1, abs=0.03)


def test_after_the_end_another_stretch_may_follow(gate: Gate) -> None:
    through(gate, SPEECH)
    assert passages(through(gate, silence(3), begin=4.0)) == []


def test_the_model_hears_each_stream_for_itself() -> None:
    first, second = new_gate(), new_gate()
    heard = random.Random(3)  # noqa: S311 - an order, not a secret
    out: dict[str, list[Passage | Silence]] = {"first": [], "second": []}
    said, unsaid = silence(3) + SPEECH, silence(7)
    positions = {"first": 0, "second": 0}
    while min(positions.values()) < len(unsaid):
        name = heard.choice(["first", "second"])
        gate, pcm = (first, said) if name == "first" else (second, unsaid)
        at = positions[name]
        out[name] += gate.feed(at / SECOND, pcm[at : at + 3200])
        positions[name] += 3200
    assert passages(out["first"])
    assert not passages(out["second"])


def test_a_model_that_is_not_the_published_one_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"something else")
    monkeypatch.setattr(silero, "_MODEL", other)
    silero.model_session.cache_clear()
    try:
        with pytest.raises(RuntimeError, match="published"):
            new_gate()
    finally:
        silero.model_session.cache_clear()


def test_a_gate_loads_nothing_before_it_is_used_and_never_torch() -> None:
    script = (
        "import sys, common.speech.gate as gate\n"
        "heavy = ('numpy', 'onnxruntime', 'torch', 'silero_vad')\n"
        "print([name for name in heavy if name in sys.modules])\n"
        "gate.new_gate().feed(0.0, bytes(64000))\n"
        "print([name for name in ('torch', 'silero_vad') if name in sys.modules])"
    )
    root = Path(gates.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]
