"""Soniox' real-time WebSocket."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from tests.support.speech_servers.ears import Part, Spoken
from tests.support.speech_servers.serving import Fault, Session, SpeechServer, ViolationError

_KNOWN = {
    "model", "audio_format", "sample_rate", "num_channels", "language_hints", "language_hints_strict", "context",
    "enable_speaker_diarization", "enable_language_identification", "enable_endpoint_detection",
}  # fmt: skip
_LANGUAGES = {"en", "de", "fr", "ja"}
_MOST_CONTEXT = 10_000
_ENDPOINT_S = 0.5


class SonioxServer(SpeechServer):
    """Soniox; most of what it refuses, it refuses in a message."""

    def admit(self, request: Request) -> HTTPStatus | None:
        return None if request.path == "/transcribe-websocket" else HTTPStatus.NOT_FOUND

    def session(self, connection: ServerConnection, fault: Fault | None) -> Session:
        assert connection.request is not None
        known = connection.request.headers.get("Authorization") == f"Bearer {self.key}"
        return _SonioxSession(connection, self.ear(), fault, known=known)


class _SonioxSession(Session):
    final_s = 0.6  # a few tokens at a time

    def __init__(self, *options: Any, known: bool) -> None:
        super().__init__(*options)
        self._known = known
        self.config: dict[str, Any] | None = None

    async def opened(self) -> None:
        """Nothing is said."""

    async def added(self, pcm: bytes) -> None:
        if self.config is None:
            raise ViolationError("Start request must be a text message.")
        if self.ended:
            raise ViolationError("audio after the end")
        if not pcm:
            await self._finish()

    async def told(self, text: str) -> None:
        if self.config is None:
            await self._start(text)
        elif not text:
            await self._finish()
        else:
            match json.loads(text):
                case {"type": "keepalive"}:
                    pass
                case {"type": "finalize"}:
                    await self._say(self.listener.flush(), mark="<fin>")
                case _:
                    raise ViolationError("Control request invalid type.")

    async def _start(self, text: str) -> None:
        if not self._known:
            await self.err("401")
            await self.hang_up()
            return
        self.config = config = json.loads(text)
        if unknown := config.keys() - _KNOWN:
            raise ViolationError(f"unknown fields {unknown}")
        if (config["audio_format"], config["sample_rate"], config["num_channels"]) != ("pcm_s16le", 16_000, 1):
            raise ViolationError("another audio format")
        if not set(config.get("language_hints", [])) <= _LANGUAGES:
            raise ViolationError("Invalid language hint.")
        if len(json.dumps(config.get("context", ""), ensure_ascii=False)) > _MOST_CONTEXT:
            raise ViolationError("Context is too long (max length 10000).")

    async def _finish(self) -> None:
        self.ended = True
        if self.has("unending"):
            return
        if not self.pieces:
            await self.err("400")
        elif (part := self.forgotten) is not None:
            await self._say(part)
            heard = round(1000 * part.end)
            await self._respond([], final_ms=heard, total_ms=heard, finished=True)
        else:
            if not self.has("swallows"):
                await self._say(self.listener.flush())
            heard = round(1000 * self.listener.heard_s)
            # The published example ends with less than everything in final tokens.
            await self._respond([], final_ms=max(0, heard - 120), total_ms=heard, finished=True)
        await self.hang_up()

    def final(self, part: Part) -> dict[str, Any]:
        tokens = list(_tokens(part, final=True))
        if part.words and part.end - part.words[-1].end >= _ENDPOINT_S:
            tokens.append({"text": "<end>", "is_final": True, "confidence": 1.0})
        ms = round(1000 * part.end)
        return {"tokens": tokens, "final_audio_proc_ms": ms, "total_audio_proc_ms": ms}

    async def suppose(self, part: Part) -> None:
        final_ms, total_ms = round(1000 * part.start), round(1000 * part.end)
        await self._respond(list(_tokens(part, final=False)), final_ms=final_ms, total_ms=total_ms)

    async def _say(self, part: Part, *, mark: str | None = None) -> None:
        message = self.final(part)
        if mark is not None:
            message["tokens"].append({"text": mark, "is_final": True, "confidence": 1.0})
        await self.say(message)

    async def _respond(self, tokens: list[Any], *, final_ms: int, total_ms: int, finished: bool = False) -> None:
        message = {"tokens": tokens, "final_audio_proc_ms": final_ms, "total_audio_proc_ms": total_ms}
        await self.say(message | ({"finished": True} if finished else {}))

    async def err(self, error: str) -> None:
        message = f"{error}: what was said is none of your business"
        await self.say({"tokens": [], "error_code": int(error), "error_message": message})

    async def protest(self, reason: str) -> None:
        await self.err("408" if reason == "idle" else "400")
        await self.hang_up()


def _tokens(part: Part, *, final: bool) -> Iterator[dict[str, Any]]:
    for word in part.words:
        for text, start, end in _pieces(word):
            yield {
                "text": text,
                "start_ms": round(1000 * start),
                "end_ms": round(1000 * end),
                "confidence": 0.9,
                "is_final": final,
                "speaker": str(word.speaker + 1),
                "language": "en",
            }


def _pieces(word: Spoken) -> Iterator[tuple[str, float, float]]:
    """Tokens are parts of words; punctuation is one of its own, at the end of its word."""
    text = word.text.rstrip(".")
    middle = (word.start + word.end) / 2
    yield f" {text[:4]}", word.start, middle
    yield text[4:], middle, word.end
    if word.text != text:
        yield ".", word.end, word.end
