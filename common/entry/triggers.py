"""Decorators that name a function's trigger: they decode, gate, and say what it is about and how often it is done."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from common.core import clock, metering, tracing
from common.core.errors import InvalidInputError
from common.core.logs import bind
from common.database import tasks
from common.entry.events import conversation_changed, document_changed, finished_upload, published, trace_of_message
from common.entry.hops import follow
from common.entry.matters import Matter, do_each_time, do_once, of_who_has_left
from common.entry.receiving import cloud_event, http

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloudevents.http import CloudEvent
    from flask import Request
    from flask.typing import ResponseReturnValue

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

    def receive(event: CloudEvent, handler: Callable[[ProcessingEntered], str]) -> None:
        change = conversation_changed(event)
        entered = change.entered_processing
        if entered is None:
            return
        matter = Matter(
            step=step,
            uid=entered.uid,
            subject=entered.conversation_id,
            trace=change.trace,
            run=entered.run,
            conversation_id=entered.conversation_id,
        )
        do_once(matter, event=event, work=partial(handler, entered), give_up=partial(give_up, entered))

    return cloud_event(receive)


def on_conversation_written(
    *, step: str
) -> Callable[[Callable[[ConversationChanged], None]], Callable[[CloudEvent], None]]:
    """Firestore `conversations/{id}` written, in any way: for followers, which read the document themselves."""

    def receive(event: CloudEvent, handler: Callable[[ConversationChanged], None]) -> None:
        change = conversation_changed(event)
        matter = Matter(
            step=step,
            uid=change.uid,
            subject=change.conversation_id,
            trace=change.trace,
            run=change.after.run if change.after else 0,
            conversation_id=change.conversation_id,
        )
        do_each_time(matter, event=event, work=partial(handler, change))

    return cloud_event(receive)


def on_document_written(
    *, step: str, collection: str
) -> Callable[[Callable[[DocumentChanged], None]], Callable[[CloudEvent], None]]:
    """Firestore `users/{uid}/{collection}/{id}` written, in any way: for followers, which read the document."""

    def receive(event: CloudEvent, handler: Callable[[DocumentChanged], None]) -> None:
        change = document_changed(event, collection=collection)
        matter = Matter(
            step=step,
            uid=change.uid,
            subject=change.document_id,
            trace=change.trace,
            document_id=change.document_id,
        )
        do_each_time(matter, event=event, work=partial(handler, change))

    return cloud_event(receive)


def on_object_finalized(
    *, step: str, owner: Callable[[Upload], str], give_up: Callable[[Upload, str], None]
) -> Callable[[Callable[[Upload], str]], Callable[[CloudEvent], None]]:
    """Cloud Storage object finalized: once per generation of an object; its metadata may name a trace.

    Nothing announces an object again, so an outage is waited out for as long as the platform delivers this.
    """

    def receive(event: CloudEvent, handler: Callable[[Upload], str]) -> None:
        upload = finished_upload(event)
        trace = tracing.of_headers(upload.metadata.get)
        matter = Matter(step=step, uid=owner(upload), subject=upload.key, trace=trace, lasting=True)
        do_once(matter, event=event, work=partial(handler, upload), give_up=partial(give_up, upload))

    return cloud_event(receive)


def on_published(message: type[E], *, step: str) -> Callable[[Callable[[E], None]], Callable[[CloudEvent], None]]:
    """Pub/Sub: a message is `message`; for work that does nothing twice by itself."""

    def receive(event: CloudEvent, handler: Callable[[E], None]) -> None:
        told = published(event, message)
        matter = Matter(
            step=step,
            uid=told.uid,
            subject=told.event_id,
            trace=trace_of_message(event),
            told_id=told.event_id,
        )
        do_each_time(matter, event=event, work=partial(handler, told))

    return cloud_event(receive)


def on_completed(
    message: type[C], *, step: str, give_up: Callable[[C, str], None] | None = None
) -> Callable[[Callable[[C], str]], Callable[[CloudEvent], None]]:
    """Pub/Sub: a message is `message`, about a conversation that is done: once per run of it.

    Without `give_up` nothing in the conversation says what was not done: it is complete.
    """

    def receive(event: CloudEvent, handler: Callable[[C], str]) -> None:
        told = published(event, message)
        matter = Matter(
            step=step,
            uid=told.uid,
            subject=told.conversation_id,
            trace=trace_of_message(event),
            run=told.run,
            conversation_id=told.conversation_id,
        )
        mark = partial(give_up, told) if give_up is not None else lambda _: None
        do_once(matter, event=event, work=partial(handler, told), give_up=mark)

    return cloud_event(receive)


def on_task(
    message: type[M], *, step: str, give_up: Callable[[M, str], None]
) -> Callable[[Callable[[M], str]], Callable[[Request], ResponseReturnValue]]:
    """Cloud Tasks (HTTP): the body is `message`; once per subject and run."""

    def receive(request: Request, handler: Callable[[M], str]) -> None:
        task = _body(message, request)
        matter = Matter(
            step=step,
            uid=task.uid,
            subject=task.subject,
            trace=_trace_of(request),
            run=task.run,
            conversation_id=task.conversation_id,
            asked_at=_asked_at(request),
        )
        do_once(matter, event=None, work=partial(handler, task), give_up=partial(give_up, task))

    return http(receive)


def on_timer(
    message: type[T], *, step: str
) -> Callable[[Callable[[T], None]], Callable[[Request], ResponseReturnValue]]:
    """Cloud Tasks (HTTP) for work that looks at the present state only, and may be done any number of times."""

    def receive(request: Request, handler: Callable[[T], None]) -> None:
        task = _body(message, request)
        conversation_id = getattr(task, "conversation_id", None)
        bind(uid=task.uid, conversation_id=conversation_id, step=step)
        follow(_trace_of(request), step, conversation_id=conversation_id)
        metering.charge(task.uid)
        matter = Matter(
            step=step, uid=task.uid, subject=step, conversation_id=conversation_id, asked_at=_asked_at(request)
        )
        if not of_who_has_left(matter, clock.now()):
            handler(task)

    return http(receive)


def on_schedule(handler: Callable[[], object]) -> Callable[[Request], ResponseReturnValue]:
    """Cloud Scheduler (HTTP). Nobody's in particular: what it moves goes on in a trace of its own."""

    def receive(_: Request, handler: Callable[[], object]) -> None:
        handler()

    return http(receive)(handler)


def _trace_of(request: Request) -> Trace | None:
    return tracing.of_headers(request.headers.get)


def _asked_at(request: Request) -> datetime | None:
    """When a task was asked for; tasks of an older version do not say."""
    try:
        return datetime.fromisoformat(request.headers.get(tasks.ASKED_AT, "")).astimezone(UTC)
    except ValueError:
        return None


def _body(message: type[T], request: Request) -> T:
    try:
        # A newer version may say more, while it is deployed or after it was taken back.
        return message.model_validate_json(request.get_data(), extra="ignore")
    except ValueError as error:
        raise InvalidInputError("a task with an unreadable body") from error
