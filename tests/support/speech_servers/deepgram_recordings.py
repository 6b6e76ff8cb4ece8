"""Deepgram's recognition of recordings over HTTP: it keeps the published rules, and may answer badly."""

from __future__ import annotations

import io
import json
import threading
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.answering import Quiet, answering

KEY = "key-that-nobody-may-see"
_PAUSE_S = 0.8


@dataclass
class DeepgramRecordings:
    """What the server does and has seen.

    `answer`: status, body and headers in place of the usual ones. `after_s`: real seconds before it answers.
    `promised`: bytes of the body that it announces. `drips`: real seconds between the bytes of its body.
    """

    ear: Callable[[bytes], Sequence[tuple[str, float, float]]]
    answer: tuple[int, bytes, dict[str, str]] | None = None
    after_s: float = 0.0
    promised: int | None = None
    drips: float = 0.0
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    def respond(self, path: str, headers: Any, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers."""
        address = urlsplit(path)
        parameters = parse_qs(address.query)
        self.asked.append(parameters)
        if self.answer is not None:
            return self.answer
        if address.path != "/v1/listen":
            return 404, b"{}", {}
        if headers["Authorization"] != f"Token {KEY}":
            return 401, json.dumps({"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials."}).encode(), {}
        try:
            with wave.open(io.BytesIO(body)) as file:
                pcm = file.readframes(file.getnframes())
                seconds = file.getnframes() / file.getframerate()
        except (wave.Error, EOFError):
            return 400, json.dumps({"err_code": "Bad Request", "err_msg": "failed to process audio"}).encode(), {}
        words = self.ear(pcm)
        return 200, json.dumps(_results(words, seconds, parameters)).encode(), {}


def _results(words: Sequence[tuple[str, float, float]], seconds: float, parameters: dict[str, list[str]]) -> Any:
    told = [
        {
            "word": text,
            "punctuated_word": text,
            "start": start,
            "end": end,
            "confidence": 0.9,
            "speaker": 0,
            "language": "en",
        }
        for text, start, end in words
    ]
    alternative = {"transcript": " ".join(text for text, _, _ in words), "confidence": 0.9, "words": told}
    results: dict[str, Any] = {"channels": [{"alternatives": [alternative]}]}
    if parameters.get("utterances") == ["true"]:
        results["utterances"] = [_utterance(run) for run in _runs(told)]
    return {"metadata": {"duration": seconds, "channels": 1, "request_id": "r"}, "results": results}


def _runs(words: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    run: list[dict[str, Any]] = []
    for word in words:
        if run and word["start"] - run[-1]["end"] > _PAUSE_S:
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _utterance(words: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "start": words[0]["start"],
        "end": words[-1]["end"],
        "confidence": 0.9,
        "channel": 0,
        "transcript": " ".join(word["punctuated_word"] for word in words),
        "words": words,
        "speaker": 0,
        "id": "u",
    }


@contextmanager
def running_deepgram_recordings(recordings: DeepgramRecordings) -> Iterator[str]:
    """The server's address, `http://host:port`."""
    released = threading.Event()

    class Answer(Quiet):
        def do_POST(self) -> None:  # noqa: N802 - http.server's name
            body = self.rfile.read(int(self.headers["content-length"]))
            status, answer, headers = recordings.respond(self.path, self.headers, body)
            released.wait(recordings.after_s)
            self.send_response(status)
            promised = len(answer) if recordings.promised is None else recordings.promised
            for name, value in {**headers, "content-length": str(promised)}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # a client that lost patience is gone by now
                for at in range(len(answer)) if recordings.drips else ():
                    self.wfile.write(answer[at : at + 1])
                    if released.wait(recordings.drips):
                        return
                self.wfile.write(b"" if recordings.drips else answer)

    with answering(Answer, released=released) as url:
        yield url
