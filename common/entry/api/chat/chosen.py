"""Which chat a request is about: older clients say `plugin_id`, and write `null` or nothing for the main one."""

from typing import Annotated

from fastapi import Depends, Header, Query

from common.database.messages import Chat

LONGEST_ID = 200
_NONE = frozenset({"", "null"})

AppId = Annotated[str | None, Query(max_length=LONGEST_ID, description="The app that is talked to; none by default")]


def named(app_id: str | None) -> str | None:
    """An app's id, or None for what older clients write in its place."""
    return None if app_id in _NONE else app_id


async def _chosen(app_id: AppId = None, plugin_id: AppId = None) -> Chat:
    return Chat(app_id=named(app_id) or named(plugin_id))


Chosen = Annotated[Chat, Depends(_chosen)]

ClientKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Sent again under the same key, a message is stored and answered once",
    ),
]
