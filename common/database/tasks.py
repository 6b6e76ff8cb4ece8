"""Cloud Tasks: work for later, at most one task per name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from common.core import clock, tracing
from common.core.ids import digest, new_id
from common.core.settings import settings
from common.database import refusals
from common.database.clients import tasks_client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.models.events import (
        ApplyApp,
        DeleteAccount,
        DeliverWebhook,
        DescribePhoto,
        FinalizeConversation,
        FinishAnswer,
        ForgetPerson,
        IngestOffline,
        LearnVoice,
        MergeConversations,
        Postprocess,
        ProtectUser,
        RefreshPersona,
        SummarizeDay,
        TranscribeSpan,
    )

ASKED_AT = "X-Asked-At"
"""The header of a task that says when it was asked for: the queue tells only when it was due last."""
_LONG_DEADLINE_S = 600
_DELETION_DEADLINE_S = 600
_LEARNING_STRETCH_S = 120.0
_DELIVERY_DEADLINE_S = 120
_PERSONA_STRETCH_S = 600.0
_PERSONA_FORGETS_S = 20.0
_ASKED_WITHIN_S = 20.0
_ANSWERED_WITHIN_S = 5.0
"""Real seconds for one of the tries, of which there are as many as the line before gives time for."""


def schedule_finalize(task: FinalizeConversation, *, at: datetime) -> None:
    """Ask at `at` whether the conversation is silent; asking twice for the same (nominal) second is asking once."""
    # A task's name is used up once it ran: in a fast cloud the next look may be due in the same real second.
    second = int(at.timestamp() / clock.seconds(1.0))
    _create(
        name=digest("finalize", task.uid, task.conversation_id, str(second)),
        url=settings().finalize_conversation_url,
        body=task.model_dump_json(),
        at=at,
    )


def enqueue_span(task: TranscribeSpan) -> None:
    """Have a span transcribed; once per span and run."""
    _create(
        name=digest("span", task.uid, task.conversation_id, task.key, str(task.run)),
        url=settings().transcribe_span_url,
        body=task.model_dump_json(),
        deadline_s=_LONG_DEADLINE_S,
        queue=settings().transcription_queue,
    )


def enqueue_photo(task: DescribePhoto, *, at: datetime | None = None) -> None:
    """Have a picture described; once per run, at once if not `at` a moment."""
    _create(
        name=digest("photo", task.uid, task.conversation_id, task.photo_id, str(task.run)),
        url=settings().describe_photo_url,
        body=task.model_dump_json(),
        at=at,
        deadline_s=_LONG_DEADLINE_S,
    )


def enqueue_postprocessing(task: Postprocess, *, at: datetime | None = None) -> None:
    """Ask, or look; once per look, at once if not `at` a moment."""
    _create(
        name=digest("postprocess", task.uid, task.subject),
        url=settings().advance_postprocessing_url,
        body=task.model_dump_json(),
        at=at,
        deadline_s=_LONG_DEADLINE_S,
    )


def enqueue_offline(task: IngestOffline) -> None:
    """Have a user's files worked on; once per call, as there may be more of them each time."""
    _create(
        name=digest("offline", task.uid, new_id()),
        url=settings().ingest_offline_url,
        body=task.model_dump_json(),
        deadline_s=_LONG_DEADLINE_S,
    )


def schedule_account_deletion(task: DeleteAccount, *, at: datetime, stretch: int | None = None) -> None:
    """Delete what there is of a user at `at`; where a stretch of time is named, once in it."""
    _create(
        name=digest("delete_account", task.uid, at.isoformat() if stretch is None else str(stretch)),
        url=settings().delete_account_url,
        body=task.model_dump_json(),
        at=at,
        deadline_s=_DELETION_DEADLINE_S,
    )


def enqueue_protection(
    task: ProtectUser, *, step: int, at: datetime | None = None, again: datetime | None = None
) -> None:
    """Have more of a user's documents brought into the form they have chosen; see `_enqueue_step`."""
    name = ("protect", task.uid, task.started_at.isoformat(), str(step))
    _enqueue_step(task, name, url=settings().protect_user_url, at=at, again=again)


def enqueue_forgetting(
    task: ForgetPerson, *, step: int, at: datetime | None = None, again: datetime | None = None
) -> None:
    """Have more of a deleted person taken out of conversations; see `_enqueue_step`."""
    name = ("forget", task.uid, task.person_id, task.deleted_at.isoformat(), str(step))
    _enqueue_step(task, name, url=settings().forget_person_url, at=at, again=again)


def schedule_learning(task: LearnVoice) -> None:
    """Have a voice learnt soon; however often that is asked for within two (nominal) minutes, once after them."""
    stretch = clock.seconds(_LEARNING_STRETCH_S)
    number = int(clock.now().timestamp() / stretch) + 1
    _create(
        name=digest("learn_voice", task.uid, task.conversation_id, task.person_id, str(number)),
        url=settings().learn_voice_url,
        body=task.model_dump_json(),
        at=datetime.fromtimestamp(number * stretch, UTC),
        deadline_s=_LONG_DEADLINE_S,
    )


