"""One form for every error over HTTP: `{"detail": …}`, never an empty body, never a stack trace."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from common.core.errors import EarshotError
from common.core.logs import get_logger


def install(app: FastAPI) -> None:
    """Answer our errors with their status and anything else with 500."""

    @app.exception_handler(EarshotError)
    def known(_: Request, error: EarshotError) -> JSONResponse:
        headers = {"Retry-After": "1"} if error.retryable else None
        return JSONResponse({"detail": str(error)}, status_code=error.status, headers=headers)

    @app.exception_handler(Exception)
    def unknown(request: Request, error: Exception) -> JSONResponse:
        route = request.scope.get("route")
        get_logger().error("request_failed", route=getattr(route, "path", None), error=type(error).__name__)
        return JSONResponse({"detail": "Internal error"}, status_code=500)
