"""Who speaks: utterances grouped by how they sound, each group a speaker numbered from 0 in order of appearance.

Every utterance is a Gaussian over mel cepstra and pitch, and two groups are one speaker where the Bayesian information
criterion prefers one Gaussian to two (Chen and Gopalakrishnan, 1998). Live, each utterance joins a group or begins one;
of a whole recording all are looked at before any is decided. Voices that sound alike become one speaker, and a
loud room makes one of everybody; `bench/speech.py` measures it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from common.speech.timbre import CEPSTRA, timbre_of

Array = npt.NDArray[np.float64]

LIVE_PENALTY, RECORDED_PENALTY = 1.5, 2.0
"""How much better two speakers must explain the sound than one. Live, 1.4 to 1.6 keep nine pairs and trios of voices
apart and one human reader together; 1.2 makes two of the reader, 1.8 one of two men who sound alike."""
_MOST_SPEAKERS = 6
_MOST_CLUSTERED = 300
"""Utterances of a recording that are compared with one another; the time goes with the square."""
_LEAST_FRAMES = 60
"""Below 0.6 s of sound nobody new is met."""
_DIMENSIONS = CEPSTRA + 1
_QUIET_PART = 0.25
_USUAL_PITCH, _PITCH_SCALE = 150.0, 25.0
"""Hertz, and what brings the logarithm of pitch to the size of cepstra."""
_LEAST_VOICED = 5
_RIDGE = 1e-3 * np.eye(_DIMENSIONS)


@dataclass(frozen=True)
class Sound:
    """What a Gaussian needs to know of some frames: how many, their sum, and the sum of their outer products."""

    count: int
    total: Array
    square: Array

    def __add__(self, other: "Sound") -> "Sound":
        return Sound(self.count + other.count, self.total + other.total, self.square + other.square)


def sound_of(pcm: bytes) -> Sound:
    """The sound of an utterance (16 kHz mono s16le), without its quietest frames."""
    timbre = timbre_of(pcm)
    if not len(timbre):
        return Sound(0, np.zeros(_DIMENSIONS), np.zeros((_DIMENSIONS, _DIMENSIONS)))
    voiced = timbre.pitch > 0
    pitch = np.log(np.where(voiced, timbre.pitch, _USUAL_PITCH) / _USUAL_PITCH) * _PITCH_SCALE
    # Frames without a pitch get the usual one of the utterance, so that they say nothing about it.
    pitch[~voiced] = np.median(pitch[voiced]) if voiced.sum() > _LEAST_VOICED else 0.0
    frames = np.column_stack([timbre.cepstra, pitch]).astype(np.float64)
    frames = frames[timbre.loudness > np.quantile(timbre.loudness, _QUIET_PART)]
    return Sound(len(frames), frames.sum(axis=0), frames.T @ frames)


class LiveSpeakers:
    """The speakers of one stream."""

    def __init__(self) -> None:
        self._speakers: list[Sound] = []

    def label(self, sound: Sound) -> int:
        """The number of who has said this."""
        if not self._speakers:
            self._speakers.append(sound)
            return 0
        gains = [_difference(known, sound, LIVE_PENALTY) for known in self._speakers]
        best = int(np.argmin(gains))
        if gains[best] >= 0 and len(self._speakers) < _MOST_SPEAKERS and sound.count >= _LEAST_FRAMES:
            self._speakers.append(sound)
            return len(self._speakers) - 1
        self._speakers[best] = self._speakers[best] + sound
        return best


def label_recording(sounds: Sequence[Sound]) -> list[int]:
    """The number of who has said each utterance of a recording; of very many, the longest decide who there is."""
    order = sorted(range(len(sounds)), key=lambda index: -sounds[index].count)
    first = sorted(index for index in order[:_MOST_CLUSTERED] if sounds[index].count >= _LEAST_FRAMES)
    groups = _cluster([sounds[index] for index in first]) if first else []
    of: dict[int, int] = {first[member]: number for number, group in enumerate(groups) for member in group}
    speakers = [sum((sounds[first[member]] for member in group[1:]), sounds[first[group[0]]]) for group in groups]
    for index, sound in enumerate(sounds):
        if index not in of:
            of[index] = int(np.argmin([_difference(each, sound, 0.0) for each in speakers])) if speakers else 0
    names: dict[int, int] = {}
    return [names.setdefault(of[index], len(names)) for index in range(len(sounds))]


def _cluster(sounds: list[Sound]) -> list[list[int]]:
    """Join the two groups that are most likely one, until none are."""
    groups = [[index] for index in range(len(sounds))]
    gains = np.full((len(sounds), len(sounds)), np.inf)
    for index in range(1, len(sounds)):
        gains[index, :index] = _differences(sounds[index], sounds[:index], RECORDED_PENALTY)
    while len(groups) > 1:
        one, other = (int(each) for each in np.unravel_index(np.argmin(gains), gains.shape))
        if gains[one, other] >= 0 and len(groups) <= _MOST_SPEAKERS:
            break
        sounds[other] = sounds[other] + sounds[one]
        groups[other] += groups[one]
        del sounds[one], groups[one]
        gains = np.delete(np.delete(gains, one, axis=0), one, axis=1)
        row = _differences(sounds[other], sounds, RECORDED_PENALTY)
        gains[other, :other], gains[other + 1 :, other] = row[:other], row[other + 1 :]
    return groups


def _difference(one: Sound, other: Sound, penalty: float) -> float:
    return float(_differences(one, [other], penalty)[0])


def _differences(one: Sound, others: Sequence[Sound], penalty: float) -> Array:
    """How much the criterion prefers two speakers to one, for each of `others`; below 0 it is one."""
    counts = np.array([max(1, each.count) for each in others], float)
    totals = np.stack([each.total for each in others])
    squares = np.stack([each.square for each in others])
    mine = max(1, one.count)
    joined = counts + mine
    gain = joined * _spread(joined, totals + one.total, squares + one.square)
    gain -= counts * _spread(counts, totals, squares)
    gain -= mine * _spread(np.array([float(mine)]), one.total[None], one.square[None])[0]
    parameters = _DIMENSIONS + _DIMENSIONS * (_DIMENSIONS + 1) / 2
    result: Array = gain / 2 - penalty / 2 * parameters * np.log(joined)
    return result


def _spread(counts: Array, totals: Array, squares: Array) -> Array:
    """The logarithm of the determinant of each covariance."""
    means = totals / counts[:, None]
    covariances = squares / counts[:, None, None] - means[:, :, None] * means[:, None, :]
    _, logarithms = np.linalg.slogdet(covariances + _RIDGE)
    result: Array = logarithms
    return result