def enqueue_merge(task: MergeConversations) -> None:
    """Have conversations merged; once."""
    _create(
        name=digest("merge", task.uid, task.conversation_id),
        url=settings().merge_conversations_url,
        body=task.model_dump_json(),
        deadline_s=_LONG_DEADLINE_S,
    )


def enqueue_delivery(task: DeliverWebhook, *, at: datetime | None = None) -> None:
    """Have somebody told what has happened, at once if not `at` a moment; once for each time that it was put back."""
    _create(
        name=digest("delivery", task.delivery_id, str(task.waited)) if task.waited else task.delivery_id,
        url=settings().deliver_webhook_url,
        body=task.model_dump_json(),
        at=at,
        deadline_s=_DELIVERY_DEADLINE_S,
        queue=settings().webhooks_queue,
    )


def enqueue_app(task: ApplyApp) -> None:
    """Have an app make something of a conversation; once per run of it and revision of the app."""
    _create(
        name=digest("apply_app", task.uid, task.subject, str(task.run)),
        url=settings().apply_app_url,
        body=task.model_dump_json(),
        deadline_s=_LONG_DEADLINE_S,
    )


def schedule_persona(task: RefreshPersona, *, soon: bool = False) -> None:
    """Have a persona told what is new; however often that is asked for within ten (nominal) minutes, once after.

    With `soon`, within twenty (nominal) seconds: it must not tell any longer what it knows.
    """
    stretch = clock.seconds(_PERSONA_FORGETS_S if soon else _PERSONA_STRETCH_S)
    number = int(clock.now().timestamp() / stretch) + 1
    _create(
        name=digest("refresh_persona", task.uid, "soon" if soon else "later", str(number)),
        url=settings().refresh_persona_url,
        body=task.model_dump_json(),
        at=datetime.fromtimestamp(number * stretch, UTC),
    )


def enqueue_day(task: SummarizeDay, *, attempt_at: datetime) -> None:
    """Have a day summed up; once for the attempt that is due at `attempt_at`."""
    _create(
        name=digest("summarize_day", task.uid, task.evening.isoformat(), attempt_at.isoformat()),
        url=settings().summarize_day_url,
        body=task.model_dump_json(),
        deadline_s=_LONG_DEADLINE_S,
        queue=settings().evenings_queue,
    )


def schedule_answer(task: FinishAnswer, *, at: datetime) -> None:
    """Have a message answered at `at`, should whoever was asked for it not have done so by then; once per attempt."""
    _create(
        name=digest("answer", task.uid, task.message_id, task.attempt),
        url=settings().finish_answer_url,
        body=task.model_dump_json(),
        at=at,
        deadline_s=_LONG_DEADLINE_S,
    )


def _enqueue_step(
    task: ProtectUser | ForgetPerson, name: Sequence[str], *, url: str, at: datetime | None, again: datetime | None
) -> None:
    """Have the step of this name done; once, at once if not `at` a moment.

    `again` tells the task from the one before it for the same step, which was lost.
    """
    once_more = [again.isoformat()] if again is not None else []
    _create(
        name=digest(*name, *once_more),
        url=url,
        body=task.model_dump_json(),
        at=at,
        deadline_s=_LONG_DEADLINE_S,
    )


def _create(
    *,
    name: str,
    url: str,
    body: str,
    at: datetime | None = None,
    deadline_s: int | None = None,
    queue: str | None = None,
) -> None:
    from google.api_core import exceptions, retry, timeout
    from google.cloud import tasks_v2
    from google.protobuf.duration_pb2 import Duration
    from google.protobuf.timestamp_pb2 import Timestamp

    client = tasks_client()
    path = client.queue_path(settings().google_cloud_project, settings().region, queue or settings().tasks_queue)
    identity = settings().tasks_identity
    request = tasks_v2.HttpRequest(
        url=url,
        http_method=tasks_v2.HttpMethod.POST,
        headers={"Content-Type": "application/json", ASKED_AT: clock.now().isoformat(), **tracing.carried()},
        body=body.encode(),
        oidc_token=tasks_v2.OidcToken(service_account_email=identity, audience=url) if identity else None,
    )
    task = tasks_v2.Task(name=f"{path}/tasks/{name}", http_request=request)
    if at is not None:
        schedule = Timestamp()
        schedule.FromDatetime(at)
        task.schedule_time = schedule
    if deadline_s is not None:
        task.dispatch_deadline = Duration(seconds=deadline_s)
    # The library asks once, for it cannot know that names make it safe; and the connection of an instance that stood
    # still for a while is gone without its knowing.
    again = retry.Retry(
        retry.if_exception_type(exceptions.ServiceUnavailable, exceptions.DeadlineExceeded),
        initial=0.1,
        maximum=2.0,
        timeout=_ASKED_WITHIN_S,
    )
    constant: Any = timeout.ConstantTimeout
    try:
        client.create_task(parent=path, task=task, retry=again, timeout=constant(_ANSWERED_WITHIN_S))
    except refusals.AlreadyExists:
        return  # the same work is waiting, or was done
