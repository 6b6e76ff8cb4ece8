"""The messages of Speechmatics' Realtime API, as far as they are read."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, FiniteFloat

_Seconds = Annotated[FiniteFloat, Field(ge=0)]


class Kind(BaseModel):
    """What every message says first."""

    message: str


class PackInfo(BaseModel):
    """How the language is written."""

    word_delimiter: str = " "


class Started(BaseModel):
    """RecognitionStarted."""

    language_pack_info: PackInfo = Field(default_factory=PackInfo)


class Alternative(BaseModel):
    """One reading of a word or mark."""

    content: str
    language: str | None = None
    speaker: str | None = None


class Result(BaseModel):
    """A word or a punctuation mark."""

    type: str
    start_time: _Seconds
    end_time: _Seconds
    attaches_to: Literal["next", "previous", "none", "both"] | None = None
    alternatives: list[Alternative] = Field(default_factory=list)


class Stretch(BaseModel):
    """Which audio a transcript is about."""

    start_time: _Seconds
    end_time: _Seconds


class Transcript(BaseModel):
    """AddTranscript and AddPartialTranscript."""

    metadata: Stretch
    results: list[Result]


class Added(BaseModel):
    """AudioAdded."""

    seq_no: Annotated[int, Field(ge=0)]


class Error(BaseModel):
    """Error; what it says besides is for people."""

    type: str
