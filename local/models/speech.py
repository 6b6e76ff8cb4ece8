"""POST /v1/transcribe for recordings and WebSocket /v1/stream for live audio."""

import asyncio
import json
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from common.core.logs import get_logger
from local.models.hearing import LiveHearing, hear_recording
from local.models.protocol import RequestError, check_language, error_response, read_body
from local.models.recognizer import RecognitionError, Recognizer
from local.models.voice import VoiceModel

_MODEL = "pocketsphinx en-us (local model)"
_MAX_RECORDING = 6 * 60 * 32_000
"""Bytes: 6 minutes."""
_INTERNAL_ERROR = 1011


class Speech:
    """Both endpoints, on one recogniser."""

    def __init__(self, model: VoiceModel, recognizer: Recognizer) -> None:
        self._model = model
        self._recognizer = recognizer

    async def transcribe(self, request: Request) -> JSONResponse:
        """Recognise a recording: raw PCM, 16 kHz mono s16le, 6 minutes at most."""
        check_language(request.query_params.get("language", "en"))
        pcm = await read_body(request, _MAX_RECORDING)
        if len(pcm) % 2:
            raise RequestError(400, "The body must be whole 16-bit samples.")
        try:
            heard = await hear_recording(self._model, self._recognizer, pcm)
        except RecognitionError as error:
            raise RequestError(500, str(error)) from error
        return JSONResponse({"utterances": heard.utterances, "until": heard.until, "model": _MODEL})

    async def stream(self, socket: WebSocket) -> None:
        """Recognise live audio: binary PCM in, JSON news out, until the client says `finish`.

        A client that sends no silence says `flush` when nobody speaks: what it has sent is then heard to its end.
        """
        try:
            check_language(socket.query_params.get("language", "en"))
        except RequestError as error:
            await socket.send_denial_response(error_response(Request({**socket.scope, "type": "http"}), error))
            return
        await socket.accept()
        hearing = LiveHearing(self._model, self._recognizer)
        taking = asyncio.create_task(_take(socket, hearing))
        telling = asyncio.create_task(_tell(socket, hearing))
        try:
            await _first_failure_or_both(taking, telling)
            await socket.close()
        except WebSocketDisconnect:
            get_logger().info("speech_stream_dropped")
        except (RecognitionError, RequestError) as error:
            with suppress(WebSocketDisconnect, RuntimeError):
                await socket.send_json({"type": "error", "message": str(error)})
                await socket.close(_INTERNAL_ERROR)
        finally:
            for task in (taking, telling):
                task.cancel()
            await asyncio.gather(taking, telling, return_exceptions=True)
            hearing.close()


async def _first_failure_or_both(*tasks: asyncio.Task[None]) -> None:
    """Wait for all tasks, but no longer than until one fails; then raise its error."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()


async def _take(socket: WebSocket, hearing: LiveHearing) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        if message.get("bytes") is not None:
            await hearing.feed(message["bytes"])
            continue
        match _kind(message.get("text")):
            case "flush":
                await hearing.flush()
            case "finish":
                await hearing.finish()
                return
            case _:
                raise RequestError(400, 'Expected PCM in binary messages, {"type": "flush"} or {"type": "finish"}.')


def _kind(text: str | None) -> object:
    try:
        message = json.loads(text or "")
    except ValueError:
        return None
    return message.get("type") if isinstance(message, dict) else None


async def _tell(socket: WebSocket, hearing: LiveHearing) -> None:
    until = 0.0
    async for news in hearing:
        until = news.until
        await socket.send_json({"type": "heard", "utterances": news.utterances, "until": until})
    await socket.send_json({"type": "finished", "until": until})
