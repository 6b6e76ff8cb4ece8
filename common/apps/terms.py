"""On what terms each kind of news is told: how long it is worth telling, and how long an address may take."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from common.core import clock
from common.models.webhook import WebhookKind


@dataclass(frozen=True)
class Terms:
    """Both in real seconds: the receiver lives in real time.

    Attributes:
        within_s: in which an address has to answer.
        fresh_s: after which nobody wants to know any more.
        live: whether it is told while it happens.
    """

    within_s: float
    fresh_s: float
    live: bool


_LIVE = Terms(within_s=15.0, fresh_s=300.0, live=True)
_DONE = Terms(within_s=30.0, fresh_s=24 * 3600.0, live=False)


def terms(kind: WebhookKind) -> Terms:
    """Those of one kind of news."""
    return _LIVE if kind in {WebhookKind.TRANSCRIPT, WebhookKind.AUDIO} else _DONE


def is_stale(kind: WebhookKind, happened_at: datetime) -> bool:
    """Whether what has happened is of no interest any more."""
    return clock.now() - happened_at > timedelta(seconds=terms(kind).fresh_s)
