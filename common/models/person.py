"""Somebody in the user's life: a name, and how they sound."""

from datetime import UTC, datetime

from pydantic import Field

from common.models.base import Document, Moment

SHORTEST_NAME = 2
LONGEST_NAME = 40
MOST_SAMPLES = 5
SAMPLES_VERSION = 3

_UNKNOWN = datetime(2024, 1, 1, tzinfo=UTC)
"""When a document was made that does not say so; clients cannot do without."""


class PersonView(Document):
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


def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    return " ".join(name.split()).casefold()
