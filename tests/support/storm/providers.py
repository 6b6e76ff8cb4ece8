"""The storm's speech providers, in a process of their own: Deepgram for streams and recordings, Soniox for streams.

Each stream draws its fate, and each recording too. `python -m tests.support.storm.providers SEED REPORT` prints where
they listen; ended with SIGTERM it writes to the file REPORT what it did and who broke a protocol.
"""

import asyncio
import json
import signal
import sys
from collections import Counter, deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from local.parent import die_with_parent
from tests.support.speech_servers.deepgram import DeepgramServer
from tests.support.speech_servers.deepgram_recordings import DeepgramRecordings, running_deepgram_recordings
from tests.support.speech_servers.serving import Fault, SpeechServer
from tests.support.speech_servers.soniox import SonioxServer
from tests.support.storm.numbers import NumbersEar, words_in

HEALTHY = 0.55
"""The part of the streams to which nothing happens."""
_BAD_RECORDINGS = 0.12
_LATEST_S = 150.0
_CHUNK = 64 * 1024


class Fates(deque[Fault | None]):
    """What happens to the streams of one server, without end."""

    def __init__(self, random: Random, kinds: list[Fault]) -> None:
        super().__init__([None])
        self._random = random
        self._kinds = kinds

    def popleft(self) -> Fault | None:
        if self._random.random() < HEALTHY:
            return None
        fault = self._random.choice(self._kinds)
        if fault.kind in ("refuses", "slow"):
            return fault
        return Fault(**{**vars(fault), "after_s": self._random.uniform(0.0, _LATEST_S)})


def _everywhere(error: str) -> list[Fault]:
    return [
        Fault("closes", code=1011),
        Fault("closes", code=1000),
        Fault("closes", code=1012),
        Fault("cuts"),
        Fault("cuts"),
        Fault("errs", error=error, code=1011),
        Fault("halts"),
        Fault("deaf"),
        Fault("babbles", text="<html>502 Bad Gateway</html>"),
        Fault("unending"),
        Fault("forgets"),
        Fault("slow", seconds=0.5),
        Fault("refuses", status=429, retry_after="1"),
        Fault("refuses", status=402, retry_after="2"),
        Fault("refuses", status=503),
    ]


@dataclass
class StormyRecordings(DeepgramRecordings):
    """Deepgram's recognition of recordings on bad days."""

    random: Random = field(default_factory=Random)
    answered: Counter[str] = field(default_factory=Counter)

    def respond(self, path: str, headers: Any, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        if self.random.random() < _BAD_RECORDINGS:
            status = self.random.choice((429, 500, 503))
            self.answered[str(status)] += 1
            return status, b"{}", {"Retry-After": "1"} if status == 429 else {}
        answer = super().respond(path, headers, body)
        self.answered[str(answer[0])] += 1
        return answer


async def _front(port_of: dict[bool, int]) -> asyncio.Server:
    """One address for both of Deepgram's services, as it is: recordings are posted, streams are not."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.read(_CHUNK)
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port_of[first[:4] == b"POST"])
            behind_writer.write(first)
            await asyncio.gather(_pass_on(reader, behind_writer), _pass_on(behind_reader, writer))
        except OSError:
            writer.transport.abort()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    else:
        writer.close()


def _happened(server: SpeechServer) -> Counter[str]:
    """The faults that had their time."""
    return Counter(
        session.fault.kind
        for session in server.sessions
        if session.fault is not None and session.listener.heard_s >= session.fault.after_s
    )


async def _serve(seed: int) -> dict[str, Any]:
    """Until SIGTERM; what happened."""
    random = Random(seed)  # noqa: S311 - no secret
    deepgram = DeepgramServer(ear=NumbersEar, faults=Fates(random, [*_everywhere("boom"), Fault("disorders")]))
    soniox = SonioxServer(ear=NumbersEar, faults=Fates(random, [*_everywhere("503"), Fault("repeats")]))
    recordings = StormyRecordings(
        ear=lambda pcm: [(word.text, word.start, word.end) for word in words_in(pcm)], random=random
    )
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    with ExitStack() as running:
        ports = [
            urlsplit(running.enter_context(server)).port or 0
            for server in (deepgram.running(), running_deepgram_recordings(recordings), soniox.running())
        ]
        front = await _front({False: ports[0], True: ports[1]})
        print(f"ready {front.sockets[0].getsockname()[1]},{ports[2]}", flush=True)
        await ended.wait()
        front.close()
    return {
        "violations": deepgram.violations + soniox.violations,
        "faults": _happened(deepgram) + _happened(soniox),
        "refused": len(deepgram.requests) + len(soniox.requests) - len(deepgram.sessions + soniox.sessions),
        "recordings": recordings.answered,
    }


def main() -> None:
    """`python -m tests.support.storm.providers SEED REPORT`."""
    die_with_parent()
    happened = asyncio.run(_serve(int(sys.argv[1])))
    Path(sys.argv[2]).write_text(json.dumps(happened))


if __name__ == "__main__":
    main()
