"""How what was deleted is found where it is there again, and deleted once more, as its owner has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from common.accounts.deletion import request_deletion
from common.action_items.edit import delete_action_item
from common.action_items.elsewhere import leaving
from common.apps.making import delete_app
from common.chat.sessions import delete_session, empty_chat
from common.conversations.delete import delete_conversation
from common.conversations.folders import delete_folder
from common.core.deletions import Deletion
from common.core.errors import NotFoundError
from common.core.ids import digest
from common.database import (
    action_items,
    api_keys,
    apps,
    chat_sessions,
    daily_summaries,
    everyone,
    folders,
    goals,
    installs,
    meetings,
    memories,
    messages,
    people,
    token_shares,
    users,
    visibility,
)
from common.database.account_deletions import asked_for_since
from common.database.api_keys import KeyKind
from common.database.conversation_outlines import find_outlines
from common.database.messages import Chat
from common.database.shares import shares
from common.memories.edit import delete_memory
from common.models.base import utc_moment
from common.models.conversation import ConversationVisibility
from common.people.edit import delete_person
from common.users.consents import Consent, consent
from common.users.webhooks import WebhookType, switch_webhook
from operate.told import ACTION_ITEM, CONVERSATION, MEMORY, USER, Deleted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from common.database.documents import Documents

FAILED, NOT_THERE = "failed", "not there"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""Of what does not say since when it is there."""


@dataclass(frozen=True)
class Way:
    """Of one kind: since when it is there, None where it is not; and how it is deleted. Both get a uid."""

    since: Callable[[str, Deleted], datetime | None]
    delete: Callable[[str, Deleted], object]


def owners(deleted: list[Deleted]) -> dict[str, str]:
    """The uids of those of the users who are there, by their hashes."""
    wanted = {each.user for each in deleted}
    known = {hashed: uid for uid in everyone.uids() if (hashed := digest(uid)) in wanted}
    # Who has nothing of their own may still have what lies among everybody's, and says whose it is.
    for each in deleted:
        if each.user not in known and each.kind in _AMONG_EVERYBODYS:
            store, owner = _AMONG_EVERYBODYS[each.kind]
            uid = (store(each).reference(each.id).get([owner]).to_dict() or {}).get(owner)
            if isinstance(uid, str) and digest(uid) == each.user:
                known[each.user] = uid
    return known


def is_there(deleted: Deleted, *, uid: str) -> bool:
    """Whether it can be found; a user, unless they were deleted again, who may have come back since."""
    if deleted.kind == USER:
        return everyone.is_known(uid=uid) and not asked_for_since(deleted.at, uid=uid)
    since = WAYS[deleted.kind].since(uid, deleted)
    return since is not None and since < deleted.at


def delete_again(deleted: Deleted, *, uid: str) -> str:
    """Delete it as its owner would; says in a word what came of it."""
    if deleted.kind == USER:
        return request_deletion(uid=uid).state.value
    try:
        WAYS[deleted.kind].delete(uid, deleted)
    except NotFoundError:
        return FAILED if is_there(deleted, uid=uid) else NOT_THERE
    return "deleted"


_AMONG_EVERYBODYS: Mapping[str, tuple[Callable[[Deleted], Documents[Any]], str]] = {
    Deletion.APP: (lambda _: apps.ALL, "uid"),
    Deletion.APP_KEY: (lambda it: api_keys.of(KeyKind.APP, app_id=it.app_id), "user_id"),
    Deletion.DEVELOPER_KEY: (lambda _: api_keys.of(KeyKind.DEVELOPER), "user_id"),
    Deletion.MCP_KEY: (lambda _: api_keys.of(KeyKind.MCP), "user_id"),
    Deletion.SHARE: (lambda _: token_shares.everybodys(), "uid"),
    Deletion.SHARED_CONVERSATION: (lambda _: shares(), "uid"),
}
"""What does not lie below its user: where, and the field that says whose it is."""


def _made(
    store: Callable[[str], Documents[Any]], *, at: str = "created_at"
) -> Callable[[str, Deleted], datetime | None]:
    """Since when a document of a user is there, by the field `at` as it is stored: the rest may not be readable."""

    def since(uid: str, deleted: Deleted) -> datetime | None:
        snapshot = store(uid).reference(deleted.id).get([at])
        return _moment(snapshot.to_dict() or {}, at) if snapshot.exists else None

    return since


def _made_by(kind: Deletion, *, at: str = "created_at") -> Callable[[str, Deleted], datetime | None]:
    """The same of what lies among everybody's; not there where it is another user's."""
    store, owner = _AMONG_EVERYBODYS[kind]

    def since(uid: str, deleted: Deleted) -> datetime | None:
        fields = store(deleted).reference(deleted.id).get([at, owner]).to_dict() or {}
        return _moment(fields, at) if fields.get(owner) == uid else None

    return since


def _moment(fields: Mapping[str, Any], name: str) -> datetime:
    return utc_moment(made) if isinstance(made := fields.get(name), datetime) else _LONG_AGO


def _conversation(uid: str, deleted: Deleted) -> datetime | None:
    outline = find_outlines(uid=uid, conversation_ids=[deleted.id]).get(deleted.id)
    return outline.created_at if outline is not None else None


