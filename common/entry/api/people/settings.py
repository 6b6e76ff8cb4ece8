"""Smaller settings: how far somebody has come in setting up, what they want to be told, where they are."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from common.database import users
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.attachments import Geolocation
from common.models.base import Shape
from common.users.evenings import want_evenings
from common.users.places import remember_place

router = Router(prefix="/v1/users", tags=["settings"], responses=responses(401))


class OnboardingView(Shape):
    """How far somebody has come in setting up."""

    completed: bool = False
    acquisition_source: str = ""
    device_onboarding_completed: bool = False


class OnboardingChange(Shape):
    """What has been done."""

    completed: bool | None = None
    acquisition_source: str | None = Field(None, max_length=200, examples=["a friend"])
    device_onboarding_completed: bool | None = None


class DailySummarySettings(Shape):
    """Whether the user wants a summary of the day, and at which hour of theirs."""

    enabled: bool
    hour: int = Field(ge=0, le=23)


class DailySummaryChange(Shape):
    """What shall be different; what is left out stays."""

    enabled: bool | None = None
    hour: int | None = Field(None, ge=0, le=23, examples=[22])


class MentorSettings(BaseModel):
    """How often advice is welcome: 0 never, 5 as often as possible."""

    frequency: int = Field(ge=0, le=5, examples=[2])


class SilenceSettings(BaseModel):
    """Whether the user wants to know that their device has heard nobody for long."""

    enabled: bool


class Place(BaseModel):
    """Where the user is, in degrees; what else the app says of the place is not kept."""

    latitude: float = Field(ge=-90, le=90, examples=[52.52])
    longitude: float = Field(ge=-180, le=180, examples=[13.4])
    address: str | None = Field(None, max_length=500)
    google_place_id: str | None = Field(None, max_length=500)
    location_type: str | None = Field(None, max_length=100)


@router.get("/onboarding")
def onboarding(user: User) -> OnboardingView:
    """How far the user has come in setting up."""
    stored = users.find(uid=user).onboarding
    return OnboardingView(
        completed=stored.get("completed") is True,
        acquisition_source=str(stored.get("acquisition_source") or ""),
        device_onboarding_completed=stored.get("device_onboarding_completed") is True,
    )


@router.patch("/onboarding")
def change_onboarding(user: User, body: OnboardingChange | None = None) -> Done:
    """Note what has been done in setting up."""
    changed = body.model_dump(exclude_none=True) if body else {}
    if changed:
        users.change(uid=user, onboarding=changed)
    return Done()


@router.get("/daily-summary-settings")
def daily_summary(user: User) -> DailySummarySettings:
    """When the user wants a summary of the day."""
    stored = users.find(uid=user)
    hour = min(max(stored.daily_summary_hour_local, 0), 23)
    return DailySummarySettings(enabled=stored.daily_summary_enabled, hour=hour)


@router.patch("/daily-summary-settings")
def change_daily_summary(user: User, body: DailySummaryChange | None = None) -> Done:
    """Want the summary of the day at another hour, or not at all."""
    if body is not None:
        want_evenings(uid=user, enabled=body.enabled, hour=body.hour)
    return Done()


@router.get("/mentor-notification-settings")
def mentor(user: User) -> MentorSettings:
    """How often advice is welcome."""
    return MentorSettings(frequency=min(max(users.find(uid=user).mentor_notification_frequency, 0), 5))


@router.patch("/mentor-notification-settings")
def change_mentor(user: User, body: MentorSettings) -> Done:
    """Want advice more or less often."""
    users.change(uid=user, mentor_notification_frequency=body.frequency)
    return Done()


@router.get("/silence-notification-settings")
def silence(user: User) -> SilenceSettings:
    """Whether the user wants to know that their device has heard nobody for long."""
    return SilenceSettings(enabled=users.find(uid=user).silence_notification_enabled)


@router.patch("/silence-notification-settings")
def change_silence(user: User, body: SilenceSettings) -> Done:
    """Want to know it, or not."""
    users.change(uid=user, silence_notification_enabled=body.enabled)
    return Done()


@router.put("/preferences/app")
def prefer_app(user: User, app_id: Annotated[str, Query(min_length=1, max_length=200)]) -> Done:
    """Have conversations summarised by an app."""
    users.change(uid=user, preferred_app_id=app_id)
    return Done()


@router.patch("/geolocation")
def be_somewhere(user: User, body: Place) -> Done:
    """Say where the user is; for half an hour that is where conversations take place."""
    remember_place(Geolocation.model_validate(body.model_dump()), uid=user)
    return Done()
