"""One form for every error over HTTP: `{"detail": …}`, never an empty body, never a stack trace."""

from collections.abc import Sequence

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from google.api_core.exceptions import Aborted, GoogleAPICallError, ServerError, TooManyRequests
from starlette.exceptions import HTTPException

from common.core.errors import EarshotError
from common.core.logs import get_logger, where

_BAD_REQUEST = 400


def install(app: FastAPI, routes: Sequence[APIRoute] = ()) -> None:
    """Answer our errors with their status, anything else with 500, and a method that no route has with those it has."""

    @app.exception_handler(EarshotError)
    def known(_: Request, error: EarshotError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=error.status, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def misshapen(_: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent is not repeated: it may be long, or secret.
        problems = [{"loc": list(each["loc"]), "msg": each["msg"], "type": each["type"]} for each in error.errors()]
        return JSONResponse({"detail": problems}, status_code=422)

    @app.exception_handler(HTTPException)
    async def of_the_framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == _BAD_REQUEST:
            # A body that cannot be read, not even as text: what other requests that do not fit are answered.
            return JSONResponse({"detail": error.detail}, status_code=422)
        return await http_exception_handler(request, error)

    @app.exception_handler(405)
    def other_method(request: Request, _: Exception) -> JSONResponse:
        # The framework names the methods of one route, and where routers are included none.
        matching = [route for route in routes if route.path_regex.match(request.scope["path"])]
        same = [route for route in matching if route.path == matching[0].path]
        allowed = sorted({method for route in same for method in route.methods or ()})
        return JSONResponse({"detail": "Method Not Allowed"}, status_code=405, headers={"Allow": ", ".join(allowed)})

    @app.exception_handler(GoogleAPICallError)
    def store_failed(request: Request, error: GoogleAPICallError) -> JSONResponse:
        if not isinstance(error, ServerError | TooManyRequests | Aborted):
            return unknown(request, error)
        get_logger().warning("store_failed", error=type(error).__name__)
        return JSONResponse(
            {"detail": "A store does not answer, try again"}, status_code=503, headers={"Retry-After": "1"}
        )

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> JSONResponse:
        route = request.scope.get("route")
        get_logger().error(
            "request_failed", route=getattr(route, "path", None), error=type(error).__name__, at=where(error)
        )
        return JSONResponse({"detail": "Internal error"}, status_code=500)
