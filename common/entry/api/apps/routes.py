"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.parts import Part

_BEGINNINGS = (
    "/v1/app",
    "/v1/approved-apps",
    "/v1/integrations/",
    "/v1/notification",
    "/v1/oauth/",
    "/v1/personas",
    "/v1/user/persona",
    "/v2/apps",
    "/v2/integrations/",
)


def _routers() -> tuple[APIRouter, ...]:
    from common.entry.api.apps import (
        admin,
        catalogue,
        choices,
        enabling,
        images,
        integration,
        inventing,
        keys,
        manage,
        mcp,
        notification,
        oauth,
        persona_chat,
        personas,
        reading,
        reviews,
        search,
        uses,
        webhooks,
    )

    return (
        search.router,
        catalogue.router,
        choices.router,
        inventing.router,
        images.router,
        personas.router,
        admin.router,
        enabling.router,
        reviews.router,
        mcp.router,
        manage.router,
        keys.router,
        uses.router,
        webhooks.router,
        integration.router,
        reading.router,
        notification.router,
        persona_chat.router,
        oauth.router,
    )


PART = Part(_BEGINNINGS, _routers)
