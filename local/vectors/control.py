"""Pinecone's control plane, as far as making the indexes of a deployment needs it: create, describe, list, delete."""

import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router

from local.vectors.errors import Code, RefusalError
from local.vectors.index import Index
from local.vectors.records import IndexSpec, dense_index, sparse_index
from local.vectors.requests import Json
from local.vectors.store import RecordStore

MAX_DIMENSION = 20_000
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?")
_DENSE, _SPARSE = "dense_vector", "sparse_vector"

RoutesOf = Callable[[Index], list[Route]]


class ControlPlane:
    """The indexes of one server by name; `router` has the data plane of each at a path of its name."""

    def __init__(self, store: RecordStore, given: dict[str, IndexSpec], routes_of: RoutesOf) -> None:
        self._store = store
        self._routes_of = routes_of
        self._indexes: dict[str, Index] = {}
        self.router = Router()
        for name, spec in {**store.list_indexes(), **given}.items():
            self._open(name, spec)

    def named(self, name: str) -> Index:
        """An index.

        Raises:
            RefusalError: there is none of that name.
        """
        if name not in self._indexes:
            raise RefusalError(f"Resource {name} not found", Code.NOT_FOUND)
        return self._indexes[name]

    def create(self, request: Json) -> str:
        """Make an index; its name.

        Raises:
            RefusalError: the name is taken or impossible, or its only field is no vector.
        """
        name = request.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise RefusalError("Name must consist of lower case alphanumeric characters or '-', and be 45 at most")
        if name in self._indexes:
            raise RefusalError("Resource already exists", Code.ALREADY_EXISTS)
        deployment = request.get("deployment")
        if not isinstance(deployment, dict) or not {"cloud", "region"} <= deployment.keys():
            raise RefusalError("deployment must name a cloud and a region")
        self._open(name, _spec(request))
        return name

    def delete(self, name: str) -> None:
        """Remove an index and its records."""
        index = self.named(name)
        self._store.drop_index(index.name)
        del self._indexes[name]
        mounted = self.router.routes
        mounted[:] = [route for route in mounted if not (isinstance(route, Mount) and route.path == f"/{name}")]

    def described(self, name: str, at: str) -> Json:
        """An index as answers show it; its host is a path of this server, which is `at`."""
        index = self.named(name)
        return {
            "name": name,
            "host": f"{at.rstrip('/')}/{name}",
            "status": {"ready": True, "state": "Ready"},
            "schema": {"fields": _fields(index.spec)},
            "deployment": {"deployment_type": "managed", "cloud": "local", "region": "local", "environment": "local"},
            "deletion_protection": "disabled",
            "tags": None,
        }

    def all_described(self, at: str) -> Json:
        """Every index there is."""
        return {"indexes": [self.described(name, at) for name in sorted(self._indexes)]}

    def _open(self, name: str, spec: IndexSpec) -> None:
        index = Index(name, spec, self._store)
        self._indexes[name] = index
        self.router.routes.insert(0, Mount(f"/{name}", routes=self._routes_of(index)))


def control_routes(
    plane: ControlPlane, *, allowed: Callable[[Request], None], decoded: Callable[[bytes], Json]
) -> list[Route]:
    """The routes of `/indexes`; `allowed` refuses whoever has no key."""

    async def indexes(request: Request) -> Response:
        allowed(request)
        at = str(request.base_url)
        if request.method == "POST":
            return JSONResponse(plane.described(plane.create(decoded(await request.body())), at), status_code=201)
        return JSONResponse(plane.all_described(at))

    async def index(request: Request) -> Response:
        allowed(request)
        name = request.path_params["name"]
        if request.method == "DELETE":
            plane.delete(name)
            return Response(status_code=202)
        return JSONResponse(plane.described(name, str(request.base_url)))

    return [
        Route("/indexes", _refusing(indexes), methods=["GET", "POST"]),
        Route("/indexes/{name}", _refusing(index), methods=["GET", "DELETE"]),
    ]


def _refusing(endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """Refusals in the control plane's own form."""

    async def answer(request: Request) -> Response:
        try:
            response: Response = await endpoint(request)
        except RefusalError as refusal:
            error = {"code": refusal.code.name, "message": refusal.message}
            return JSONResponse({"error": error, "status": refusal.status}, status_code=refusal.status)
        return response

    return answer


def _spec(request: Json) -> IndexSpec:
    schema = request.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, dict) or len(fields) != 1:
        raise RefusalError("schema must have one vector field")
    [field] = fields.values()
    kind = field.get("type") if isinstance(field, dict) else None
    if kind == _SPARSE:
        return sparse_index()
    dimension = field.get("dimension") if kind == _DENSE else None
    if type(dimension) is not int or not 1 <= dimension <= MAX_DIMENSION:
        raise RefusalError(f"Dimension must be between 1 and {MAX_DIMENSION}")
    metric = field.get("metric", "cosine")
    if metric not in {"cosine", "dotproduct"}:
        raise RefusalError(f"Metric {metric!r} is not known here")
    return dense_index(dimension, metric)


def _fields(spec: IndexSpec) -> Json:
    if spec.dimension is None:
        return {"_sparse_values": {"type": _SPARSE}}
    return {"_values": {"type": _DENSE, "dimension": spec.dimension, "metric": spec.metric}}
