"""How well and how fast speech is understood offline: words and speakers, real-time factor, latency, codec cost.

`python bench/speech.py [--cache DIR] [--folder DIR] [--figures FILE] [RECORDING ...]`: the bundled recording, any
other with a .txt beside it, and all of those in a folder. Recordings go through Opus packets of 20 ms, as a wearable
sends them, and then live through the model server. Errors are shown beside those that the last run left in the file
of figures, which this run's then replace.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from common.core import clock
from common.speech.codecs import frame_decoder
from common.speech.files import decode_file
from common.speech.local import LocalBatchTranscriber, LocalStreamingTranscriber
from common.speech.opus import OpusEncoder
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from local.demo.attribution import speaker_error
from local.demo.script import RECORDING, Turn, read_script
from local.demo.wer import word_error_rate
from local.models.process import running_model_server
from local.process import ReadyProcess

_PACKET = BYTES_PER_SECOND // 50
_SPAN = 300 * BYTES_PER_SECOND
_TIMEOUT = 120.0


@dataclass(frozen=True)
class Result:
    """One row of the table."""

    words_wrong: float
    speakers_wrong: float | None
    seconds: float
    audio_seconds: float
    cpu_seconds: float
    delay: float | None = None
    """Seconds from the end of the first utterance to its text, at real time."""

    def __str__(self) -> str:
        delay = "" if self.delay is None else f"{self.delay:7.2f}"
        factor, cpu = self.seconds / self.audio_seconds, self.cpu_seconds / self.audio_seconds
        speakers = "      -" if self.speakers_wrong is None else f"{self.speakers_wrong:7.3f}"
        return f"{self.words_wrong:7.3f} {speakers} {self.audio_seconds:8.1f} {factor:10.3f} {cpu:9.3f} {delay}"

    @property
    def errors(self) -> dict[str, float]:
        """What is compared with the last run."""
        errors = {"words": self.words_wrong, "speakers": self.speakers_wrong}
        return {name: round(value, 4) for name, value in errors.items() if value is not None}


def through_opus(pcm: bytes) -> tuple[bytes, float]:
    """The audio after encoding and decoding, and the decoder's microseconds of CPU per packet."""
    encoder, decoder = OpusEncoder(), frame_decoder("opus_fs320", 16_000)
    whole = pcm + bytes(-len(pcm) % _PACKET)
    packets = [encoder.encode(whole[start : start + _PACKET]) for start in range(0, len(whole), _PACKET)]
    started = time.process_time()
    decoded = b"".join(map(decoder.decode, packets))
    return decoded, (time.process_time() - started) / len(packets) * 1e6


async def live(url: str, pcm: bytes, *, pace: float = 0.0) -> tuple[list[Utterance], float | None]:
    """Stream it, `pace` seconds per packet; the utterances, and how long after its end the first was there."""
    stream = await LocalStreamingTranscriber(url, timeout=_TIMEOUT).open(language="en")
    started = clock.monotonic()

    async def send() -> None:
        for number, start in enumerate(range(0, len(pcm), _PACKET)):
            if pace:
                await asyncio.sleep(max(0.0, started + number * pace - clock.monotonic()))
            await stream.send(pcm[start : start + _PACKET])
        await stream.finish()

    sending = asyncio.create_task(send())
    utterances: list[Utterance] = []
    delay = None
    async for heard in stream:
        utterances += heard.utterances
        if utterances and delay is None:
            delay = clock.monotonic() - started - utterances[0].end
    await sending
    await stream.aclose()
    return utterances, delay


