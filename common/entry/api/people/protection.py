"""`/v1/users/migration…`: how what a user says is protected at rest, and what is not protected like that yet.

Clients bring their documents into a new form one batch after the other and then say that they are done (CONTRACT 3.8);
here the first request is enough, as the rest follows by itself, and the others are answered as they expect.
"""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from common.core.errors import BadRequestError
from common.database import resealing
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.models.protection import Level
from common.users.protection import keep_protection

router = Router(prefix="/v1/users/migration", tags=["account"], responses=responses(400, 401))

_COLLECTIONS = {"conversation": "conversations", "memory": "memories", "chat": "messages"}
_MOST_LISTED = 1000


class ProtectionTarget(BaseModel):
    """How to protect everything; one thing at once, where it is named."""

    target_level: str = Field(max_length=50, examples=["enhanced"])
    type: str | None = Field(None, max_length=50, examples=["memory"])
    id: str | None = Field(None, max_length=1500)


class Protectable(Shape):
    """Something that is protected in one way or another."""

    id: str = Field(max_length=1500)
    type: Literal["conversation", "memory", "chat"]


class ProtectionRequest(Protectable):
    """How to protect it."""

    target_level: str = Field(max_length=50, examples=["enhanced"])


class ProtectionBatch(BaseModel):
    """Several things, and how to protect each."""

    requests: list[ProtectionRequest] = Field(max_length=500)


class ToProtect(Shape):
    """What is not protected like that yet; the first thousand of each kind are looked at."""

    needs_migration: list[Protectable]


class ProtectionStatus(Shape):
    """It is done, or being done."""

    status: Literal["ok"] = "ok"
    message: str = ""


@router.get("/requests")
def others(user: User, target_level: Annotated[str, Query(max_length=50)]) -> ToProtect:
    """What is protected otherwise."""
    level = _level(target_level)
    found: list[Protectable] = []
    for kind, collection in _COLLECTIONS.items():
        ids = resealing.list_others(uid=user, collection=collection, level=level, limit=_MOST_LISTED)
        found += [Protectable.model_validate({"id": each, "type": kind}) for each in ids]
    return ToProtect(needs_migration=found)


@router.post("/requests")
def protect(user: User, body: ProtectionTarget) -> ProtectionStatus:
    """Protect everything in this way; what is there already follows by itself."""
    keep_protection(_level(body.target_level), uid=user)
    if body.type in _COLLECTIONS and body.id:
        resealing.reseal_one(uid=user, collection=_COLLECTIONS[body.type], document_id=body.id)
    return ProtectionStatus(message="What you have said so far follows by itself")


@router.post("/batch-requests")
def protect_batch(user: User, body: ProtectionBatch) -> ProtectionStatus:
    """Bring some things into the form that was chosen, at once."""
    levels = {_level(each.target_level) for each in body.requests}
    if len(levels) > 1:
        raise BadRequestError("All of a user's things are protected in the same way")
    for level in levels:
        keep_protection(level, uid=user)
    for each in body.requests:
        resealing.reseal_one(uid=user, collection=_COLLECTIONS[each.type], document_id=each.id)
    return ProtectionStatus()


@router.post("/requests/data-protection-level/finalize")
def finalize(user: User, body: ProtectionTarget) -> ProtectionStatus:
    """Say that one is done; what is not follows by itself."""
    keep_protection(_level(body.target_level), uid=user)
    return ProtectionStatus()


def _level(name: str) -> Level:
    if name == "enhanced":
        return "enhanced"
    if name == "standard":
        return "standard"
    raise BadRequestError("There are two levels: standard and enhanced")
