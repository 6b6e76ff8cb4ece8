"""The apps of one creator in the collection `plugins_data`, counted."""

from __future__ import annotations

from typing import Any

from common.database.clients import firestore_client
from common.database.firestore import field_filter


def count_apps(*, uid: str) -> tuple[int, int]:
    """How many apps a user has published, and how often they are installed."""
    mine = firestore_client().collection("plugins_data").where(filter=field_filter("uid", "==", uid))
    apps: Any = mine.count()
    installs: Any = mine.sum("installs")
    return int(apps.get()[0][0].value), int(installs.get()[0][0].value or 0)
