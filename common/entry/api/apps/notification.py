"""Telling users something: apps with their key, administrators with theirs (CONTRACT sections 3.8 and 4.5)."""

from typing import Annotated, Literal

from fastapi import Query, Response, Security
from pydantic import BaseModel, Field

from common.apps.plain import plain_text
from common.apps.telling import tell
from common.core.errors import BadRequestError, InvalidInputError, PermissionDeniedError
from common.core.ids import is_document_id
from common.entry.api.apps.identity import AppFor, Caller, app_key, authorise
from common.entry.api.identity import Admin, Credentials, limit_requests, presented
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.base import Shape
from common.notifications.notify import notify

router = Router(tags=["notifications"])

APP_NOTIFICATIONS = 10
"""That an app may send a user within an hour."""
_HOUR_S = 3600
_LONGEST_MESSAGE = 5000

DataName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$")]


class NotificationRequest(BaseModel):
    """What a user shall be told."""

    uid: str = Field(min_length=1, max_length=128)
    title: str = Field(min_length=1, max_length=500, examples=["Scheduled maintenance"])
    body: str = Field(max_length=_LONGEST_MESSAGE, examples=["Tonight, for ten minutes"])
    data: dict[DataName, Annotated[str, Field(max_length=2000)]] | None = Field(None, max_length=50)


class AppNotificationRequest(BaseModel):
    """What an app (`aid`) says to a user; all of it is needed."""

    uid: str | None = Field(None, max_length=128)
    aid: str | None = Field(None, max_length=1500)
    message: str | None = Field(None, max_length=_LONGEST_MESSAGE)


class Sent(Shape):
    """On its way."""

    status: Literal["Ok"] = "Ok"


@router.post("/v1/notification", dependencies=[Admin], responses=responses(403, 409))
def notify_user(body: NotificationRequest, once: OncePerKey) -> Ok:
    """Tell a user something, as an administrator."""
    if not is_document_id(body.uid):
        raise InvalidInputError("uid can be nobody's")

    def send() -> Ok:
        notify(
            uid=body.uid,
            kind="announcement",
            title=body.title,
            body=body.body,
            once=(once.id,),
            data=body.data,
        )
        return Ok()

    return once(Ok, send, uid=body.uid)


@router.post("/v1/integrations/notification", responses=responses(400, 401, 403, 404, 409, 429))
def notify_by_body(
    body: AppNotificationRequest,
    credentials: Annotated[Credentials, Security(app_key)],
    response: Response,
    once: OncePerKey,
) -> Sent:
    """Let an app say something to a user who has turned it on."""
    secret = presented(credentials)
    if not (body.uid and body.aid and body.message):
        raise BadRequestError("uid, aid and message are required")
    caller = authorise(body.aid, secret, uid=body.uid, wrong_key=PermissionDeniedError)
    return _send(caller, body.message, response, once)


@router.post(
    "/v2/integrations/{app_id}/notification",
    responses=responses(401, 403, 404, 409, 429),
)
def notify_by_query(
    caller: Annotated[Caller, AppFor()],
    message: Annotated[str, Query(min_length=1, max_length=_LONGEST_MESSAGE)],
    response: Response,
    once: OncePerKey,
) -> Sent:
    """Let the app say something to the user; ten times an hour at most."""
    return _send(caller, message, response, once)


def _send(caller: Caller, message: str, response: Response, once: OncePerKey) -> Sent:
    text = plain_text(message, longest=_LONGEST_MESSAGE)
    if not text:
        raise InvalidInputError("message says nothing")

    def send() -> Sent:
        allowance = limit_requests(
            "app:notification",
            subject=f"{caller.app.id} {caller.uid}",
            limit=APP_NOTIFICATIONS,
            window_s=_HOUR_S,
        )
        response.headers["X-RateLimit-Limit"] = str(allowance.limit)
        response.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
        response.headers["X-RateLimit-Reset"] = str(allowance.reset_s)
        tell(caller.app, text, uid=caller.uid, once=(once.id,))
        return Sent()

    return once(Sent, send, uid=caller.uid, by=caller.app.id)
