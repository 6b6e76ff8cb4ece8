"""A server in Pinecone's place that hangs, refuses, is busy or drips, as it is told to."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from common.core.settings import settings
from common.database import clients
from tests.support.answering import Quiet, answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

Reply = tuple[int, dict[str, str]]
SEARCH_S, INDEX_S = 0.5, 0.8
"""How long it is waited for."""
NOTHING = b'{"matches": [], "vectors": {}, "namespaces": {}, "upsertedCount": 1, "namespace": ""}'
"""What an empty index says, whatever it is asked."""


@dataclass
class Pinecone:
    """What it answers: one after the other what it is told to, then what an empty index says."""

    script: list[Reply] = field(default_factory=list)
    hangs: bool = False
    drips: bool = False
    asked: list[str] = field(default_factory=list)
    released: Event = field(default_factory=Event)

    def answer(self, request: Quiet) -> None:
        self.asked.append(request.path.partition("?")[0])
        if self.hangs:
            self.released.wait()
            return
        status, headers = self.script.pop(0) if self.script else (200, {})
        request.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(NOTHING)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        for at in range(len(NOTHING)):
            if self.drips and self.released.wait(SEARCH_S / 4):
                return
            request.wfile.write(NOTHING[at : at + 1])


@contextmanager
def unwilling_pinecone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pinecone]:
    """One that this process asks until the block ends."""
    made = Pinecone()

    class Handler(Quiet):
        def do_POST(self) -> None:  # noqa: N802 - http.server's name
            self.rfile.read(int(self.headers["content-length"]))
            made.answer(self)

        def do_GET(self) -> None:  # noqa: N802 - http.server's name
            made.answer(self)

    cached = (settings, clients.pinecone_index, clients.pinecone_sparse_index)
    monkeypatch.setenv("SEARCH_PATIENCE_S", str(SEARCH_S))
    monkeypatch.setenv("INDEX_PATIENCE_S", str(INDEX_S))
    with answering(Handler, released=made.released) as address:
        monkeypatch.setenv("PINECONE_HOST", f"{address}/dense")
        monkeypatch.setenv("PINECONE_SPARSE_HOST", f"{address}/sparse")
        for each in cached:
            each.cache_clear()
        yield made
        for index in (clients.pinecone_index(), clients.pinecone_sparse_index()):
            index.close()
    for each in cached:
        each.cache_clear()
