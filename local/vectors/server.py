"""The HTTP side: Pinecone's data plane REST for several indexes on one port, and the control plane that makes them.

The client keeps a path that its host carries, so `http://127.0.0.1:P/dense` is the host of the index `dense`; the
first index also answers at the bare address.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from local.http import HttpServer
from local.operations import Operations
from local.state import State
from local.trouble import Trouble
from local.vectors.control import ControlPlane, control_routes
from local.vectors.errors import Code, RefusalError
from local.vectors.index import Index
from local.vectors.namespaces import Namespaces
from local.vectors.records import IndexSpec
from local.vectors.requests import Json
from local.vectors.store import RecordStore
from local.vectors.usage import units

MAX_UPSERT_BYTES = 2 * 1024 * 1024
MAX_REQUEST_BYTES = 4 * 1024 * 1024

Operation = Callable[[Json], Json]


class VectorServer:
    """Serves `indexes`, named by their path; what they hold is in `state` and survives any end of the process.

    What would be billed is counted in `operations`; with `trouble` calls fail, or their answers are lost.
    """

    def __init__(
        self,
        state: State,
        *,
        indexes: Mapping[str, IndexSpec],
        operations: Operations | None = None,
        trouble: Trouble | None = None,
    ) -> None:
        store = RecordStore(state)
        counted = operations or Operations()
        plane = ControlPlane(store, dict(indexes), lambda index: _routes(index, store, counted))
        first = plane.named(next(iter(indexes)))
        self.app = Starlette(
            routes=[
                *control_routes(plane, allowed=_authenticate, decoded=_decoded),
                *_routes(first, store, counted),
                Mount("/", app=plane.router),
            ],
            exception_handlers={404: _unknown_path, 405: _unknown_path, RefusalError: _refused},
        )
        self._server = HttpServer(trouble.around(self.app) if trouble is not None else self.app)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Serve in the running loop; returns the port, chosen by the system if `port` is 0."""
        return await self._server.start(host, port)

    async def stop(self) -> None:
        """Finish the requests under way and close the port."""
        await self._server.stop()


def _routes(index: Index, store: RecordStore, operations: Operations) -> list[Route]:
    namespaces = Namespaces(index, store)

    def billed(operation: Operation) -> Operation:
        def carry_out(request: Json) -> Json:
            answer = operation(request)
            reads, writes = units(operation.__name__, request, answer)
            operations.count("pinecone.read_units", reads)
            operations.count("pinecone.write_units", writes)
            return answer

        return carry_out

    return [
        _post("/vectors/upsert", billed(index.upsert), limit=MAX_UPSERT_BYTES),
        _post("/vectors/update", billed(index.update)),
        _post("/vectors/delete", billed(index.delete)),
        _post("/vectors/fetch_by_metadata", billed(index.fetch_by_metadata)),
        _post("/query", billed(index.query)),
        _post("/describe_index_stats", index.describe_stats),
        _get("/vectors/fetch", billed(index.fetch)),
        _get("/vectors/list", billed(index.list_ids)),
        _get("/namespaces", namespaces.list),
        _post("/namespaces", namespaces.create),
        _named("/namespaces/{namespace:path}", "GET", namespaces.describe),
        _named("/namespaces/{namespace:path}", "DELETE", namespaces.delete),
    ]


def _post(path: str, operation: Operation, *, limit: int = MAX_REQUEST_BYTES) -> Route:
    async def endpoint(request: Request) -> Response:
        _authenticate(request)
        body = await request.body()
        if len(body) > limit:
            raise RefusalError(
                f"message length too large: found {len(body)} bytes, the limit is: {limit} bytes", Code.OUT_OF_RANGE
            )
        # From here on nothing awaits, so every operation is atomic to all others in this loop.
        return JSONResponse(operation(_decoded(body)))

    return Route(path, endpoint, methods=["POST"])


def _get(path: str, operation: Operation) -> Route:
    async def endpoint(request: Request) -> Response:
        _authenticate(request)
        query: Json = dict(request.query_params)
        query["ids"] = request.query_params.getlist("ids")
        with suppress(KeyError, ValueError):  # what is no number is refused by the operation
            query["limit"] = int(query["limit"])
        return JSONResponse(operation(query))

    return Route(path, endpoint, methods=["GET"])


def _named(path: str, method: str, operation: Callable[[str], Json]) -> Route:
    async def endpoint(request: Request) -> Response:
        _authenticate(request)
        return JSONResponse(operation(request.path_params["namespace"]))

    return Route(path, endpoint, methods=[method])


def _authenticate(request: Request) -> None:
    """Any key is a good one here, none is not."""
    if not request.headers.get("api-key"):
        raise RefusalError("Missing API key: send it in the header Api-Key", Code.UNAUTHENTICATED)


def _decoded(body: bytes) -> Json:
    try:
        decoded = json.loads(body or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RefusalError("The request body is not valid JSON") from error
    if not isinstance(decoded, dict):
        raise RefusalError("The request body must be a JSON object")
    return decoded


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, RefusalError):
        raise error
    return JSONResponse(error.body(), status_code=error.status)


async def _unknown_path(request: Request, _: Exception) -> Response:
    refusal = RefusalError(f"Unknown operation: {request.method} {request.url.path}", Code.NOT_FOUND)
    return JSONResponse(refusal.body(), status_code=refusal.status)