def _app(uid: str, deleted: Deleted) -> datetime | None:
    app = apps.ALL.find(deleted.id)
    return (app.created_at or _LONG_AGO) if app is not None and app.uid == uid and not app.deleted else None


def _chat(deleted: Deleted) -> Chat:
    return Chat(app_id=deleted.app_id or None, session_id=deleted.id or None)


def _said(uid: str, deleted: Deleted) -> datetime | None:
    """Whether anything is there that was said before the chat was emptied."""
    return _LONG_AGO if messages.has_before(deleted.at, _chat(deleted), uid=uid) else None


def _empty(uid: str, deleted: Deleted) -> None:
    empty_chat(_chat(deleted), uid=uid, before=deleted.at)


def _delete_folder(uid: str, deleted: Deleted) -> None:
    there = deleted.moved_to and folders.of(uid=uid).find(deleted.moved_to) is not None
    delete_folder(uid=uid, folder_id=deleted.id, move_to=deleted.moved_to if there else None)


def _hide(uid: str, deleted: Deleted) -> None:
    private = ConversationVisibility.PRIVATE
    visibility.set_visibility(uid=uid, conversation_id=deleted.id, visibility=private)


def _task_list(uid: str, deleted: Deleted) -> datetime | None:
    known = users.find(uid=uid).task_integrations.get(deleted.id)
    return (known.connected_at or _LONG_AGO) if known is not None and known.connected else None


def _key(kind: KeyKind, deletion: Deletion) -> Way:
    def revoke(uid: str, deleted: Deleted) -> None:
        api_keys.revoke(kind, key_id=deleted.id, uid=uid, app_id=deleted.app_id)

    return Way(_made_by(deletion), revoke)


def _consent(uid: str, deleted: Deleted) -> datetime | None:
    """Nothing says since when it is given: that it was taken back counts."""
    given = deleted.id in set(Consent) and getattr(users.find(uid=uid), deleted.id)
    return _LONG_AGO if given else None


def _webhook(uid: str, deleted: Deleted) -> datetime | None:
    known = users.find(uid=uid).developer_webhooks.get(deleted.id)
    return _LONG_AGO if known is not None and known.enabled and known.url else None


WAYS: Mapping[str, Way] = {
    CONVERSATION: Way(
        _conversation, lambda uid, it: delete_conversation(uid=uid, conversation_id=it.id, cascade=it.cascade)
    ),
    MEMORY: Way(_made(lambda uid: memories.of(uid=uid)), lambda uid, it: delete_memory(uid=uid, memory_id=it.id)),
    ACTION_ITEM: Way(
        _made(lambda uid: action_items.of(uid=uid)), lambda uid, it: delete_action_item(uid=uid, action_item_id=it.id)
    ),
    Deletion.APP: Way(_app, lambda uid, it: delete_app(it.id, uid=uid)),
    Deletion.APP_KEY: _key(KeyKind.APP, Deletion.APP_KEY),
    Deletion.CHAT: Way(_said, _empty),
    Deletion.CHAT_SESSION: Way(
        _made(lambda uid: chat_sessions.of(uid=uid)), lambda uid, it: delete_session(it.id, uid=uid)
    ),
    Deletion.CONSENT: Way(_consent, lambda uid, it: consent(Consent(it.id), given=False, uid=uid)),
    Deletion.DAILY_SUMMARY: Way(
        _made(lambda uid: daily_summaries.of(uid=uid)), lambda uid, it: daily_summaries.delete(it.id, uid=uid)
    ),
    Deletion.DEVELOPER_KEY: _key(KeyKind.DEVELOPER, Deletion.DEVELOPER_KEY),
    Deletion.ENABLED_APP: Way(
        _made(lambda uid: installs.of(uid=uid), at="enabled_at"),
        lambda uid, it: installs.disable(app_id=it.id, uid=uid),
    ),
    Deletion.FOLDER: Way(_made(lambda uid: folders.of(uid=uid)), _delete_folder),
    Deletion.GOAL: Way(_made(lambda uid: goals.of(uid=uid)), lambda uid, it: goals.delete(uid=uid, goal_id=it.id)),
    Deletion.MCP_KEY: _key(KeyKind.MCP, Deletion.MCP_KEY),
    Deletion.MEETING: Way(
        _made(lambda uid: meetings.of(uid=uid), at="told_at"), lambda uid, it: meetings.delete(it.id, uid=uid)
    ),
    Deletion.PERSON: Way(
        _made(lambda uid: people.of(uid=uid)), lambda uid, it: delete_person(uid=uid, person_id=it.id)
    ),
    Deletion.SHARE: Way(_made_by(Deletion.SHARE), lambda uid, it: token_shares.take_back(it.id, uid=uid)),
    Deletion.SHARED_CONVERSATION: Way(_made_by(Deletion.SHARED_CONVERSATION, at="shared_at"), _hide),
    Deletion.TASK_LIST: Way(_task_list, lambda uid, it: leaving.leave(it.id, uid=uid)),
    Deletion.WEBHOOK: Way(_webhook, lambda uid, it: switch_webhook(WebhookType(it.id), uid=uid, enabled=False)),
}
