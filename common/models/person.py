"""Somebody in the user's life: a name, and how they sound."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import Field, field_validator

from common.models.base import Moment, Older
from common.models.voiceprint import Voiceprint

OWNER = "user"
"""Stands for the owner where the id of a person is expected."""
NAMED = "*"
"""Stands among the ids of those who speak for everybody whose name came with a transcript."""
SHORTEST_NAME = 2
LONGEST_NAME = 40
MOST_SAMPLES = 5
SAMPLES_VERSION = 3

_UNKNOWN = datetime(2024, 1, 1, tzinfo=UTC)
"""When a document was made that does not say so; clients cannot do without."""


class PersonView(Older):
    """A person as clients see one; `speech_samples` are addresses that can be played for a while."""

    id: str
    name: str = ""
    created_at: Moment = _UNKNOWN
    updated_at: Moment = _UNKNOWN
    speech_samples: list[str] = Field(default_factory=list)
    speech_sample_transcripts: list[str] | None = None
    speech_samples_version: int = SAMPLES_VERSION


class Person(PersonView):
    """A person as stored: `speech_samples` are paths in the bucket `media`, and no name is there twice."""

    name_key: str = ""
    """The name as it is compared."""
    speaker_embedding: list[float] | None = None
    """How they sound, on the average of their samples."""
    speaker_embedding_model: str | None = None
    """What made it; where that is not known it is compared with nothing."""
    sample_voices: list[Voiceprint] = Field(default_factory=list)
    """How they sound in each of `speech_samples`; empty where samples are older than that."""

    @field_validator("speaker_embedding", mode="before")
    @classmethod
    def _as_list(cls, value: Any) -> Any:
        """Firestore's own vectors are sequences and no lists."""
        return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    return " ".join(name.split()).casefold()
