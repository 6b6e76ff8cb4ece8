"""A function as the platform calls it: a hop and an account around what it does, and an answer to what goes wrong.

An event that can never be understood is logged and acknowledged: delivering it again would change nothing. Everything
else that fails is answered with an error, which the platform takes as "deliver again". What is received so is the last
that a `main.py` says, so the process settles then.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

import functions_framework
from werkzeug.exceptions import ServiceUnavailable

from common.core import room, tracing
from common.core.errors import EarshotError, InvalidInputError, MisconfiguredError
from common.core.logs import get_logger, hear_libraries
from common.core.process import settle
from common.entry.accounting import accounted
from common.entry.hops import fail, hop

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloudevents.http import CloudEvent
    from flask import Request
    from flask.typing import ResponseReturnValue

H = TypeVar("H", bound="Callable[..., object]")


def cloud_event(receive: Callable[[CloudEvent, H], None]) -> Callable[[H], Callable[[CloudEvent], None]]:
    """A decorator of handlers: `receive` takes an event and the handler that is to have it."""

    def decorate(handler: H) -> Callable[[CloudEvent], None]:
        @functions_framework.cloud_event
        @wraps(handler)
        @hop()
        def entry(event: CloudEvent) -> None:
            try:
                with room.work(), accounted():
                    receive(event, handler)
            except InvalidInputError as error:
                fail(error)
                get_logger().error("event_refused", event_id=event["id"], reason=str(error))
            except MisconfiguredError as error:
                tell_wrong_settings(error)
                raise ServiceUnavailable from error
            except EarshotError as error:
                fail(error)
                get_logger().warning("event_postponed", event_id=event["id"], error=type(error).__name__)
                raise ServiceUnavailable from error

        hear_libraries()
        settle()
        registered: Callable[[CloudEvent], None] = entry
        return registered

    return decorate


def http(receive: Callable[[Request, H], None]) -> Callable[[H], Callable[[Request], ResponseReturnValue]]:
    """The same for requests."""

    def decorate(handler: H) -> Callable[[Request], ResponseReturnValue]:
        @functions_framework.http
        @wraps(handler)
        @hop()
        def entry(request: Request) -> ResponseReturnValue:
            try:
                with room.work(), accounted():
                    receive(request, handler)
            except InvalidInputError as error:
                fail(error)
                get_logger().error("task_refused", reason=str(error))
                return {"detail": str(error)}, 200  # an error would only bring the same body back
            except MisconfiguredError as error:
                tell_wrong_settings(error)
                return {"detail": str(error)}, error.status
            except EarshotError as error:
                fail(error)
                return {"detail": str(error)}, error.status
            return {"status": "ok"}, 200

        hear_libraries()
        settle()
        registered: Callable[[Request], ResponseReturnValue] = entry
        return registered

    return decorate


def tell_wrong_settings(error: MisconfiguredError) -> None:
    """Log which settings make no sense; of no trace, because a line that names one has to ask the settings."""
    with tracing.following(None):
        get_logger().error("misconfigured", reason=str(error))
