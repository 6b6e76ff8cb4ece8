"""Collection `plugins_data/{id}/usage_history`: one document per use of an app, so that counting never contends."""

from __future__ import annotations

from common.core import clock
from common.core.ids import derived_id
from common.database.apps import COLLECTION as APPS
from common.database.documents import Documents
from common.database.firestore import field_filter
from common.models.app import App
from common.models.app_use import AppUse, Left, UseKind


def of(app_id: str) -> Documents[AppUse]:
    """The uses of an app."""
    return Documents(APPS, app_id, "usage_history", model=AppUse, noun="Use")


def note(app: App, kind: UseKind, *, uid: str, once: tuple[str, ...], reason: Left | None = None) -> None:
    """Count a use; on the same occasion once, and never its maker's own."""
    if not app.owned_by(uid):
        use_id = derived_id("use", app.id, kind.value, uid, *once)
        of(app.id).put(AppUse(id=use_id, type=kind, timestamp=clock.now(), reason=reason))


def count(app_id: str, kind: UseKind) -> int:
    """How often it was used for this."""
    return _count(app_id, "type", kind)


def count_left(app_id: str, reason: Left) -> int:
    """How often it came to nothing for this reason."""
    return _count(app_id, "reason", reason)


def _count(app_id: str, field: str, value: UseKind | Left) -> int:
    uses = of(app_id)
    return uses.count(uses.collection.where(filter=field_filter(field, "==", value.value)))
