"""The model server: one application, loaded models, HTTP and WebSocket on one port."""

import asyncio
import logging
import multiprocessing
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

from local.http import bound_socket
from local.models.embeddings import Embeddings
from local.models.encoder import SentenceEncoder
from local.models.graph import FILE_NAME, build_graph
from local.models.protocol import RequestError, error_response
from local.models.recognizer import Recognizer
from local.models.speech import Speech
from local.models.voice import VoiceModel

_MAX_MESSAGE = 16 * 2**20
_PING_SECONDS, _PONG_SECONDS = 20.0, 60.0
"""A client under back-pressure answers late; one that is gone, never."""
_DRAIN_SECONDS = 5


def create_app(graph: Path, *, workers: int) -> Starlette:
    """The application with its models loaded and `workers` recogniser processes started."""
    recognizer = Recognizer(workers)
    speech = Speech(VoiceModel(), recognizer)
    embeddings = Embeddings(SentenceEncoder(graph), turns=workers)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            recognizer.close()

    return Starlette(
        routes=[
            Route("/healthz", _healthz),
            Route("/v1/embeddings", embeddings.__call__, methods=["POST"]),
            Route("/v1/transcribe", speech.transcribe, methods=["POST"]),
            WebSocketRoute("/v1/stream", speech.stream),
        ],
        exception_handlers={RequestError: error_response, 404: _unknown, 405: _unknown, 500: error_response},
        lifespan=lifespan,
    )


async def _healthz(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def _unknown(request: Request, _: Exception) -> JSONResponse:
    message = f"Unknown request URL: {request.method} {request.url.path}"
    return error_response(request, RequestError(404, message, code="unknown_url"))


def _is_news(record: logging.LogRecord) -> bool:
    """Uvicorn takes a refused handshake, which was answered, for one that was forgotten."""
    return "without completing handshake" not in record.getMessage()


class _AnnouncingServer(uvicorn.Server):
    """Prints where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            print(f"ready http://{host}:{port}", flush=True)


def ensure_graph(cache: Path) -> Path:
    """The sentence encoder's graph, built if need be in a process that takes its memory with it when it goes."""
    graph = cache / FILE_NAME
    if not graph.exists():
        builder = multiprocessing.get_context("spawn").Process(target=build_graph, args=(cache,))
        builder.start()
        builder.join()
        if builder.exitcode:
            raise SystemExit(f"building {graph} failed")
    return graph


def run_server(*, host: str, port: int, cache: Path, workers: int) -> None:
    """Serve until SIGTERM or SIGINT. Port 0 takes a free one; the address is printed either way."""
    listener = bound_socket(host, port)
    config = uvicorn.Config(
        create_app(ensure_graph(cache), workers=workers),
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=_MAX_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PONG_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    asyncio.run(_AnnouncingServer(config).serve(sockets=[listener]))
