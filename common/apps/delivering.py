"""Telling an app, or the user's own address, what has happened: once, as soon as it can be had.

A delivery is claimed under its id, so none that succeeded is made again; one that failed is made again by its task,
under the same `webhook-id`, until the queue gives up or it is too old to matter. What is answered is kept with the
claim until it is acted on: an attempt that is cut short loses no answer, and the next acts on it and asks no more. An
address that fails again and again is left alone for a while, by everybody, so that it costs nobody else anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import uniform

from common.apps.answers import Answer, act_on, read_answer
from common.apps.disabling import app_watched, developer_watched
from common.apps.enabling import with_uid
from common.apps.fetch import Heard, fetch
from common.apps.health import Watched, note_failure, note_success
from common.apps.payloads import Payload, load_payload
from common.apps.redacted import redacted
from common.apps.secrets import current_secret, signing_secrets
from common.apps.signing import signed_headers
from common.apps.terms import is_stale, terms
from common.core import clock, tracing
from common.core.errors import (
    BadRequestError,
    OutsideError,
    ProviderExhaustedError,
    ProviderRefusedError,
    RetryableError,
)
from common.core.logs import get_logger
from common.core.outside import place_of
from common.core.settings import settings
from common.database import apps, claims, installs, realtime, tasks, users, webhook_secrets
from common.database.claims import Claim, Settled
from common.database.documents import Documents
from common.database.slots import slot
from common.models.app import App
from common.models.events import DELIVERING, DeliverWebhook
from common.models.webhook import WebhookKind, WebhookSecret
from common.speech import circuits
from common.users.webhooks import circuit_of

STEP = DELIVERING
_LEASE_S = 120.0
"""Real seconds: as long as its function may take, the acting on an answer included."""
_KEPT_S = 24 * 3600.0
"""How long it is known that a delivery was made; its task is gone long before."""
_SLOT_S = 60
"""Real seconds: longer than any address is waited for."""
_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
_OK = range(200, 300)
_ANSWERED = {WebhookKind.TRANSCRIPT, WebhookKind.CONVERSATION}
"""What an address may have something to say about."""
_GONE = 410
_PAUSING = (429, 503)
"""With which an address may say for how long it wants to be left alone (RFC 9110, RFC 6585)."""


@dataclass(frozen=True)
class _Target:
    """Where a delivery goes; `app` is None for an address of the user's own."""

    url: str
    secrets: Documents[WebhookSecret]
    watched: Watched
    app: App | None = None

    @property
    def circuit(self) -> str:
        return circuit_of(self.url, app_id=self.app.id if self.app is not None else None)


@dataclass(frozen=True)
class _Done:
    """What became of a delivery; `taken`: it was delivered."""

    result: str
    taken: bool = False
    answer: Answer = field(default_factory=Answer)


def deliver_webhook(task: DeliverWebhook) -> None:
    """Make a delivery, unless it was made before or nobody wants it any more.

    Raises:
        RetryableError: not now; it is to be made later.
    """
    if is_stale(task.kind, task.happened_at):
        get_logger().info("webhook_settled", app_id=task.app_id, kind=task.kind.value, result="dropped")
        return
    target = _find_target(task)
    if target is None:  # nobody, or nobody any more: whoever has left gets no claim, either
        get_logger().info("webhook_settled", app_id=task.app_id, kind=task.kind.value, result="unwanted")
        return
    most = settings().webhooks_at_once
    with (
        slot("webhooks to", place_of(target.url), most=most, lease_s=_SLOT_S) as host_free,
        slot("webhooks about", task.uid, most=most, lease_s=_SLOT_S) as user_free,
    ):
        if not (host_free and user_free):
            _put_back(task)
            return
        claim = claims.acquire(
            uid=task.uid,
            step=STEP,
            subject=task.delivery_id,
            run=0,
            lease_seconds=_LEASE_S * clock.scale(),
            kept_s=_KEPT_S,
        )
        if isinstance(claim, Settled):
            return
        with _released_on_failure(claim):
            done = _deliver(task, target, claim)
    if done.taken and task.kind in _ANSWERED:
        with _released_on_failure(claim):
            act_on(done.answer, task, target.app)
    claims.finish(claim, result=done.result)
    get_logger().info("webhook_settled", app_id=task.app_id, kind=task.kind.value, result=done.result)
    if done.taken:
        note_success(target.watched)


