"""A recording as the demo takes it: the device's packets, and what is said in it where that is known."""

from dataclasses import dataclass
from pathlib import Path

from common.core.errors import InvalidInputError
from local.demo.device import PACKET_S, opus_packets
from local.demo.script import RECORDING, SCRIPT, read_script


class UnusableRecordingError(ValueError):
    """The file cannot be streamed; the message is one line for the user."""


@dataclass(frozen=True)
class Recording:
    """A file, its 20 ms Opus packets and, if known, the words in it."""

    path: Path
    packets: list[bytes]
    said: str | None

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.packets) * PACKET_S

    @property
    def bundled(self) -> bool:
        """Whether it is the one that comes with the repository."""
        return self.path == RECORDING


def load_recording(path: Path | None) -> Recording:
    """The recording at `path` (wav, mp3, m4a, ogg, …), or the bundled one; its text is the .txt file beside it.

    Raises:
        UnusableRecordingError: no such file, no audio, or text that is not UTF-8.
    """
    chosen = RECORDING if path is None else path
    try:
        if chosen.is_file() and not chosen.stat().st_size:
            raise UnusableRecordingError(f"{chosen}: the file is empty")
        packets = opus_packets(chosen)
        return Recording(chosen, packets, _known_text(SCRIPT if path is None else path.with_suffix(".txt"), chosen))
    except OSError as error:
        raise UnusableRecordingError(f"{chosen}: {error.strerror or error}") from error
    except InvalidInputError as error:
        raise UnusableRecordingError(f"{chosen}: {error}") from error
    except UnicodeDecodeError as error:
        raise UnusableRecordingError(f"{chosen.with_suffix('.txt')}: not UTF-8 text") from error


def _known_text(text: Path, recording: Path) -> str | None:
    if text == recording or not text.is_file():
        return None
    return " ".join(turn.text for turn in read_script(text)).strip() or None
