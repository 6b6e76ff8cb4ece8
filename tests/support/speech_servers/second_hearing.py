"""A server that speaks fal's queue protocol and both of Hume's, well or badly as it is told.

https://fal.ai/docs/api-reference/inference-api, https://dev.hume.ai/reference/expression-measurement-api/batch,
https://dev.hume.ai/expression-measurement/reference/audio/measure
"""

import email
import email.policy
import io
import json
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from common.speech.files import decode_file
from common.speech.transcriber import BYTES_PER_SECOND
from tests.support.answering import Quiet, answering

FAL_KEY, HUME_KEY = "fal-secret", "hume-secret"
MODEL = "fal-ai/whisper"


@dataclass
class SecondHearing:
    """What is asked, and what is answered.

    `looks` is how many times a request, or job, is not done yet. `instead` holds what is answered to a kind of request
    in place of what the protocol says: status, body and headers, each once; `slow_s` is how long every answer takes.
    """

    chunks: list[dict[str, Any]] = field(default_factory=list)
    predictions: list[dict[str, Any]] = field(default_factory=list)
    looks: int = 0
    fails: bool = False
    fetches: bool = False
    slow_s: float = 0.0
    instead: dict[str, list[tuple[int, bytes, dict[str, str]]]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def answer(self, kind: str, path: str, body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        self.seen.append(kind)
        if self.instead.get(kind):
            return self.instead[kind].pop(0)
        answers: dict[str, Callable[[str, dict[str, Any]], tuple[int, Any]]] = {
            "submit": self._submit,
            "status": self._status,
            "result": self._result,
            "cancel": self._cancel,
            "start": self._start,
            "job": self._job,
            "predictions": lambda _, __: (200, self._predicted()),
            "upload": self._measure,
        }
        status, said = answers[kind](path, body)
        return status, json.dumps(said).encode(), {}

    def _submit(self, _: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.asked.append(body)
        self._fetch(body["audio_url"])
        request_id = f"request-{len(self.asked)}"
        base = f"http://elsewhere.invalid/{MODEL}/requests/{request_id}"
        return 200, {
            "status": "IN_QUEUE",
            "request_id": request_id,
            "response_url": base,
            "status_url": f"{base}/status",
            "cancel_url": f"{base}/cancel",
            "queue_position": 0,
        }

    def _status(self, _: str, __: dict[str, Any]) -> tuple[int, Any]:
        self.looks -= 1
        if self.looks >= 0:
            return 202, {"status": "IN_PROGRESS" if self.looks else "IN_QUEUE", "queue_position": self.looks}
        return 200, {"status": "COMPLETED", "metrics": {"inference_time": 1.5}}

    def _result(self, _: str, __: dict[str, Any]) -> tuple[int, Any]:
        if self.fails:
            return 422, {"detail": [{"loc": ["body", "audio_url"], "msg": "could not load", "type": "file_error"}]}
        return 200, {"text": "", "chunks": self.chunks, "inferred_languages": ["en"], "diarization_segments": []}

    def _cancel(self, path: str, _: dict[str, Any]) -> tuple[int, Any]:
        self.canceled.append(path.removesuffix("/cancel").rpartition("/")[2])
        return 202, {"status": "CANCELLATION_REQUESTED"}

    def _start(self, _: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.asked.append(body)
        self._fetch(body["urls"][0])
        return 200, {"job_id": f"job-{len(self.asked)}"}

    def _job(self, path: str, _: dict[str, Any]) -> tuple[int, Any]:
        self.looks -= 1
        done = "FAILED" if self.fails else "COMPLETED"
        status = done if self.looks < 0 else "IN_PROGRESS"
        return 200, {"job_id": path.rpartition("/")[2], "type": "INFERENCE", "state": {"status": status}}

    def _predicted(self) -> list[dict[str, Any]]:
        group = {"id": "unknown", "predictions": self.predictions}
        models = {"prosody": {"metadata": None, "grouped_predictions": [group]}}
        results = {"predictions": [{"file": "a.mp3", "file_type": "audio", "models": models}], "errors": []}
        return [{"source": {"type": "url", "url": "…"}, "results": results}]

    def _measure(self, _: str, parts: dict[str, Any]) -> tuple[int, Any]:
        """What Hume's present API says of a WAV: a 400 to any other kind, as it does."""
        self.asked.append(json.loads(parts["config"]))
        with wave.open(io.BytesIO(parts["file"])) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (16000, 1, 2):
                return 400, {"type": "error", "code": "audio_decode_failed", "message": "…", "request_id": "r"}
            self.seconds.append(len(file.readframes(file.getnframes())) / BYTES_PER_SECOND)
        measured = [
            {
                "measurement_id": number,
                "utterance_id": 0,
                "audio_start_ms": round(each["time"]["begin"] * 1000),
                "audio_end_ms": round(each["time"]["end"] * 1000),
                "trigger": "interval",
                "expressions": [{"name": e["name"], "probability": e["score"]} for e in each["emotions"]],
                "voice_attributes": [{"name": "clear", "probability": 0.9}],
            }
            for number, each in enumerate(self.predictions)
        ]
        said = {"request_id": "r", "run_id": f"run-{len(self.asked)}", "received": {}, "utterances": []}
        return 200, {**said, "measurements": measured}

    def _fetch(self, url: str) -> None:
        if not self.fetches:
            return
        answer = httpx.get(url, timeout=10, trust_env=False)
        answer.raise_for_status()
        self.seconds.append(sum(map(len, decode_file(io.BytesIO(answer.content)))) / BYTES_PER_SECOND)


@contextmanager
def second_hearing(service: SecondHearing) -> Iterator[str]:
    """The address of a server of both protocols until the block ends."""
    released = threading.Event()

    class Handler(Quiet):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if service.slow_s:
                released.wait(service.slow_s)
            of_hume = self.path.startswith(("/v0/", "/v1/expression/"))
            known = self.headers.get("X-Hume-Api-Key") == HUME_KEY if of_hume else self._is_fal()
            kind = _kind(self.command, self.path)
            if not known:
                self._send(401, b'{"detail": "no"}', {})
            elif kind is None:
                self._send(404, b'{"detail": "not found"}', {})
            else:
                self._send(*service.answer(kind, self.path, _read(body, self.headers["Content-Type"] or "")))

        def _is_fal(self) -> bool:
            return self.headers.get("Authorization") == f"Key {FAL_KEY}"

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            try:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # the client has gone
                self.close_connection = True

        do_GET = do_POST = do_PUT = _handle  # noqa: N815 - the base class's names

    with answering(Handler, released=released) as url:
        yield url


def _read(body: bytes, content_type: str) -> dict[str, Any]:
    """What a body says: JSON, or the parts of a form."""
    if not content_type.startswith("multipart/"):
        read: dict[str, Any] = json.loads(body) if body else {}
        return read
    form = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=email.policy.HTTP)
    return {str(part.get_param("name", header="content-disposition")): part.get_content() for part in form.iter_parts()}


def a_chunk(text: str, start: float | None, end: float | None, speaker: str | None = "SPEAKER_00") -> dict[str, Any]:
    """A piece of what WhisperX has understood."""
    return {"text": text, "timestamp": [start, end], "speaker": speaker}


def a_prediction(start: float, end: float, **emotions: float) -> dict[str, Any]:
    """How a stretch sounds."""
    scores = [{"name": name, "score": score} for name, score in emotions.items()]
    return {"text": "…", "time": {"begin": start, "end": end}, "confidence": 0.9, "emotions": scores}


def _kind(method: str, path: str) -> str | None:
    """What is asked for."""
    requests, jobs = f"/{MODEL}/requests/", "/v0/batch/jobs/"
    kinds = {
        "submit": method == "POST" and path == f"/{MODEL}",
        "status": method == "GET" and path.startswith(requests) and path.endswith("/status"),
        "cancel": method == "PUT" and path.startswith(requests) and path.endswith("/cancel"),
        "result": method == "GET" and path.startswith(requests),
        "start": method == "POST" and path == jobs.rstrip("/"),
        "predictions": method == "GET" and path.startswith(jobs) and path.endswith("/predictions"),
        "upload": method == "POST" and path == "/v1/expression/audio/file",
        "job": method == "GET" and path.startswith(jobs),
    }
    return next((kind for kind, meant in kinds.items() if meant), None)
