"""Make the bundled recording from its text: two flite voices (apt-get install flite), Ogg/Opus.

`python -m local.demo.make_recording`
"""

import subprocess
import tempfile
import wave
from pathlib import Path

import av

from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from local.demo.script import RECORDING, SCRIPT, Turn, read_script

# Both are made from recordings of people; formant synthesis is not recognised (measured: half of the words).
_VOICES = {"A": "rms", "B": "slt"}
_PAUSE = bytes(BYTES_PER_SECOND * 7 // 10)
_BITRATE = 24_000


def speak(turn: Turn) -> bytes:
    """PCM (16 kHz mono s16le) of one turn."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", _VOICES[turn.speaker], "-t", turn.text, "-o", file.name], check=True)  # noqa: S607 - wherever it is installed
        with wave.open(file.name) as sound:
            pcm: bytes = sound.readframes(sound.getnframes())
            return pcm


def write_ogg(pcm: bytes, path: Path) -> None:
    """Store PCM as Ogg/Opus, the same bytes every time."""
    with av.open(path, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate = _BITRATE
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.sample_rate = SAMPLE_RATE
        frame.planes[0].update(pcm)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)


def main() -> None:
    """Speak the script and store it."""
    pcm = _PAUSE + b"".join(speak(turn) + _PAUSE for turn in read_script(SCRIPT))
    write_ogg(pcm, RECORDING)
    print(f"{RECORDING.name}: {len(pcm) / BYTES_PER_SECOND:.1f} s, {RECORDING.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
