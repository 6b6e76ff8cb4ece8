"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.people import (
    account,
    consents,
    daily_summaries,
    developer_webhooks,
    fcm,
    languages,
    media,
    people,
    profile,
    protection,
    settings,
    speech_profile,
    usage,
)

ROUTERS: tuple[APIRouter, ...] = (
    media.router,
    people.router,
    speech_profile.router,
    languages.router,
    consents.router,
    settings.router,
    profile.router,
    protection.router,
    developer_webhooks.router,
    daily_summaries.router,
    fcm.router,
    account.router,
    usage.router,
)
