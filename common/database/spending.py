"""Collection `users/{uid}/llm_usage`: what was used of models and recognisers, one document per day (UTC).

Written by increments only, so that any number of writers at once lose nothing and none of them reads; each write has
a claim beside it, for one whose answer was lost is made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.core import clock
from common.core.ids import new_id
from common.database import claims, refusals
from common.database.clients import firestore_client
from common.database.documents import Documents
from common.database.firestore import field_filter, increment
from common.models.spending import Spending

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from common.core.metering import Line, Used

_AMOUNTS = ("calls", "tokens_in", "tokens_out", "estimated", "seconds")
_MOST_DAYS = 400
_STEP = "spending"
_KNOWN_S = 3600.0
"""Nobody tries for longer to write down the same."""


def of(*, uid: str) -> Documents[Spending]:
    """A user's days."""
    return Documents("users", uid, "llm_usage", model=Spending, noun="Spending")


def today(*, uid: str) -> Spending:
    """What was used today."""
    day = day_of(clock.now())
    return of(uid=uid).find(day) or Spending(id=day)


def list_since(moment: datetime, *, uid: str) -> list[Spending]:
    """The days since the one that `moment` is in, in order; the last _MOST_DAYS."""
    days = of(uid=uid)
    since = field_filter("id", ">=", day_of(moment))
    return days.stream(days.collection.where(filter=since).order_by("id").limit(_MOST_DAYS))


def add(uid: str, lines: Mapping[Line, Used]) -> None:
    """Add to today's."""
    day = day_of(clock.now())
    fields: dict[str, Any] = {"id": day}
    for (kind, name), used in lines.items():
        amounts = {amount: getattr(used, amount) for amount in _AMOUNTS}
        increments = {amount: increment(value) for amount, value in amounts.items() if value}
        if increments:  # an empty map would take the place of what was counted before
            fields.setdefault(kind, {})[name] = increments
    batch = firestore_client().batch()
    claims.settle_with(batch, uid=uid, step=_STEP, subject=new_id(), kept_s=_KNOWN_S)
    batch.set(of(uid=uid).reference(day), fields, merge=True)
    try:
        batch.commit()
    except refusals.AlreadyExists:
        return  # done, but the answer was lost


def day_of(moment: datetime) -> str:
    """The name of a day."""
    return f"{moment:%Y-%m-%d}"
