"""Decorators that name a function's trigger: they decode, bind the log context, gate, claim, and map errors.

An event that can never be understood is logged and acknowledged: delivering it again would change nothing. Everything
else that fails is answered with an error, which the platform takes as "deliver again". What has a trigger is the last
that a `main.py` says, so the process settles then.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

import functions_framework
from werkzeug.exceptions import ServiceUnavailable

from common.core import clock, metering, tracing
from common.core.errors import EarshotError, InvalidInputError, RetryableError
from common.core.logs import bind, get_logger, where
from common.core.process import settle
from common.core.settings import settings
from common.database import failures
from common.entry.accounting import accounted
from common.entry.events import (
    conversation_changed,
    delivery_of,
    document_changed,
    finished_upload,
    published,
    trace_of_message,
)
from common.entry.hops import fail, follow, hop
from common.entry.steps import Step, dead_letter, perform, public_reason, too_old

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloudevents.http import CloudEvent
    from flask import Request
    from flask.typing import ResponseReturnValue

    from common.core.spans import About
    from common.core.tracing import Trace
    from common.entry.events import ConversationChanged, DocumentChanged, ProcessingEntered
    from common.models.events import ConversationCompleted, Due, RunTask, UserEvent, UserTask
    from common.models.upload import Upload

E = TypeVar("E", bound="UserEvent | Due")
T = TypeVar("T", bound="UserTask")
M = TypeVar("M", bound="RunTask")
C = TypeVar("C", bound="ConversationCompleted")


def on_processing_entered(
    *, step: str, give_up: Callable[[ProcessingEntered, str], None]
) -> Callable[[Callable[[ProcessingEntered], str]], Callable[[CloudEvent], None]]:
    """Firestore `conversations/{id}` written, and this is an entry into `processing`: once per run."""

    def decorate(handler: Callable[[ProcessingEntered], str]) -> Callable[[CloudEvent], None]:
        def receive(event: CloudEvent) -> None:
            change = conversation_changed(event)
            entered = change.entered_processing
            if entered is None:
                return
            bind(uid=entered.uid, conversation_id=entered.conversation_id, step=step, run=entered.run)
            about = _about(event, conversation_id=entered.conversation_id, run=entered.run)
            follow(change.trace, step, **about)
            task = Step(
                name=step,
                uid=entered.uid,
                subject=entered.conversation_id,
                run=entered.run,
                occurred_at=delivery_of(event).occurred_at,
            )
            perform(task, work=lambda: handler(entered), give_up=lambda reason: give_up(entered, reason))

        return _cloud_event(handler, receive)

    return decorate


def on_conversation_written(
    *, step: str
) -> Callable[[Callable[[ConversationChanged], None]], Callable[[CloudEvent], None]]:
    """Firestore `conversations/{id}` written, in any way: for followers, which read the document themselves."""

    def decorate(handler: Callable[[ConversationChanged], None]) -> Callable[[CloudEvent], None]:
        def receive(event: CloudEvent) -> None:
            change = conversation_changed(event)
            run = change.after.run if change.after else 0
            bind(uid=change.uid, conversation_id=change.conversation_id, step=step)
            follow(change.trace, step, **_about(event, conversation_id=change.conversation_id, run=run))
            _follow(
                event,
                step=step,
                uid=change.uid,
                subject=change.conversation_id,
                run=run,
                work=lambda: handler(change),
            )

        return _cloud_event(handler, receive)

    return decorate


def on_document_written(
    *, step: str, collection: str
) -> Callable[[Callable[[DocumentChanged], None]], Callable[[CloudEvent], None]]:
    """Firestore `users/{uid}/{collection}/{id}` written, in any way: for followers, which read the document."""

    def decorate(handler: Callable[[DocumentChanged], None]) -> Callable[[CloudEvent], None]:
        def receive(event: CloudEvent) -> None:
            change = document_changed(event, collection=collection)
            bind(uid=change.uid, document_id=change.document_id, step=step)
            follow(change.trace, step, **_about(event))
            _follow(event, step=step, uid=change.uid, subject=change.document_id, run=0, work=lambda: handler(change))

        return _cloud_event(handler, receive)

    return decorate


def on_object_finalized(
    *, step: str, owner: Callable[[Upload], str], give_up: Callable[[Upload, str], None]
) -> Callable[[Callable[[Upload], str]], Callable[[CloudEvent], None]]:
    """Cloud Storage object finalized: once per generation of an object."""

    def decorate(handler: Callable[[Upload], str]) -> Callable[[CloudEvent], None]:
        def receive(event: CloudEvent) -> None:
            upload = finished_upload(event)
            uid = owner(upload)
            bind(uid=uid, step=step)
            follow(None, step, **_about(event))
            task = Step(
                name=step,
                uid=uid,
                subject=upload.key,
                run=0,
                occurred_at=delivery_of(event).occurred_at,
            )
            perform(task, work=lambda: handler(upload), give_up=lambda reason: give_up(upload, reason))

        return _cloud_event(handler, receive)

    return decorate


def on_published(message: type[E], *, step: str) -> Callable[[Callable[[E], None]], Callable[[CloudEvent], None]]:
    """Pub/Sub: a message is `message`; for work that does nothing twice by itself."""

    def decorate(handler: Callable[[E], None]) -> Callable[[CloudEvent], None]:
        def receive(event: CloudEvent) -> None:
            told = published(event, message)
            bind(uid=told.uid, event_id=told.event_id, step=step)
            follow(trace_of_message(event), step, **_about(event))
            _follow(event, step=step, uid=told.uid, subject=told.event_id, run=0, work=lambda: handler(told))

        return _cloud_event(handler, receive)

    return decorate


def on_completed(message: type[C], *, step: str) -> Callable[[Callable[[C], str]], Callable[[CloudEvent], None]]:
    """Pub/Sub: a message is `message`, about a conversation that is done: once per run of it."""

    def decorate(handler: Callable[[C], str]) -> Callable[[CloudEvent], None]:
        def receive(event: CloudEvent) -> None:
            told = published(event, message)
            bind(uid=told.uid, conversation_id=told.conversation_id, step=step, run=told.run)
            about = _about(event, conversation_id=told.conversation_id, run=told.run)
            follow(trace_of_message(event), step, **about)
            named = Step(
                name=step,
                uid=told.uid,
                subject=told.conversation_id,
                run=told.run,
                occurred_at=delivery_of(event).occurred_at,
            )
            # The conversation itself is complete: what was not done with it is said on the topic for that alone.
            perform(named, work=lambda: handler(told), give_up=lambda _: None)

        return _cloud_event(handler, receive)

    return decorate


def on_task(
    message: type[M], *, step: str, give_up: Callable[[M, str], None]
) -> Callable[[Callable[[M], str]], Callable[[Request], ResponseReturnValue]]:
    """Cloud Tasks (HTTP): the body is `message`; once per subject and run."""

    def decorate(handler: Callable[[M], str]) -> Callable[[Request], ResponseReturnValue]:
        def receive(request: Request) -> None:
            task = _body(message, request)
            bind(uid=task.uid, conversation_id=task.conversation_id, step=step, run=task.run)
            follow(_trace_of(request), step, conversation_id=task.conversation_id, run=task.run)
            # A task's own age does not matter: the queue gives up by itself, and the attempts are counted here.
            named = Step(name=step, uid=task.uid, subject=task.subject, run=task.run, occurred_at=clock.now())
            perform(named, work=lambda: handler(task), give_up=lambda reason: give_up(task, reason))

        return _http(handler, receive)

    return decorate


def on_timer(
    message: type[T], *, step: str
) -> Callable[[Callable[[T], None]], Callable[[Request], ResponseReturnValue]]:
    """Cloud Tasks (HTTP) for work that looks at the present state only, and may be done any number of times."""

    def decorate(handler: Callable[[T], None]) -> Callable[[Request], ResponseReturnValue]:
        def receive(request: Request) -> None:
            task = _body(message, request)
            conversation_id = getattr(task, "conversation_id", None)
            bind(uid=task.uid, conversation_id=conversation_id, step=step)
            follow(_trace_of(request), step, conversation_id=conversation_id)
            metering.charge(task.uid)
            handler(task)

        return _http(handler, receive)

    return decorate


def on_schedule(handler: Callable[[], object]) -> Callable[[Request], ResponseReturnValue]:
    """Cloud Scheduler (HTTP). Nobody's in particular: what it moves goes on in a trace of its own."""

    def receive(_: Request) -> None:
        handler()

    return _http(handler, receive)


