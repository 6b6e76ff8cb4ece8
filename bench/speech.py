"""How well and how fast speech is understood offline: word error rate, real-time factor, latency, codec cost.

`python bench/speech.py [--cache DIR] [RECORDING ...]`: the bundled recording, and any other with a .txt beside it.
Recordings go through Opus packets of 20 ms, as a wearable sends them, and then live through the model server.
"""

import argparse
import asyncio
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
from local.demo.script import RECORDING, read_script
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
    seconds: float
    audio_seconds: float
    cpu_seconds: float
    delay: float | None = None
    """Seconds from the end of the first utterance to its text, at real time."""

    def __str__(self) -> str:
        delay = "" if self.delay is None else f"{self.delay:7.2f}"
        factor, cpu = self.seconds / self.audio_seconds, self.cpu_seconds / self.audio_seconds
        return f"{self.words_wrong:7.3f} {self.audio_seconds:8.1f} {factor:10.3f} {cpu:9.3f} {delay}"


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


def measure(server: ReadyProcess, recording: Path) -> Iterator[tuple[str, Result | float]]:
    """The rows of one recording."""
    with recording.open("rb") as file:
        pcm = b"".join(decode_file(file))
    said = " ".join(turn.text for turn in read_script(recording.with_suffix(".txt")))
    decoded, microseconds = through_opus(pcm)
    audio_seconds = len(pcm) / BYTES_PER_SECOND

    cpu, started = cpu_seconds(server.pid), clock.monotonic()
    utterances, _ = asyncio.run(live(server.url, decoded))
    took, cpu = clock.monotonic() - started, cpu_seconds(server.pid) - cpu
    _, delay = asyncio.run(live(server.url, decoded[: 15 * BYTES_PER_SECOND], pace=0.02))
    wrong = word_error_rate(said, " ".join(utterance.text for utterance in utterances))
    yield "live", Result(wrong, took, audio_seconds, cpu, delay)

    cpu, started = cpu_seconds(server.pid), clock.monotonic()
    spans = batch(server.url, decoded)
    took, cpu = clock.monotonic() - started, cpu_seconds(server.pid) - cpu
    wrong = word_error_rate(said, " ".join(utterance.text for heard in spans for utterance in heard.utterances))
    yield "batch", Result(wrong, took, audio_seconds, cpu)
    yield "opus decode, us of CPU per packet", microseconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="*", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "earshot-models"))
    asked = parser.parse_args()
    started = clock.monotonic()
    with running_model_server(asked.cache) as server:
        print(f"model server ready after {clock.monotonic() - started:.2f} s")
        print(f"{'':34} {'WER':>7} {'audio s':>8} {'wall/audio':>10} {'cpu/audio':>9} {'delay s':>7}")
        for recording in (RECORDING, *asked.recordings):
            for name, result in measure(server, recording):
                value = f"{result:7.1f}" if isinstance(result, float) else str(result)
                print(f"{recording.name[:20] + ' ' + name:34} {value}")
        print("resident MB:", ", ".join(f"{megabytes:.0f}" for _, megabytes in resident(server.pid)))


if __name__ == "__main__":
    main()
