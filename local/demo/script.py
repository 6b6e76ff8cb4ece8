"""The bundled dialogue as written."""

from dataclasses import dataclass
from pathlib import Path

RECORDING = Path(__file__).with_name("meeting.ogg")
SCRIPT = Path(__file__).with_name("meeting.txt")


@dataclass(frozen=True)
class Turn:
    """What one speaker says before the other does."""

    speaker: str
    text: str


def read_script(path: Path = SCRIPT) -> list[Turn]:
    """The turns of a script: a line each, `speaker: text`, or only the text if there is one speaker."""
    turns = []
    for line in path.read_text(encoding="utf-8").splitlines():
        speaker, colon, text = line.partition(": ")
        if line.strip():
            turns.append(Turn(speaker, text.strip()) if colon else Turn("", line.strip()))
    return turns
