"""The languages that the configured recogniser understands."""

from dataclasses import dataclass

from common.core.settings import settings


@dataclass(frozen=True)
class Language:
    """A language by its code (BCP 47) and its own name in English."""

    code: str
    name: str


_OF_PROVIDER = {"local": (Language("en", "English"),)}


def understood() -> tuple[Language, ...]:
    """What the streaming recogniser understands."""
    return _OF_PROVIDER[settings().streaming_transcriber]
