"""What users of the app are told, by whoever runs this: who sees what, when, and until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.core import clock
from common.core.errors import ConflictError, InvalidInputError
from common.core.ids import derived_id, new_id
from common.database import announcements
from common.models.announcement import Announcement, AnnouncementFields, AnnouncementType, Dismissal, Trigger

if TYPE_CHECKING:
    from datetime import datetime

_NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Asking:
    """An app that asks what there is to tell."""

    trigger: Trigger
    app_version: str
    platform: str
    firmware_version: str | None = None
    device_model: str | None = None


def announce(fields: AnnouncementFields, *, key: str | None = None) -> Announcement:
    """Tell users something; under a `key` that was used before, it is what was told then.

    Raises:
        InvalidInputError: then it was something else.
    """
    announcement_id = new_id() if key is None else derived_id("announcement", key)
    told = Announcement(id=announcement_id, created_at=clock.now(), **fields.model_dump())
    try:
        return announcements.ALL.create(told)
    except ConflictError:
        before = announcements.ALL.get(told.id)
    if before.model_copy(update={"created_at": told.created_at}) != told:
        raise InvalidInputError("This Idempotency-Key was used for another request")
    return before


def list_pending(asking: Asking, *, uid: str) -> list[Announcement]:
    """What an app has to show its user now, the most important first."""
    now = clock.now()
    found = [each for each in announcements.list_newest() if _is_for(each, asking, now)]
    once = [each.id for each in found if each.display.show_once]
    dismissed = {each.id for each in announcements.dismissed_by(uid=uid).find_many(once)} if once else set()
    return sorted((each for each in found if each.id not in dismissed), key=lambda each: -each.display.priority)


def list_changelogs(*, limit: int, max_version: str | None) -> list[Announcement]:
    """What was new in the latest versions of the app, up to `max_version`, the latest first."""
    now = clock.now()
    known = [
        each
        for each in announcements.list_newest()
        if each.type is AnnouncementType.CHANGELOG and _is_current(each, now) and each.app_version
        if not max_version or _order(each.app_version) <= _order(max_version)
    ]
    return sorted(known, key=lambda each: _order(each.app_version or ""), reverse=True)[:limit]


def dismiss(announcement_id: str, *, cta_clicked: bool, uid: str) -> None:
    """Show a user an announcement no more.

    Raises:
        NotFoundError: there is none.
    """
    told = announcements.ALL.get(announcement_id)
    dismissal = Dismissal(id=told.id, dismissed_at=clock.now(), cta_clicked=cta_clicked)
    announcements.dismissed_by(uid=uid).put(dismissal)


def _is_for(told: Announcement, asking: Asking, now: datetime) -> bool:
    target = told.targeting
    return (
        told.type is not AnnouncementType.CHANGELOG
        and target.trigger is asking.trigger
        and _is_current(told, now)
        and _within(asking.app_version, target.app_version_min, target.app_version_max)
        and _within(asking.firmware_version, target.firmware_version_min, target.firmware_version_max)
        and (not target.platforms or asking.platform in target.platforms)
        and (not target.device_models or asking.device_model in target.device_models)
    )


def _is_current(told: Announcement, now: datetime) -> bool:
    ends = [end for end in (told.expires_at, told.display.expires_at) if end is not None]
    return (
        told.active and not (told.display.start_at and now < told.display.start_at) and all(now < end for end in ends)
    )


def _within(version: str | None, least: str | None, most: str | None) -> bool:
    """Whether a version lies between two; one that is not known does so only where nothing is asked of it."""
    if not version:
        return not least and not most
    return not (least and _order(version) < _order(least)) and not (most and _order(version) > _order(most))


def _order(version: str) -> tuple[int, ...]:
    """What a version such as `1.0.510+520` is compared by; zeros at its end say nothing."""
    numbers = [int(number) for number in _NUMBER.findall(version)]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