def batch(url: str, pcm: bytes) -> list[Heard]:
    """Transcribe it as a recording, in spans of 5 minutes."""
    transcriber = LocalBatchTranscriber(url, timeout=_TIMEOUT)
    return [transcriber.transcribe(pcm[start : start + _SPAN], language="en") for start in range(0, len(pcm), _SPAN)]


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _tree(int(child))


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its children so far (Linux; 0 elsewhere)."""
    ticks = 0
    for member in _tree(pid):
        stat = Path(f"/proc/{member}/stat")
        if stat.exists():
            ticks += sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> Iterator[tuple[int, float]]:
    """Resident megabytes of a process and its children (Linux)."""
    for member in _tree(pid):
        status = Path(f"/proc/{member}/statm")
        if status.exists():
            yield member, int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def errors(said: list[Turn], heard: list[Utterance]) -> tuple[float, float | None]:
    """Word error rate, and the share of recognised words that are given to the wrong speaker."""
    return (
        word_error_rate(" ".join(turn.text for turn in said), " ".join(utterance.text for utterance in heard)),
        speaker_error(
            [(turn.speaker, turn.text) for turn in said],
            [(str(utterance.speaker), utterance.text) for utterance in heard],
        ),
    )


def recordings_of(folder: Path | None) -> list[Path]:
    """What in a folder has its text beside it."""
    files = sorted(folder.iterdir()) if folder is not None else []
    return [file for file in files if file.suffix != ".txt" and file.with_suffix(".txt").is_file()]


def compare(figures: dict[str, dict[str, float]], path: Path) -> Iterator[str]:
    """How errors differ from the last run's; these take their place."""
    before: dict[str, dict[str, float]] = json.loads(path.read_text()) if path.is_file() else {}
    for name, found in figures.items():
        known = before.get(name, {})
        for kind, value in found.items():
            last = f"last run {known[kind]:.4f} ({value - known[kind]:+.4f})" if kind in known else "no last run"
            yield f"{name} {kind} wrong: {value:.4f}, {last}"
    path.write_text(json.dumps({**before, **figures}, indent=2, sort_keys=True) + "\n")


def measure(server: ReadyProcess, recording: Path) -> Iterator[tuple[str, Result | float]]:
    """The rows of one recording."""
    with recording.open("rb") as file:
        pcm = b"".join(decode_file(file))
    said = read_script(recording.with_suffix(".txt"))
    decoded, microseconds = through_opus(pcm)
    audio_seconds = len(pcm) / BYTES_PER_SECOND

    cpu, started = cpu_seconds(server.pid), clock.monotonic()
    utterances, _ = asyncio.run(live(server.url, decoded))
    took, cpu = clock.monotonic() - started, cpu_seconds(server.pid) - cpu
    _, delay = asyncio.run(live(server.url, decoded[: 15 * BYTES_PER_SECOND], pace=0.02))
    yield "live", Result(*errors(said, utterances), took, audio_seconds, cpu, delay)

    cpu, started = cpu_seconds(server.pid), clock.monotonic()
    spans = batch(server.url, decoded)
    took, cpu = clock.monotonic() - started, cpu_seconds(server.pid) - cpu
    # Each span numbers its speakers anew: only those of a recording of one span can be compared.
    words, speakers = errors(said, [utterance for heard in spans for utterance in heard.utterances])
    yield "batch", Result(words, speakers if len(spans) == 1 else None, took, audio_seconds, cpu)
    yield "opus decode, us of CPU per packet", microseconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="*", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "earshot-models"))
    parser.add_argument("--folder", type=Path, help="of recordings with their texts")
    parser.add_argument("--figures", type=Path, help="JSON file of the last run's errors")
    asked = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    started = clock.monotonic()
    with running_model_server(asked.cache) as server:
        print(f"model server ready after {clock.monotonic() - started:.2f} s")
        print(f"{'':34} {'WER':>7} {'speaker':>7} {'audio s':>8} {'wall/audio':>10} {'cpu/audio':>9} {'delay s':>7}")
        for recording in (RECORDING, *recordings_of(asked.folder), *asked.recordings):
            for name, result in measure(server, recording):
                value = f"{result:7.1f}" if isinstance(result, float) else str(result)
                if isinstance(result, Result):
                    figures[f"{recording.name} {name}"] = result.errors
                print(f"{recording.name[:20] + ' ' + name:34} {value}")
        print("resident MB:", ", ".join(f"{megabytes:.0f}" for _, megabytes in resident(server.pid)))
    if asked.figures is not None:
        print("\n".join(compare(figures, asked.figures)))


if __name__ == "__main__":
    main()
