"""PCM in half its room is nearly what it was."""

import numpy as np
import pytest

from common.speech.companding import compressed, expanded


def _through(samples: np.ndarray) -> np.ndarray:
    small = compressed(samples.astype("<i2").tobytes())
    assert len(small) == len(samples)
    return np.frombuffer(expanded(small), dtype="<i2").astype(np.float64)


@pytest.mark.parametrize("loudness", [30_000, 3_000, 300])
def test_what_is_lost_lies_far_below_what_is_said(loudness: int) -> None:
    said = loudness * np.sin(np.arange(16_000) * 0.21) * np.sin(np.arange(16_000) * 0.0007)
    lost = _through(said) - said
    assert 10 * np.log10(np.mean(said**2) / np.mean(lost**2)) > 30


def test_every_sample_stays_near_itself_and_on_its_side() -> None:
    every = np.arange(-32_768, 32_768)
    after = _through(every)
    assert np.all(np.abs(after - every) <= 6 + 0.025 * np.abs(every))
    assert np.all(np.diff(after) >= 0)
    assert after[32_768] == 0, "silence is silent"


def test_nothing_stays_nothing() -> None:
    assert expanded(compressed(b"")) == b""
