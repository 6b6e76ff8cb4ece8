"""Deepgram's /v1/listen."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from tests.support.speech_servers.ears import Part
from tests.support.speech_servers.serving import Fault, Session, SpeechServer, ViolationError

_NEEDED = {"encoding": "linear16", "sample_rate": "16000", "interim_results": "true", "diarize": "true"}
_KNOWN = {"model", "language", "channels", "punctuate", "smart_format", "endpointing", "keyterm", "keywords", *_NEEDED}
_LANGUAGES = {"en", "en-US", "de", "fr", "ja", "multi"}
_MOST_TOKENS = 500


class DeepgramServer(SpeechServer):
    """Deepgram."""

    def admit(self, request: Request) -> HTTPStatus | None:
        url = urlsplit(request.path)
        if url.path != "/v1/listen":
            return HTTPStatus.NOT_FOUND
        if request.headers.get("Authorization") != f"Token {self.key}":
            return HTTPStatus.UNAUTHORIZED
        query = parse_qs(url.query, strict_parsing=True)
        if unknown := query.keys() - _KNOWN:
            raise ViolationError(f"unknown parameters {unknown}")
        if wrong := [name for name, value in _NEEDED.items() if query.get(name) != [value]]:
            raise ViolationError(f"wrong parameters {wrong}")
        nova_3 = query["model"][0].startswith("nova-3")
        if ("keywords" if nova_3 else "keyterm") in query:
            raise ViolationError("unusual words in the other model's form")
        if sum(1 + len(term) // 3 for term in query.get("keyterm", [])) > _MOST_TOKENS:
            raise ViolationError("too many keyterms")
        return None if query["language"][0] in _LANGUAGES else HTTPStatus.BAD_REQUEST

    def session(self, connection: ServerConnection, fault: Fault | None) -> Session:
        return _DeepgramSession(connection, self.ear(), fault)


class _DeepgramSession(Session):
    async def opened(self) -> None:
        """Nothing is said."""

    async def added(self, pcm: bytes) -> None:
        if self.ended:
            raise ViolationError("audio after CloseStream")
        if not pcm:
            raise ViolationError("an empty message")

    async def told(self, text: str) -> None:
        match json.loads(text):
            case {"type": "KeepAlive"}:
                pass
            case {"type": "Finalize"}:
                await self.say(self.final(self.listener.flush()) | {"from_finalize": True})
            case {"type": "CloseStream"}:
                self.ended = True
                await self._close()
            case _:
                raise ViolationError("an unknown message")

    async def _close(self) -> None:
        if self.has("unending"):
            return
        if (heard := self.forgotten) is not None:
            await self.say(self.final(heard))
            await self._summarise(heard.end)
            return
        if not self.has("swallows"):
            await self.tell_kept()
            await self.say(self.final(self.listener.flush()))
        await self._summarise(self.listener.heard_s)

    async def _summarise(self, duration: float) -> None:
        summary = {"transaction_key": "deprecated", "request_id": "r", "sha256": "0", "created": "now", "channels": 1}
        await self.say({"type": "Metadata", **summary, "duration": duration})
        await self.hang_up(1000)

    def final(self, part: Part) -> dict[str, Any]:
        return _results(part, final=True)

    async def suppose(self, part: Part) -> None:
        await self.say(_results(part, final=False))

    async def err(self, error: str) -> None:
        await self.say({"type": "Error", "description": error, "message": error, "variant": error})

    async def protest(self, reason: str) -> None:
        """NET-0001 where nothing came for 10 s, DATA-0000 for what it cannot make anything of."""
        idle = reason == "idle"
        await self.hang_up(1011 if idle else 1008, "NET-0001" if idle else "DATA-0000")


def _results(part: Part, *, final: bool) -> dict[str, Any]:
    words = [
        {
            "word": word.text.rstrip("."),
            "start": word.start,
            "end": word.end,
            "confidence": 0.9,
            "speaker": word.speaker,
            "punctuated_word": word.text,
        }
        for word in part.words
    ]
    best = {"transcript": " ".join(word.text for word in part.words), "confidence": 0.9, "words": words}
    return {
        "type": "Results",
        "channel_index": [0, 1],
        "duration": part.end - part.start,
        "start": part.start,
        "is_final": final,
        "speech_final": False,
        "channel": {"alternatives": [best]},
        "metadata": {"request_id": "r", "model_info": {"name": "general", "version": "1", "arch": "nova-3"}},
        "from_finalize": False,
    }
