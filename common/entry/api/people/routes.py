"""The routers of this package, in the order in which paths are tried."""

from fastapi import APIRouter

from common.entry.api.parts import Part

_BEGINNINGS = (
    "/v1/announcements",
    "/v1/fair-use/",
    "/v1/media/",
    "/v1/task-integrations",
    "/v1/users/available-languages",
    "/v1/users/creator-",
    "/v1/users/daily-summar",
    "/v1/users/delete-account",
    "/v1/users/developer/",
    "/v1/users/emotional-feedback",
    "/v1/users/export",
    "/v1/users/fcm-token",
    "/v1/users/geolocation",
    "/v1/users/language",
    "/v1/users/me/",
    "/v1/users/mentor-notification-settings",
    "/v1/users/migration/",
    "/v1/users/onboarding",
    "/v1/users/people",
    "/v1/users/preferences/",
    "/v1/users/private-cloud-sync",
    "/v1/users/profile",
    "/v1/users/shares",
    "/v1/users/silence-notification-settings",
    "/v1/users/store-recording-permission",
    "/v1/users/training-data-opt-in",
    "/v1/users/transcription-preferences",
    "/v3/speech-profile",
    "/v3/upload-audio",
    "/v4/speech-profile",
)


def _routers() -> tuple[APIRouter, ...]:
    from common.entry.api.people import (
        account,
        announcements,
        consents,
        daily_summaries,
        developer_webhooks,
        fair_use,
        fcm,
        languages,
        media,
        people,
        profile,
        protection,
        settings,
        shares,
        speech_profile,
        task_integrations,
        task_services,
        usage,
    )

    return (
        media.router,
        people.router,
        speech_profile.router,
        languages.router,
        consents.router,
        settings.router,
        shares.router,
        profile.router,
        protection.router,
        developer_webhooks.router,
        daily_summaries.router,
        fcm.router,
        account.router,
        usage.router,
        fair_use.router,
        announcements.router,
        announcements.administration,
        task_services.router,
        task_integrations.router,
    )


PART = Part(_BEGINNINGS, _routers)
