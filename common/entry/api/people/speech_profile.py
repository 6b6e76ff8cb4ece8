"""`/v3/speech-profile` and what belongs to it: how the user sounds (CONTRACT section 3.6)."""

from typing import Annotated

from fastapi import Query, UploadFile
from pydantic import AfterValidator

from common.core.settings import settings
from common.database import signed_urls, users
from common.database.media import Store
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.base import Moment, Shape
from common.people import voices

router = Router(tags=["speech profile"], responses=responses(401))


def _whose(person_id: str | None) -> str | None:
    """The app says `null` where it means nobody in particular."""
    return None if person_id in {None, "", "null"} else person_id


PersonId = Annotated[
    str | None, Query(max_length=1500, description="Whose; without it the user's own"), AfterValidator(_whose)
]


class HasProfile(Shape):
    """Whether the user's voice is known."""

    has_profile: bool


class ProfileStatus(HasProfile):
    """Whether, since when and from how many seconds the user's voice is known."""

    recorded_at: Moment | None
    duration: float


class Availability(Shape):
    """Whether speech can be understood at all right now."""

    available: bool


class Address(Shape):
    """Where the recording can be heard for an hour; null where there is none."""

    url: str | None


@router.get("/v3/speech-profile")
def known(user: User) -> HasProfile:
    """Whether the user's voice is known."""
    return HasProfile(has_profile=users.has_speech_profile(uid=user))


@router.get("/v3/speech-profile/status")
def status(user: User) -> ProfileStatus:
    """What is known of the user's voice."""
    found = users.find(uid=user)
    recorded_at = found.speech_profile_at
    return ProfileStatus(
        has_profile=recorded_at is not None, recorded_at=recorded_at, duration=found.speech_profile_seconds
    )


@router.get("/v3/speech-profile/stt-availability")
def availability(user: User) -> Availability:  # noqa: ARG001 - only for who is signed in
    """Whether a recogniser is configured, so that recording a profile makes sense."""
    known = settings()
    usable = (name != "local" or bool(known.local_models_url) for name in known.streaming_transcribers)
    return Availability(available=any(usable))


@router.get("/v4/speech-profile")
def address(user: User, base_url: BaseUrl) -> Address:
    """Where the user's own recording can be heard."""
    path = voices.profile_path(uid=user) if users.has_speech_profile(uid=user) else None
    return Address(url=path and signed_urls.sign(path, store=Store.MEDIA, base_url=base_url))


@router.post("/v3/upload-audio", responses=responses(400))
def upload(user: User, file: UploadFile, base_url: BaseUrl) -> Address:
    """Keep a recording of the user's voice: WAV, 16 kHz, one channel, 5 to 180 seconds, with speech in it."""
    path = voices.store_profile(file.file.read(), uid=user)
    return Address(url=signed_urls.sign(path, store=Store.MEDIA, base_url=base_url))


@router.get("/v3/speech-profile/expand", responses=responses(404))
def list_additional(user: User, base_url: BaseUrl, person_id: PersonId = None) -> list[str]:
    """Addresses of the recordings that were added later."""
    paths = voices.list_additional(uid=user, person_id=person_id)
    return [signed_urls.sign(path, store=Store.MEDIA, base_url=base_url) for path in paths]


@router.delete("/v3/speech-profile/expand", responses=responses(404))
def delete_additional(
    user: User,
    memory_id: Annotated[str, Query(pattern=r"^[A-Za-z0-9_.-]{1,200}$", description="The conversation it is from")],
    segment_idx: Annotated[int, Query(ge=0, le=1_000_000)],
    person_id: PersonId = None,
) -> Done:
    """Delete a recording that was added later."""
    voices.delete_additional(uid=user, conversation_id=memory_id, segment_index=segment_idx, person_id=person_id)
    return Done()
