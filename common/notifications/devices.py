"""A user's devices: each is told by a message of its own, and those that nobody reaches any more are forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.core.ids import digest
from common.core.logs import get_logger
from common.database import fcm_tokens
from common.notifications.ports import Outcome
from common.notifications.providers import pusher

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from common.models.fcm_token import FcmToken


@dataclass(frozen=True)
class Told:
    """What became of it: digests of the tokens that are settled, and whether others are to be tried again."""

    settled: tuple[str, ...] = ()
    incomplete: bool = False


def tell_devices(
    message_for: Callable[[str], dict[str, Any]],
    *,
    uid: str,
    kind: str,
    told: Collection[str] = (),
    devices: Sequence[FcmToken] | None = None,
) -> Told:
    """Tell every device of a user that has not been told yet.

    Args:
        message_for: makes the message to a token.
        uid: whose devices.
        kind: of notification, for logs.
        told: digests of the tokens that are settled already.
        devices: which of the user's devices it is for; None for all.
    """
    carrier = pusher()
    meant = fcm_tokens.list_all(uid=uid) if devices is None else devices
    devices = [device for device in meant if digest(device.token) not in told]
    if carrier is None or not devices:
        return Told()
    outcomes = carrier.push([message_for(device.token) for device in devices])
    by_outcome: dict[Outcome, list[str]] = {outcome: [] for outcome in Outcome}
    for device, outcome in zip(devices, outcomes, strict=True):
        by_outcome[outcome].append(device.token)
        if outcome is Outcome.GONE:
            fcm_tokens.forget(device, uid=uid)
    get_logger().info("pushed", kind=kind, **{outcome.value: len(tokens) for outcome, tokens in by_outcome.items()})
    settled = by_outcome[Outcome.SENT] + by_outcome[Outcome.REFUSED]
    return Told(tuple(digest(token) for token in settled), incomplete=bool(by_outcome[Outcome.LATER]))
