"""How cheap and how careful the voice gate is: CPU, words clipped, silence passed.

`python bench/gate.py [RECORDING ...]`: the bundled recording, or any others with a .txt beside them. Where
each word is said is found by aligning the text with the clean recording (pocketsphinx); a word counts as clipped unless
all of it is passed. The recordings are heard with long pauses between their sentences, and with noise added.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pocketsphinx

sys.path.insert(0, str(Path(__file__).parents[1]))

from common.speech.files import decode_file
from common.speech.gate import Gate, Passage, new_gate
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from local.demo.script import RECORDING, read_script

_STEP = BYTES_PER_SECOND // 10
_PAUSE_S = 8.0
_AROUND_S = 1.5
"""Seconds after a word, and before, that may be passed without counting as silence: the gate is meant to."""
_FRAMES_PER_SECOND = 100


@dataclass(frozen=True)
class Word:
    """Where a word is said, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Recording:
    """Audio and what is said in it."""

    name: str
    pcm: bytes
    words: list[Word]


@dataclass(frozen=True)
class Result:
    """One row of the table."""

    clipped: int
    words: int
    passed_silence_s: float
    silence_s: float
    passed_s: float
    seconds: float
    cpu_s: float

    def __str__(self) -> str:
        silence = self.passed_silence_s / self.silence_s if self.silence_s else 0.0
        return (
            f"{self.clipped:3d} of {self.words:3d} {silence:10.1%} {self.passed_s / self.seconds:10.1%} "
            f"{self.cpu_s / self.seconds * 1e6:10.0f}"
        )


def align(pcm: bytes, text: str) -> list[Word]:
    """Where the words are said; those that the dictionary lacks are left out."""
    decoder = pocketsphinx.Decoder(pocketsphinx.Config(loglevel="FATAL", bestpath=False))
    words = ["".join(c for c in word if c.isalnum() or c == "'") for word in text.lower().split()]
    decoder.set_align_text(" ".join(word for word in words if decoder.lookup_word(word)))
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    found = decoder.seg() or []
    return [
        Word(segment.word, segment.start_frame / _FRAMES_PER_SECOND, segment.end_frame / _FRAMES_PER_SECOND)
        for segment in found
        if not segment.word.startswith(("<", "["))
    ]


def load(path: Path) -> Recording:
    """A recording with a script beside it."""
    with path.open("rb") as file:
        pcm = b"".join(decode_file(file))
    return Recording(path.stem, pcm, align(pcm, " ".join(turn.text for turn in read_script(path.with_suffix(".txt")))))


def with_pauses(recording: Recording) -> Recording:
    """The same with long pauses, of the recording's own quietest moment, wherever it has short ones."""
    samples = np.frombuffer(recording.pcm, "<i2")
    gaps = [(a.end + b.start) / 2 for a, b in pairwise(recording.words) if b.start - a.end > 0.25]
    frame = SAMPLE_RATE // 10
    quietest = min(range(0, len(samples) - frame, frame), key=lambda at: float(np.abs(samples[at : at + frame]).sum()))
    noise = samples[quietest : quietest + frame]
    pause = np.concatenate([noise, noise[::-1]] * round(_PAUSE_S * 5)).astype("<i2").tobytes()
    pcm, words, last = bytearray(), list[Word](), 0.0
    for cut in [*gaps, len(recording.pcm) / BYTES_PER_SECOND]:
        shift = len(pcm) / BYTES_PER_SECOND - last
        words += [Word(w.text, w.start + shift, w.end + shift) for w in recording.words if last <= w.start < cut]
        pcm += recording.pcm[round(last * SAMPLE_RATE) * 2 : round(cut * SAMPLE_RATE) * 2] + pause
        last = cut
    return Recording(recording.name, bytes(pcm), words)


def changed(
    recording: Recording, *, gain_db: float = 0.0, snr_db: float | None = None, color: float = 0.0
) -> Recording:
    """The same quieter, or in white (`color` 0) or pink (1) noise at a distance from the speech."""
    samples = np.frombuffer(recording.pcm, "<i2").astype(np.float64)
    if snr_db is not None:
        said = np.concatenate(
            [samples[round(w.start * SAMPLE_RATE) : round(w.end * SAMPLE_RATE)] for w in recording.words]
        )
        spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(len(samples)))
        spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** (color / 2)
        noise = np.fft.irfft(spectrum, len(samples))
        samples += noise / noise.std() * said.std() * 10 ** (-snr_db / 20)
    samples *= 10 ** (gain_db / 20)
    return Recording(recording.name, np.clip(samples, -32768, 32767).astype("<i2").tobytes(), recording.words)


def measure(gate: Gate, recording: Recording) -> Result:
    """Pass a recording through a gate in tenths of a second, as a device sends it."""
    pieces = []
    started = time.process_time()
    for start in range(0, len(recording.pcm), _STEP):
        pieces += gate.feed(start / BYTES_PER_SECOND, recording.pcm[start : start + _STEP])
    pieces += gate.flush()
    cpu = time.process_time() - started
    seconds = len(recording.pcm) / BYTES_PER_SECOND
    passed = np.zeros(round(seconds * _FRAMES_PER_SECOND) + 1, bool)
    for piece in pieces:
        if isinstance(piece, Passage):
            passed[round(piece.begin * _FRAMES_PER_SECOND) : round(piece.end * _FRAMES_PER_SECOND)] = True
    silent = np.ones_like(passed)
    clipped = 0
    for word in recording.words:
        clipped += not passed[round(word.start * _FRAMES_PER_SECOND) : round(word.end * _FRAMES_PER_SECOND)].all()
        around = slice(
            max(0, round((word.start - _AROUND_S) * _FRAMES_PER_SECOND)),
            round((word.end + _AROUND_S) * _FRAMES_PER_SECOND),
        )
        silent[around] = False
    return Result(
        clipped=clipped,
        words=len(recording.words),
        passed_silence_s=float((passed & silent).sum()) / _FRAMES_PER_SECOND,
        silence_s=float(silent.sum()) / _FRAMES_PER_SECOND,
        passed_s=float(passed.sum()) / _FRAMES_PER_SECOND,
        seconds=seconds,
        cpu_s=cpu,
    )


def main() -> None:
    """Print a table per recording."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", nargs="*", type=Path)
    arguments = parser.parse_args()
    new_gate()  # loads the model
    for path in arguments.recordings or [RECORDING]:
        recording = with_pauses(load(path))
        kinds = {
            "as recorded": recording,
            "26 dB quieter": changed(recording, gain_db=-26),
            "white noise 20 dB": changed(recording, snr_db=20),
            "pink noise 20 dB": changed(recording, snr_db=20, color=1),
            "pink noise 10 dB": changed(recording, snr_db=10, color=1),
            "pink noise 5 dB": changed(recording, snr_db=5, color=1),
            "silence": Recording("", bytes(60 * BYTES_PER_SECOND), []),
        }
        print(f"{recording.name}: {len(recording.pcm) / BYTES_PER_SECOND:.0f} s with {len(recording.words)} words")
        print(f"{'':18s} {'clipped':>10s} {'silence':>10s} {'passed':>10s} {'µs per s':>10s}")
        for name, each in kinds.items():
            print(f"{name:18s} {measure(new_gate(), each)}")


if __name__ == "__main__":
    main()
