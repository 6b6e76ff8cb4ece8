"""Recordings of voices in the bucket `media`: the user's own, more of it, and those of people.

{uid}/speech_profile.wav
{uid}/additional_profile_recordings/{conversation_id}_segment_{index}.wav
{uid}/people_profiles/{person_id}/{anything}.wav
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import BadRequestError
from common.database import media, people, users
from common.models.voiceprint import Voiceprint
from common.speech.activity import voiced_seconds
from common.speech.transcriber import SAMPLE_RATE
from common.speech.voice_providers import voice_embedder
from common.speech.voices import LONGEST_CLIP_S, average, embed_each
from common.speech.wav import pcm_of, read_wav

if TYPE_CHECKING:
    from array import array

SHORTEST_S = 5.0
LONGEST_S = 180.0
_LEAST_VOICED_S = 1.5
_MOST_CLIPS = 6


def profile_path(*, uid: str) -> str:
    """Where the user's own voice is."""
    return f"{uid}/speech_profile.wav"


def person_prefix(*, uid: str, person_id: str) -> str:
    """Below which a person's samples are."""
    return f"{uid}/people_profiles/{person_id}/"


def store_profile(wav: bytes, *, uid: str) -> str:
    """Keep a recording of the user's voice, in place of the one before, and how it sounds; its path.

    Raises:
        BadRequestError: not a WAV of the right kind, too short, too long, or without speech.
        ProviderError: how it sounds cannot be found out now; nothing is changed.
    """
    samples = read_wav(wav)
    seconds = len(samples) / SAMPLE_RATE
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise BadRequestError(f"The recording must last {SHORTEST_S:.0f} to {LONGEST_S:.0f} seconds")
    if voiced_seconds(samples) < _LEAST_VOICED_S:
        raise BadRequestError("The recording holds no speech")
    voice = _voice_of(samples)
    path = profile_path(uid=uid)
    media.put(path, wav, content_type="audio/wav")
    users.change(uid=uid, speech_profile_at=clock.now(), speech_profile_seconds=seconds, voice=voice)
    people.note_change(uid=uid)
    return path


def _voice_of(samples: array[int]) -> Voiceprint:
    """How a recording sounds, by some of its parts where it is long."""
    embedder = voice_embedder()
    size = round(LONGEST_CLIP_S * SAMPLE_RATE)
    count = max(1, min(_MOST_CLIPS, len(samples) // size))
    parts = (samples[len(samples) * number // count :][: min(size, len(samples) // count)] for number in range(count))
    embedded = embed_each(embedder, (pcm_of(part) for part in parts))
    if not embedded:
        raise BadRequestError("The recording holds too little of a voice, or only the lower half of its sound")
    return Voiceprint.of(average([vector for _, vector in embedded]), model=embedder.name)


def list_additional(*, uid: str, person_id: str | None) -> list[str]:
    """Paths of what was added to the user's profile, or of a person's samples.

    Raises:
        NotFoundError: there is no such person.
    """
    return media.list_paths(_additional_prefix(uid=uid, person_id=person_id))


def delete_additional(*, uid: str, conversation_id: str, segment_index: int, person_id: str | None) -> None:
    """Delete a recording that a segment of a conversation was; none is fine.

    Raises:
        NotFoundError: there is no such person.
    """
    prefix = _additional_prefix(uid=uid, person_id=person_id)
    media.delete(f"{prefix}{conversation_id}_segment_{segment_index}.wav")


def _additional_prefix(*, uid: str, person_id: str | None) -> str:
    if person_id is None:
        return f"{uid}/additional_profile_recordings/"
    return person_prefix(uid=uid, person_id=people.of(uid=uid).get(person_id).id)
