"""A piece of transcript said by one speaker (CONTRACT: transcript segment)."""

import re
from typing import Any

from pydantic import Field, field_validator, model_validator

from common.core.ids import new_id
from common.models.base import Document

_SPEAKER_NUMBER = re.compile(r"(\d{1,6})$")


class Translation(Document):
    """The text of a segment in another language."""

    lang: str
    text: str


class TranscriptSegment(Document):
    """What one speaker said between `start` and `end`, seconds relative to the conversation's `started_at`."""

    id: str = Field(default_factory=new_id)
    text: str
    speaker: str = "SPEAKER_00"
    speaker_id: int | None = None
    is_user: bool = False
    person_id: str | None = None
    start: float = Field(ge=0)
    end: float = Field(ge=0)
    translations: list[Translation] = Field(default_factory=list)
    speech_profile_processed: bool = True
    stt_provider: str | None = None
    speaker_label_source: str | None = None
    language: str | None = None
    """A BCP-47 tag, where the recogniser told which language it heard."""

    @field_validator("speaker", mode="before")
    @classmethod
    def _speaker_label(cls, value: Any) -> Any:
        return value or "SPEAKER_00"

    @model_validator(mode="after")
    def _speaker_number(self) -> "TranscriptSegment":
        """`speaker_id` is the number at the end of `speaker` unless it is given."""
        if self.speaker_id is None:
            number = _SPEAKER_NUMBER.search(self.speaker)
            # Not by assignment: that would validate, and so arrive here, again.
            self.__dict__["speaker_id"] = int(number.group(1)) if number else 0
        return self

    @property
    def word_count(self) -> int:
        """Words as separated by blanks."""
        return len(self.text.split())
