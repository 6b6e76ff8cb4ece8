"""What is measured of sound is what is in it."""

import math

import numpy as np
import pytest

from common.speech.timbre import CEPSTRA, timbre_of
from common.speech.transcriber import SAMPLE_RATE
from tests.support.voices import noise, silence, speech


def _buzz(hertz: float, seconds: float = 1.0) -> bytes:
    """A harmonic sound, as a throat makes it."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sound = sum(np.sin(2 * math.pi * hertz * harmonic * at) / harmonic for harmonic in range(1, 12))
    return bytes((np.asarray(sound) * 6000).astype("<i2").tobytes())


@pytest.mark.parametrize("hertz", [90.0, 120.0, 210.0, 350.0])
def test_the_pitch_of_a_voice_is_found(hertz: float) -> None:
    pitch = timbre_of(_buzz(hertz)).pitch
    assert np.median(pitch) == pytest.approx(hertz, rel=0.03)
    assert (pitch > 0).mean() > 0.95


def test_neither_silence_nor_noise_has_a_pitch() -> None:
    for sound in (silence(1), noise(1)):
        assert (timbre_of(sound).pitch > 0).mean() < 0.05


def test_the_cosines_are_orthonormal_and_loudness_is_not_among_them() -> None:
    quiet = np.frombuffer(speech(3), "<i2") // 4
    loud, soft = timbre_of((quiet * 3).astype("<i2").tobytes()), timbre_of(quiet.astype("<i2").tobytes())
    audible = soft.loudness > np.quantile(soft.loudness, 0.5)
    assert np.abs(loud.cepstra - soft.cepstra)[audible].mean() < 0.5
    assert (loud.loudness - soft.loudness)[audible] == pytest.approx(2 * math.log(3), abs=0.2)


@pytest.mark.parametrize("size", [0, 1, 2, 798])
def test_less_than_a_window_has_no_timbre(size: int) -> None:
    timbre = timbre_of(bytes(size))
    assert (len(timbre), timbre.cepstra.shape, timbre.loudness.shape) == (0, (0, CEPSTRA), (0,))


def test_a_long_recording_is_measured_as_its_parts_are() -> None:
    whole = timbre_of(speech(12))
    assert len(whole) == 1 + (12 * SAMPLE_RATE - 400) // 160
    assert whole.cepstra[600:650] == pytest.approx(timbre_of(speech(12)[600 * 320 :]).cepstra[:50], abs=1e-4)
