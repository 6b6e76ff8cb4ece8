"""`/v1/users/delete-account` and `/v1/users/export`: the whole of a user."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Literal

from anyio.lowlevel import RunVar
from fastapi.concurrency import iterate_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import Field

from common.accounts.deletion import request_deletion
from common.accounts.export import export_account
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.account_deletion import DeletionState
from common.models.base import Shape

AT_ONCE = 8
"""Exports of one instance; each holds a conversation while it writes it, some 50 MB where that lasted a day."""
_room: RunVar[asyncio.Semaphore] = RunVar("room for exports")

router = Router(prefix="/v1/users", tags=["account"], responses=responses(401))


class Goodbye(Shape):
    """Why somebody leaves; read by nobody here, and not kept."""

    reason: str | None = Field(None, max_length=1000)
    reason_details: str | None = Field(None, max_length=10_000)


class Deleted(Shape):
    """The deletion is accepted; the message says how far it is."""

    status: Literal["ok"] = "ok"
    message: str


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "Everything"}},
)
def export(user: User) -> StreamingResponse:
    """Everything that is stored for the user, as one JSON document that is written while it is read."""
    return StreamingResponse(
        in_turn(export_account(uid=user)),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="export.json"', "Cache-Control": "no-store"},
    )


async def in_turn(pieces: Iterator[str]) -> AsyncGenerator[str, None]:
    """The pieces, as soon as few enough others are under way in this event loop."""
    room = _room.get(None)
    if room is None:
        room = asyncio.Semaphore(AT_ONCE)
        _room.set(room)
    async with room:
        async for piece in iterate_in_threadpool(pieces):
            yield piece


@router.delete("/delete-account")
def delete(user: User, body: Goodbye | None = None) -> Deleted:  # noqa: ARG001 - part of the contract
    """Delete everything of the user; answers once nothing is left, or after a while, and goes on by itself."""
    deletion = request_deletion(uid=user)
    if deletion.state is DeletionState.RUNNING:
        return Deleted(message="The account is being deleted")
    return Deleted(message=f"The account is deleted: {sum(deletion.deleted.values())} things, and none is left")
