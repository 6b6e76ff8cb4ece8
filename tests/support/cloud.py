"""A running local cloud for end-to-end tests: the product as a user runs it, in processes of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from local import environment
from local.demo.device import listening, stream
from local.environment import PROJECT
from local.identity import Identity
from local.process import ReadyProcess
from tests.support.inside import Inside


class RunningCloud:
    """`python -m local serve` on a data folder; may be killed and started again on the same."""

    def __init__(
        self, data: Path, *, options: list[str] | None = None, variables: dict[str, str] | None = None
    ) -> None:
        self.data = data
        self.options = options or []
        self.variables = variables or {}
        self.process: ReadyProcess | None = None
        self._inside: Inside | None = None

    @property
    def inside(self) -> Inside:
        """A look inside, for as long as it runs."""
        if self._inside is None:
            self._inside = Inside(self.environment)
        return self._inside

    def start(self) -> RunningCloud:
        self.data.mkdir(parents=True, exist_ok=True)
        self.process = ReadyProcess(
            "local",
            ["serve", "--with-parent", "--port", "0", "--data", str(self.data), *self.options],
            environment=self.variables,
            errors=self.data / "serve.err",
        )
        return self

    @property
    def url(self) -> str:
        assert self.process is not None
        return self.process.url

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead Google's clients into this cloud."""
        return environment.read(self.data)

    def kill(self) -> None:
        """`kill -9` to everything at once."""
        self._look_away()
        if self.process is not None:
            self.process.kill()
            self.process = None

    def stop(self) -> int:
        self._look_away()
        assert self.process is not None
        status = self.process.stop()
        self.process = None
        return status

    def token(self, uid: str, *, expires_in_s: float = 3600.0) -> str:
        return Identity(self.data, project=PROJECT).id_token(uid, expires_in_s=expires_in_s)

    @contextmanager
    def client(self, uid: str) -> Iterator[httpx.Client]:
        """The REST API as this user."""
        headers = {"Authorization": f"Bearer {self.token(uid)}"}
        with httpx.Client(base_url=self.url, headers=headers, timeout=60.0) as client:
            yield client

    def say(self, uid: str, packets: list[bytes], *, speed: float = 20.0, then: float = 0.0) -> list[Any]:
        """Stream packets over a listen socket, stay `then` seconds, close; returns every message."""
        messages: list[Any] = []

        async def keep(message: Any) -> None:
            messages.append(message)

        async def play() -> None:
            async with listening(self.url, self.token(uid), on_message=keep) as socket:
                await stream(socket, packets, speed=speed)
                await asyncio.sleep(then)

        asyncio.run(play())
        return messages

    def _look_away(self) -> None:
        if self._inside is not None:
            self._inside.close()
            self._inside = None
