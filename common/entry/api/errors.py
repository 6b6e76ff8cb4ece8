"""One form for every error over HTTP: `{"detail": …}`, never an empty body, never a stack trace."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from google.api_core.exceptions import Aborted, GoogleAPICallError, ServerError, TooManyRequests

from common.core.errors import EarshotError
from common.core.logs import get_logger


def install(app: FastAPI) -> None:
    """Answer our errors with their status and anything else with 500."""

    @app.exception_handler(EarshotError)
    def known(_: Request, error: EarshotError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=error.status, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def misshapen(_: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent is not repeated: it may be long, or secret.
        problems = [{"loc": list(each["loc"]), "msg": each["msg"], "type": each["type"]} for each in error.errors()]
        return JSONResponse({"detail": problems}, status_code=422)

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
