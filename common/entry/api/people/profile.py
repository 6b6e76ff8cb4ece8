"""What the user is called and where they live, and how they appear as somebody who publishes apps."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from common.core.time_zones import is_time_zone
from common.database import users
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.base import Shape
from common.models.user import CreatorProfile
from common.users.creators import CreatorStats, creator_stats
from common.users.evenings import move_evening

router = Router(prefix="/v1/users", tags=["profile"], responses=responses(401))


def _zone(name: str) -> str:
    if not is_time_zone(name):
        raise ValueError("no time zone of this name")
    return name


TimeZone = Annotated[str, Field(max_length=100, examples=["Europe/Berlin"]), AfterValidator(_zone)]
"""A name out of the IANA database."""


class Profile(Shape):
    """The user as they know themselves."""

    uid: str
    name: str
    language: str | None
    time_zone: str | None
    data_protection_level: str


class ProfileChange(Shape):
    """What shall be different; what is left out stays."""

    name: str | None = Field(None, max_length=100, examples=["Ann"])
    time_zone: TimeZone | None = None


class CreatorProfileView(Shape):
    """How somebody who publishes apps is presented."""

    creator_name: str
    creator_email: str | None = None
    is_active: bool = True


class NewCreatorProfile(BaseModel):
    """How to be presented."""

    creator_name: str = Field(min_length=1, max_length=100, examples=["Ann's workshop"])
    creator_email: str | None = Field(None, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ann@example.org"])


class CreatorProfileChange(Shape):
    """What shall be different; what is left out stays."""

    creator_name: str | None = Field(None, min_length=1, max_length=100)
    creator_email: str | None = Field(None, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")
    is_active: bool | None = None


@router.get("/profile")
def profile(user: User) -> Profile:
    """What the user is called and where they live."""
    found = users.find(uid=user)
    return Profile(
        uid=user,
        name=found.name,
        language=found.language,
        time_zone=found.time_zone,
        data_protection_level=found.data_protection_level,
    )


@router.patch("/profile")
def change_profile(user: User, body: ProfileChange | None = None) -> Done:
    """Be called something else, or live somewhere else."""
    changed = body.model_dump(exclude_none=True) if body else {}
    if changed:
        users.change(uid=user, **changed)
    if "time_zone" in changed:
        move_evening(uid=user)
    return Done()


@router.get("/creator-profile")
def creator_profile(user: User) -> CreatorProfileView | None:
    """How the user is presented as a creator; null where nothing is set."""
    return _shown(users.find(uid=user).creator_profile)


@router.post("/creator-profile")
def create_creator_profile(user: User, body: NewCreatorProfile) -> Done:
    """Be presented as a creator."""
    users.change(uid=user, creator_profile={**body.model_dump(), "is_active": True})
    return Done()


@router.patch("/creator-profile")
def change_creator_profile(user: User, body: CreatorProfileChange | None = None) -> Done:
    """Be presented differently."""
    changed = body.model_dump(exclude_none=True) if body else {}
    if changed:
        users.change(uid=user, creator_profile=changed)
    return Done()


@router.get("/creator-stats")
def stats(user: User) -> CreatorStats:
    """How the user's apps are doing."""
    return creator_stats(uid=user)


def _shown(stored: CreatorProfile | None) -> CreatorProfileView | None:
    return None if stored is None else CreatorProfileView.model_validate(stored.model_dump())
