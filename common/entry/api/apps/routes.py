"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.apps import (
    admin,
    catalogue,
    choices,
    enabling,
    images,
    integration,
    keys,
    manage,
    notification,
    oauth,
    personas,
    reading,
    reviews,
    search,
    uses,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    search.router,
    catalogue.router,
    choices.router,
    images.router,
    personas.router,
    admin.router,
    enabling.router,
    reviews.router,
    manage.router,
    keys.router,
    uses.router,
    webhooks.router,
    integration.router,
    reading.router,
    notification.router,
    oauth.router,
)
