"""Whoever polls is told 304 while nothing has changed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from common.entry.api.caching import ConditionalGet

Ask = Callable[..., httpx.Response]


def _ask(app: ASGIApp, method: str, path: str, **options: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **options)

    return asyncio.run(run())


async def _things(_: Request) -> Response:
    return JSONResponse([1, 2])


async def _in_pieces(_: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'{"a":'
        yield b"1}"

    return StreamingResponse(pieces(), media_type="application/json")


async def _text(_: Request) -> Response:
    return PlainTextResponse("[1]")


async def _missing(_: Request) -> Response:
    return JSONResponse({"detail": "x"}, status_code=404)


class TestConditionalGet:
    """RFC 9110 section 13.1.2."""

    @pytest.fixture
    def ask(self) -> Ask:
        routes = [
            Route("/things", _things, methods=["GET", "POST"]),
            Route("/pieces", _in_pieces),
            Route("/text", _text),
            Route("/missing", _missing),
        ]
        app = ConditionalGet(Starlette(routes=routes))
        return lambda method, path, **options: _ask(app, method, path, **options)

    def test_an_answer_has_a_tag_that_stands_for_its_body(self, ask: Ask) -> None:
        first, second = ask("GET", "/things"), ask("GET", "/things")
        assert first.json() == [1, 2]
        assert first.headers["etag"] == second.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"

    @pytest.mark.parametrize("template", ["{}", "W/{}", '"other", {}', "*"])
    def test_who_has_it_already_gets_304_without_a_body(self, ask: Ask, template: str) -> None:
        tag = ask("GET", "/things").headers["etag"].removeprefix("W/")
        again = ask("GET", "/things", headers={"If-None-Match": template.format(tag)})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"].endswith(tag)
        assert "content-type" not in again.headers
        assert again.headers.get("content-length", "0") == "0"

    def test_who_has_another_gets_all_of_it(self, ask: Ask) -> None:
        answer = ask("GET", "/things", headers={"If-None-Match": '"other"'})
        assert (answer.status_code, answer.json()) == (200, [1, 2])

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [("POST", "/things", 200), ("GET", "/text", 200), ("GET", "/missing", 404), ("GET", "/pieces", 200)],
    )
    def test_other_answers_pass_as_they_are(self, ask: Ask, method: str, path: str, status: int) -> None:
        answer = ask(method, path, headers={"If-None-Match": "*"})
        assert answer.status_code == status
        assert answer.content
        assert "etag" not in answer.headers
