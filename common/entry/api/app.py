"""The REST application."""

from fastapi import FastAPI

from common.core.logs import configure
from common.entry.api import conversations, errors


def create_app() -> FastAPI:
    """All routers and the one error policy."""
    configure()
    app = FastAPI(title="Earshot", description="The backend of an always-on wearable.", version="1")
    app.include_router(conversations.router)
    errors.install(app)

    @app.get("/v1/health", tags=["service"])
    def health() -> dict[str, str]:
        """Whether this instance answers."""
        return {"status": "ok"}

    return app