def _follow(event: CloudEvent, *, step: str, uid: str, subject: str, run: int, work: Callable[[], None]) -> None:
    """Like `perform`, but for work without runs: only failures are counted, per event."""
    metering.charge(uid)
    delivery = delivery_of(event)
    follower = Step(name=step, uid=uid, subject=subject, run=run, occurred_at=delivery.occurred_at)
    try:
        work()
    except Exception as error:
        retryable = not isinstance(error, EarshotError) or error.retryable
        if (
            retryable
            and not too_old(follower)
            and failures.count(error, uid=uid, event_id=delivery.event_id) < settings().max_attempts
        ):
            if isinstance(error, EarshotError):
                raise
            get_logger().error("step_crashed", step=step, error=type(error).__name__, at=where(error))
            raise RetryableError(f"{step} failed") from error
        dead_letter(follower, public_reason(error))


def _about(event: CloudEvent, *, conversation_id: str | None = None, run: int = 0) -> About:
    return {"event_id": event["id"], "conversation_id": conversation_id, "run": run}


def _trace_of(request: Request) -> Trace | None:
    return tracing.of_headers(request.headers.get)


def _body(message: type[T], request: Request) -> T:
    try:
        # A newer version may say more, while it is deployed or after it was taken back.
        return message.model_validate_json(request.get_data(), extra="ignore")
    except ValueError as error:
        raise InvalidInputError("a task with an unreadable body") from error


def _cloud_event(handler: Callable[..., object], receive: Callable[[CloudEvent], None]) -> Callable[[CloudEvent], None]:
    @functions_framework.cloud_event
    @wraps(handler)
    @hop()
    def entry(event: CloudEvent) -> None:
        try:
            with accounted():
                receive(event)
        except InvalidInputError as error:
            fail(error)
            get_logger().error("event_refused", event_id=event["id"], reason=str(error))
        except EarshotError as error:
            fail(error)
            get_logger().warning("event_postponed", event_id=event["id"], error=type(error).__name__)
            raise ServiceUnavailable from error

    settle()
    registered: Callable[[CloudEvent], None] = entry
    return registered


def _http(
    handler: Callable[..., object], receive: Callable[[Request], None]
) -> Callable[[Request], ResponseReturnValue]:
    @functions_framework.http
    @wraps(handler)
    @hop()
    def entry(request: Request) -> ResponseReturnValue:
        try:
            with accounted():
                receive(request)
        except InvalidInputError as error:
            fail(error)
            get_logger().error("task_refused", reason=str(error))
            return {"detail": str(error)}, 200  # an error would only bring the same body back
        except EarshotError as error:
            fail(error)
            return {"detail": str(error)}, error.status
        return {"status": "ok"}, 200

    settle()
    registered: Callable[[Request], ResponseReturnValue] = entry
    return registered
