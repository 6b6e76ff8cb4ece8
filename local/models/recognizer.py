"""Speech to text: a few worker processes, each with a recogniser of its own (pocketsphinx, English).

Processes, because pocketsphinx holds the interpreter's lock for seconds; own ones, so that one that dies takes only
its own utterance down, which another then decodes.
"""

import asyncio
import multiprocessing
import os
import re
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection

from common.core.logs import get_logger
from local.parent import die_with_parent

_ATTEMPTS = 3
_SECONDS_PER_UTTERANCE = 120.0
"""Decoding 15 s takes about 4 s; a worker that takes this long is stuck."""
_VARIANT = re.compile(r"\(\d+\)$")
_NOT_A_WORD = re.compile(r"^[<\[]")
_spawn = multiprocessing.get_context("spawn")


class RecognitionError(RuntimeError):
    """An utterance could not be decoded, though tried several times."""


@dataclass(frozen=True)
class Decoded:
    """The words of one utterance, lower case without punctuation, empty if none; confidence from 0 to 1."""

    text: str
    confidence: float


class Recognizer:
    """A pool of workers. Belongs to the event loop's thread, which outlives them."""

    def __init__(self, workers: int) -> None:
        self._workers = {_Worker() for _ in range(workers)}
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)

    @property
    def size(self) -> int:
        """How many utterances are decoded at once."""
        return len(self._workers)

    async def decode(self, pcm: bytes) -> Decoded:
        """Decode one utterance, first come, first served.

        Raises:
            RecognitionError: several workers died or hung on it.
        """
        worker = await self._idle.get()
        try:
            for _ in range(_ATTEMPTS):
                try:
                    return await worker.decode(pcm)
                except (EOFError, OSError):
                    get_logger().warning("recognizer_worker_replaced")
                    worker = self._replace(worker)
        finally:
            self._idle.put_nowait(worker)
        raise RecognitionError("the recogniser failed on this audio")

    def _replace(self, worker: "_Worker") -> "_Worker":
        self._workers.discard(worker)
        worker.kill()
        replacement = _Worker()
        self._workers.add(replacement)
        return replacement

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.kill()


class _Worker:
    def __init__(self) -> None:
        self._connection, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=_serve, args=(theirs, os.getpid()), name="recognizer", daemon=True)
        self._process.start()
        theirs.close()
        self._lock = asyncio.Lock()

    async def decode(self, pcm: bytes) -> Decoded:
        """Raises EOFError or OSError if the worker is gone or stuck."""
        # The lock outlives a caller who is cancelled: question and answer stay paired.
        return await asyncio.shield(asyncio.ensure_future(self._decode(pcm)))

    async def _decode(self, pcm: bytes) -> Decoded:
        async with self._lock:
            return await asyncio.to_thread(self._ask, pcm)

    def _ask(self, pcm: bytes) -> Decoded:
        self._connection.send_bytes(pcm)
        if not self._connection.poll(_SECONDS_PER_UTTERANCE):
            raise TimeoutError("the recogniser is stuck")
        answer: Decoded = self._connection.recv()
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(connection: Connection, parent: int) -> None:
    """The worker process: decode what comes until the server is gone."""
    die_with_parent(parent, by=signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from pocketsphinx import Decoder  # noqa: PLC0415 - only in a worker

    decoder = Decoder(loglevel="FATAL")
    while True:
        try:
            pcm = connection.recv_bytes()
        except EOFError:
            return
        # Forget the utterance before, another speaker's perhaps: the same audio always gives the same words.
        decoder.reinit_feat()
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        words = [(_VARIANT.sub("", segment.word), segment.prob) for segment in decoder.seg() or ()]
        words = [(word, probability) for word, probability in words if not _NOT_A_WORD.match(word)]
        confidence = sum(min(probability, 1.0) for _, probability in words) / max(len(words), 1)
        connection.send(Decoded(" ".join(word for word, _ in words), round(confidence, 3)))