def _put_back(task: DeliverWebhook) -> None:
    """To the queue, as a task of its own: whoever only waits for others to be through has not tried yet."""
    longest = min(_FIRST_WAIT_S * 2**task.waited, _LONGEST_WAIT_S)
    waits_s = uniform(longest / 2, longest)  # noqa: S311 - so that not all come back at once
    tasks.enqueue_delivery(
        task.model_copy(update={"waited": task.waited + 1}), at=clock.now() + timedelta(seconds=waits_s)
    )
    get_logger().info("webhook_waits", app_id=task.app_id, kind=task.kind.value, waited=task.waited + 1)


@contextmanager
def _released_on_failure(claim: Claim) -> Iterator[None]:
    try:
        yield
    except Exception:
        claims.release(claim)
        raise


def _deliver(task: DeliverWebhook, target: _Target, claim: Claim) -> _Done:
    if claim.noted is not None:  # it was told before, and only what it answered is left to be acted on
        return _Done("delivered", taken=True, answer=read_answer(claim.noted))
    if not circuits.closed(target.circuit):
        raise RetryableError("The address is left alone for a while")
    payload = load_payload(task)
    if payload is None:
        circuits.failed(target.circuit, ProviderRefusedError("not asked"))  # so that somebody else tries it
        return _Done("nothing to tell")
    done = _post(task, target, redacted(payload, app_id=task.app_id))
    if done.taken:
        # First of all: whatever goes wrong from here on must not make the delivery once more.
        claims.note(claim, done.answer.kept())
    return done


def _find_target(task: DeliverWebhook) -> _Target | None:
    """Where it goes by now: an app may have been turned off, disabled or moved since it was decided to tell it."""
    if task.app_id is None:
        own = realtime.developer_address(users.find(uid=task.uid), task.kind)
        watched = developer_watched(task.kind, uid=task.uid)
        return _Target(own[0], webhook_secrets.of_user(uid=task.uid), watched) if own else None
    app = apps.ALL.find(task.app_id)
    url = realtime.app_address(app, task.kind, uid=task.uid) if app is not None else None
    if app is None or url is None or not installs.is_enabled(app_id=app.id, uid=task.uid):
        return None
    return _Target(url, webhook_secrets.of_app(app.id), app_watched(app), app)


def _post(task: DeliverWebhook, target: _Target, payload: Payload) -> _Done:
    secrets = signing_secrets(current_secret(target.secrets))
    about = {"x-conversation-id": task.conversation_id} if task.conversation_id else {}
    place = {"x-position-ms": str(payload.position_ms)} if payload.position_ms is not None else {}
    headers = {
        "content-type": payload.content_type,
        **about,
        **place,
        **tracing.carried(),
        **signed_headers(payload.body, message_id=task.delivery_id, at=clock.now(), secrets=secrets),
    }
    url = with_uid(target.url, task.uid, **payload.query)
    heard = Heard()
    try:
        status, answer = fetch(
            url,
            method="POST",
            headers=headers,
            body=payload.body,
            within_s=terms(task.kind).within_s,
            encrypted=True,
            heard=heard,
            cut=True,  # it is for what we are told, and what is taken is not told again
        )
    except BadRequestError:
        _note_failure(target, "not an address that may be asked", ProviderRefusedError("refused"))
        return _Done("refused")
    except OutsideError as error:
        _note_failure(target, "no answer", error)
        raise RetryableError("The address does not answer") from error
    if status == _GONE:
        _note_failure(target, f"status {status}", ProviderRefusedError("gone"))
        return _Done("gone")
    if status not in _OK:
        paused = heard.pause_s is not None and status in _PAUSING
        refusal = ProviderExhaustedError("not now", pause_s=heard.pause_s) if paused else OutsideError("refused")
        _note_failure(target, f"status {status}", refusal)
        raise RetryableError("The address does not take it")
    circuits.worked(target.circuit)
    return _Done("delivered", taken=True, answer=read_answer(answer))


def _note_failure(target: _Target, reason: str, error: Exception) -> None:
    circuits.failed(target.circuit, error)
    get_logger().warning("webhook_failed", app_id=target.app.id if target.app is not None else None, reason=reason)
    note_failure(target.watched, reason)
