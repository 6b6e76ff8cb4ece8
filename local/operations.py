"""What a bill would be made of: running totals by name, and a page that tells them to whoever measures.

Servers count what their provider charges for, by its published rules; `bench.monthly` multiplies with prices.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.http import HttpServer

Source = Callable[[], Mapping[str, float]]


class Operations:
    """Totals since the start, as `part.what`; all in the loop of the local cloud, so nothing is locked."""

    def __init__(self) -> None:
        self._totals: Counter[str] = Counter()
        self._sources: list[Source] = []

    def count(self, name: str, amount: float = 1) -> None:
        """Add to one total."""
        self._totals[name] += amount  # type: ignore[assignment]  # seconds are no whole numbers

    def include(self, source: Source) -> None:
        """Tell, besides, what somebody counts for themselves."""
        self._sources.append(source)

    def totals(self) -> dict[str, float]:
        """All of them."""
        found: dict[str, float] = dict(self._totals)
        for source in self._sources:
            found.update(source())
        return found

    def server(self) -> HttpServer:
        """Answers every GET with the totals."""

        async def tell(_: Request) -> JSONResponse:
            return JSONResponse(self.totals())

        return HttpServer(Starlette(routes=[Route("/", tell)]))
