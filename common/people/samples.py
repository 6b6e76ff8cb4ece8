"""What is known of a person's voice from the samples that are kept of it. Pure."""

from collections.abc import Sequence
from typing import Any

from common.core import clock
from common.models.person import MOST_SAMPLES, Person
from common.models.voiceprint import Voiceprint
from common.speech.voices import average


def with_sample(person: Person, path: str, *, transcript: str, voice: Voiceprint) -> Person:
    """The person with a sample, in place of what lay at its path; unchanged where there are MOST_SAMPLES others."""
    if path in person.speech_samples:
        person = without_sample(person, person.speech_samples.index(path))
    if len(person.speech_samples) >= MOST_SAMPLES:
        return person
    return _changed(
        person,
        samples=[*person.speech_samples, path],
        transcripts=[*_padded(person.speech_sample_transcripts or [], person, ""), transcript],
        voices=[*_padded(person.sample_voices, person, _UNKNOWN), voice],
    )


def without_sample(person: Person, index: int) -> Person:
    """The person without one of their samples; with the last one their voice is not known any more."""
    transcripts, voices = person.speech_sample_transcripts, person.sample_voices
    return _changed(
        person,
        samples=person.speech_samples[:index] + person.speech_samples[index + 1 :],
        transcripts=transcripts and transcripts[:index] + transcripts[index + 1 :],
        voices=voices[:index] + voices[index + 1 :],
    )


_UNKNOWN = Voiceprint(model="", values=[])
"""In the place of a sample that nobody has embedded."""


def _padded(known: Sequence[Any], person: Person, filling: Any) -> list[Any]:
    """As many as there are samples."""
    return [*known[: len(person.speech_samples)], *[filling] * (len(person.speech_samples) - len(known))]


def _changed(person: Person, *, samples: list[str], transcripts: list[str] | None, voices: list[Voiceprint]) -> Person:
    fields: dict[str, Any] = {
        "speech_samples": samples,
        "speech_sample_transcripts": transcripts,
        "sample_voices": voices,
        "updated_at": clock.now(),
    }
    known = [voice for voice in voices if voice.values]
    if known:
        model, length = known[-1].model, len(known[-1].values)
        comparable = [voice.values for voice in known if voice.model == model and len(voice.values) == length]
        fields |= {"speaker_embedding": list(average(comparable)), "speaker_embedding_model": model}
    elif not samples or person.sample_voices:
        fields |= {"speaker_embedding": None, "speaker_embedding_model": None}
    return person.model_copy(update=fields)
