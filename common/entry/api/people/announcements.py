"""`/v1/announcements`: what users of the app are told, and what administrators have them told."""

from typing import Annotated, Literal

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, model_validator

from common.database import announcements
from common.entry.api.identity import Admin, User
from common.entry.api.once import IdempotencyKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.announcement import (
    Announcement,
    AnnouncementFields,
    AnnouncementType,
    ChangelogContent,
    FeatureContent,
    MessageContent,
    Trigger,
)
from common.users.announcing import Asking, announce, dismiss, list_changelogs, list_pending

router = Router(prefix="/v1/announcements", tags=["announcements"], responses=responses(401))
administration = Router(
    prefix="/v1/announcements", tags=["administration"], dependencies=[Admin], responses=responses(403)
)

_TRIGGERS = {
    "app_launch": Trigger.IMMEDIATE,
    "version_upgrade": Trigger.VERSION_UPGRADE,
    "firmware_upgrade": Trigger.FIRMWARE_UPGRADE,
}
_CONTENTS = {
    AnnouncementType.CHANGELOG: ChangelogContent,
    AnnouncementType.FEATURE: FeatureContent,
    AnnouncementType.ANNOUNCEMENT: MessageContent,
}

Version = Annotated[str, Query(max_length=100)]
MaybeVersion = Annotated[str | None, Query(max_length=100)]
AnnouncementId = Annotated[str, Path(min_length=1, max_length=200)]


class Dismissed(BaseModel):
    """How the user dismissed it."""

    cta_clicked: bool = False


class NewAnnouncement(AnnouncementFields):
    """What to tell users: the content has to be what the type says."""

    model_config = ConfigDict(defer_build=False)  # FastAPI reads bodies by models that are built

    @model_validator(mode="after")
    def _fitting(self) -> "NewAnnouncement":
        fits = isinstance(self.content, _CONTENTS[self.type])
        if not fits:
            raise ValueError("the content is not what the type says")
        return self


@router.get("/pending")
def pending(
    user: User,
    *,
    app_version: Version,
    platform: Annotated[str, Query(max_length=50)],
    trigger: Literal["app_launch", "version_upgrade", "firmware_upgrade"],
    firmware_version: MaybeVersion = None,
    device_model: Annotated[str | None, Query(max_length=200)] = None,
) -> list[Announcement]:
    """What the app has to show now, the most important first."""
    asking = Asking(_TRIGGERS[trigger], app_version, platform, firmware_version, device_model)
    return list(list_pending(asking, uid=user))


@router.get("/changelogs")
def changelogs(
    _: User, limit: Annotated[int, Query(ge=1, le=50)] = 5, max_version: MaybeVersion = None
) -> list[Announcement]:
    """What was new in the latest versions of the app, the latest first."""
    return list(list_changelogs(limit=limit, max_version=max_version))


@router.post("/{announcement_id}/dismiss", responses=responses(404))
def dismissed(user: User, announcement_id: AnnouncementId, body: Dismissed | None = None) -> Ok:
    """Show it no more, if it is to be shown once."""
    dismiss(announcement_id, cta_clicked=(body or Dismissed()).cta_clicked, uid=user)
    return Ok()


@administration.post("")
def create(body: NewAnnouncement, key: IdempotencyKey = None) -> Announcement:
    """Tell users something."""
    return announce(body, key=key)


@administration.get("")
def list_all() -> list[Announcement]:
    """Everything that users are or were told, the newest first."""
    return list(announcements.list_newest())


@administration.delete("/{announcement_id}", status_code=204, response_class=Response, responses=responses(404))
def delete(announcement_id: AnnouncementId) -> None:
    """Tell it nobody any more."""
    announcements.ALL.delete_many([announcements.ALL.get(announcement_id).id])
