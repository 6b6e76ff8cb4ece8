"""A REST application: parts, one error policy, one description."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute

from common.core.errors import MisconfiguredError
from common.core.logs import configure, get_logger
from common.core.settings import settings
from common.entry.api import errors, reference_page
from common.entry.api.accounting import Accounted
from common.entry.api.caching import ConditionalGet
from common.entry.api.chunks import Unannounced
from common.entry.api.guarding import Guarded
from common.entry.api.hearing_out import HearingOut
from common.entry.api.parts import Application, Loading, Part
from common.entry.api.routing import operation_id
from common.entry.api.schemas import Health, responses
from common.entry.api.sizes import BoundedBody
from common.entry.api.tracing import Traced

_DESCRIPTION = """
The backend of an always-on wearable: conversations, memories, action items, people, apps and chat.

Apps call it with a Firebase ID token, programs with a key: `omi_dev_…` for `/v1/dev`, `omi_mcp_…` for `/v1/mcp`,
`sk_…` for `/v2/integrations`. Every error is `{"detail": …}`. Times are ISO 8601; without a zone, UTC is
meant. Creating requests take an `Idempotency-Key`, lists answer `If-None-Match`.
"""


@asynccontextmanager
async def _with_settings(_: FastAPI) -> AsyncIterator[None]:
    """Settings that make no sense end it before it serves: the platform goes on with the version before."""
    try:
        settings()
    except MisconfiguredError as error:
        get_logger().error("misconfigured", reason=str(error))
        raise
    yield


def create_app(parts: Sequence[Part]) -> Application:
    """An application that serves `parts`."""
    configure()
    named = {"title": "Earshot", "description": _DESCRIPTION, "version": "1"}
    # The framework's pages for people are made of scripts from elsewhere; and it would lead who deletes the memory with
    # an empty id, `/v3/memories/`, to `/v3/memories`, which deletes them all.
    plain = {"docs_url": None, "redoc_url": None, "redirect_slashes": False}
    app = Application(parts, **named, **plain, generate_unique_id_function=operation_id, lifespan=_with_settings)
    app.add_route(reference_page.PATH, reference_page.reference_page, include_in_schema=False)
    app.add_route("/", reference_page.lead_there, include_in_schema=False)

    @app.get("/v1/health", tags=["service"], responses=responses())
    def health() -> Health:
        """Whether this instance answers."""
        return Health()

    app.served += [route for route in app.router.routes if isinstance(route, APIRoute)]
    errors.install(app, app.served)
    app.add_middleware(Loading, application=app)
    app.add_middleware(Accounted)
    app.add_middleware(ConditionalGet)
    app.add_middleware(Unannounced)
    app.add_middleware(BoundedBody)
    app.add_middleware(Traced)
    app.add_middleware(HearingOut)
    app.add_middleware(Guarded)
    return app
