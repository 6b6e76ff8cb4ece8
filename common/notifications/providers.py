"""Who carries notifications to devices, as the settings say; made once per process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from common.core.settings import settings

if TYPE_CHECKING:
    from common.notifications.ports import Pusher


@cache
def pusher() -> Pusher | None:
    """The carrier; None where notifications do not leave."""
    known = settings()
    if known.push == "off":
        return None
    from common.notifications.fcm import FcmPusher, default_access

    return FcmPusher(
        known.google_cloud_project,
        url=known.fcm_url,
        access=None if known.fcm_url else default_access(),
        timeout_s=known.push_timeout_s,
    )
