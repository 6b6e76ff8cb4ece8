"""`operate usage`: what a user has used, of models and recognisers too, and what they may use a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.settings import settings
from common.database import everyone, spending
from common.users.usage import Period, usage_of
from operate.arguments import Actions
from operate.outcome import Outcome

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    show = Actions(parser).add("show", "numbers of one user")
    show.add_argument("uid")
    show.add_argument("--period", choices=[period.value for period in Period], default=Period.MONTHLY.value)


def run(asked: Namespace) -> Outcome:
    """Do it."""
    uid, period = everyone.require(uid=asked.uid), Period(asked.period)
    used = usage_of(period, uid=uid)
    total = getattr(used, period.value)
    return Outcome(
        {
            "uid": uid,
            "period": period.value,
            **total.model_dump(),
            "language_tokens_today": spending.today(uid=uid).tokens,
            "language_tokens_per_user_day": settings().language_tokens_per_user_day or "no limit",
        },
        rows=[model.model_dump() for model in used.models],
    )
