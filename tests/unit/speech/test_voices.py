"""Two clips of one voice lie near each other, those of two do not, and what says nothing is refused."""

import math
from functools import cache
from itertools import combinations

import numpy as np
import pytest
import soxr

from common.core.errors import ProviderError, ProviderRefusedError
from common.core.settings import settings
from common.speech.codecs import frame_decoder
from common.speech.companding import compressed, expanded
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.voice_providers import voice_embedder
from common.speech.voice_service import VoiceService
from common.speech.voice_statistics import VoiceStatistics
from common.speech.voices import Rules, Vector, average, centre, distance, is_near, unit
from tests.support.voices import deeper, hum, noise, silence, softer, speech, turns_of

STATISTICS = VoiceStatistics()
NAMES = ["a man", "a woman", "a taller man", "a taller woman"]


@cache
def vectors(name: str) -> list[Vector]:
    """Clips of 2.5 s and more of one voice, as vectors."""
    speaker, lower = {
        "a man": ("A", 1.0),
        "a woman": ("B", 1.0),
        "a taller man": ("A", 1.25),
        "a taller woman": ("B", 1.2),
    }[name]
    clips = [clip for clip in turns_of(speaker) if len(clip) > 2.5 * BYTES_PER_SECOND][:6]
    return [STATISTICS.embed(centre(deeper(clip, by=lower))) for clip in clips]


@pytest.mark.parametrize("name", NAMES)
def test_clips_of_one_voice_are_near(name: str) -> None:
    apart = [distance(one, other) for one, other in combinations(vectors(name), 2)]
    assert len(apart) >= 3
    near = sum(1 for each in apart if each <= STATISTICS.rules.largest_distance)
    assert near / len(apart) >= 0.8
    assert distance(average(vectors(name)[::2]), average(vectors(name)[1::2])) <= STATISTICS.rules.largest_distance


@pytest.mark.parametrize(("one", "other"), list(combinations(NAMES, 2)))
def test_clips_of_two_voices_are_not(one: str, other: str) -> None:
    nearest = min(distance(mine, theirs) for mine in vectors(one) for theirs in vectors(other))
    assert nearest > STATISTICS.rules.largest_distance


@pytest.mark.parametrize(
    "pcm",
    [b"", silence(5), noise(5), speech(1), hum(3)],
    ids=["nothing", "silence", "noise", "short", "hum"],
)
def test_a_clip_that_holds_too_little_of_a_voice_is_refused(pcm: bytes) -> None:
    with pytest.raises(ProviderRefusedError):
        STATISTICS.embed(pcm)


@pytest.mark.parametrize("codec", ["pcm8", "pcm16"])
@pytest.mark.parametrize("by", [1, 8])
def test_sound_sampled_at_8_khz_tells_nobody_apart_and_is_refused(codec: str, by: int) -> None:
    clip = turns_of("A")[0] + turns_of("B")[0]
    samples = soxr.resample(np.frombuffer(softer(clip, by=by), "<i2"), 16_000, 8_000)
    coded = samples.tobytes() if codec == "pcm16" else ((samples >> 8) + 128).astype(np.uint8).tobytes()
    decoder = frame_decoder(codec, 8_000)
    pcm = decoder.decode(coded) + decoder.flush()
    for heard in (pcm, expanded(compressed(pcm))):
        with pytest.raises(ProviderRefusedError, match="lower half"):
            STATISTICS.embed(centre(heard))


def test_a_soft_voice_is_as_good_as_a_loud_one() -> None:
    clip = centre(max(turns_of("A"), key=len))
    assert distance(STATISTICS.embed(softer(clip, by=12)), STATISTICS.embed(clip)) <= STATISTICS.rules.largest_distance


def test_whatever_has_a_pitch_gives_finite_numbers() -> None:
    hissing = np.frombuffer(hum(3), "<i2") // 8 + np.frombuffer(noise(3), "<i2") // 4
    assert all(map(math.isfinite, STATISTICS.embed(hissing.astype("<i2").tobytes())))


class TestVectors:
    """Their arithmetic."""

    def test_only_the_direction_counts(self) -> None:
        assert distance(unit([3.0, 4.0]), unit([30.0, 40.0])) == pytest.approx(0.0)
        assert distance(unit([1.0, 0.0]), unit([0.0, 2.0])) == pytest.approx(1.0)
        assert distance(unit([1.0, 0.0]), unit([-1.0, 0.0])) == pytest.approx(2.0)

    def test_the_average_lies_between(self) -> None:
        middle = average([(1.0, 0.0), (0.0, 1.0)])
        assert middle == pytest.approx((math.sqrt(0.5), math.sqrt(0.5)))

    def test_one_of_another_length_than_most_is_of_another_model_and_does_not_count(self) -> None:
        middle = average([(1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0)])
        assert middle == pytest.approx((math.sqrt(0.5), math.sqrt(0.5)))
        assert is_near(middle, (1.0, 0.0), Rules(largest_distance=0.5))
        assert not is_near(middle, (1.0, 0.0), Rules(largest_distance=0.2))
        assert not is_near(middle, (1.0, 0.0, 0.0), Rules(largest_distance=2.0))

    @pytest.mark.parametrize("vector", [[], [0.0, 0.0], [math.nan, 1.0], [math.inf, 1.0], [1e308, 1e308]])
    def test_what_has_no_direction_is_no_embedding(self, vector: list[float]) -> None:
        with pytest.raises(ProviderError):
            unit(vector)

    def test_those_of_two_models_are_not_compared(self) -> None:
        with pytest.raises(ValueError, match="two models"):
            distance((1.0,), (1.0, 0.0))

    def test_a_long_clip_is_cut_to_its_middle(self) -> None:
        pcm = b"".join(bytes([second]) * BYTES_PER_SECOND for second in range(14))
        assert centre(pcm) == pcm[2 * BYTES_PER_SECOND : 12 * BYTES_PER_SECOND]
        assert centre(pcm[: 3 * BYTES_PER_SECOND]) == pcm[: 3 * BYTES_PER_SECOND]
        assert len(centre(bytes(11 * BYTES_PER_SECOND + 2))) == 10 * BYTES_PER_SECOND


def test_the_settings_choose_between_a_service_and_statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    voice_embedder.cache_clear()
    assert isinstance(voice_embedder(), VoiceStatistics)
    voice_embedder.cache_clear()
    settings.cache_clear()
    monkeypatch.setenv("VOICE_EMBEDDING_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("VOICE_EMBEDDING_DISTANCE", "0.5")
    service = voice_embedder()
    voice_embedder.cache_clear()
    assert isinstance(service, VoiceService)
    assert (service.name, service.rules.largest_distance) == ("wespeaker-voxceleb-resnet34-LM", 0.5)
