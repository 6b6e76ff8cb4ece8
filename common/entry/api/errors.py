"""One form for every error over HTTP: `{"detail": …}`, never an empty body, never a stack trace."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from google.api_core.exceptions import Aborted, GoogleAPICallError, ServerError, TooManyRequests

from common.core.errors import EarshotError, UnauthenticatedError
from common.core.logs import get_logger


def install(app: FastAPI) -> None:
    """Answer our errors with their status and anything else with 500."""

    @app.exception_handler(EarshotError)
    def known(_: Request, error: EarshotError) -> JSONResponse:
        headers = {"Retry-After": "1"} if error.retryable else {}
        if isinstance(error, UnauthenticatedError):
            headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 section 15.5.2 asks for it
        return JSONResponse({"detail": str(error)}, status_code=error.status, headers=headers)

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
        get_logger().error("request_failed", route=getattr(route, "path", None), error=type(error).__name__)
        return JSONResponse({"detail": "Internal error"}, status_code=500)
