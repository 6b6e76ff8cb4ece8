"""What a conversation gives its owner to do stands on their list, too (CONTRACT section 5.6).

Every run brings the list in step: what was said again stays as it is, what no longer is goes unless its owner has
touched it, and what they have deleted, or have on their list from elsewhere, is not put there again.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from common.action_items.alike import Alike
from common.action_items.exporting import announce_export
from common.action_items.reminders import announce_due
from common.core import clock
from common.core.errors import OutdatedError
from common.core.ids import derived_id
from common.database import account_deletions, action_items, bound_writes, conversations, forgotten, users
from common.database.action_items import Filters
from common.database.bound_writes import Change
from common.models import structured
from common.models.action_item import ActionItem, wording_key
from common.models.conversation import Conversation

_MOST = 200
"""Items of one conversation."""
_TRIES = 4
"""To compare what a conversation gives to do with the list, while others of the same user put something there."""
_LOOKED_BACK = timedelta(days=7)
_MOST_OPEN = 50
"""Items of that time that new ones are compared with."""


def collect_action_items(*, uid: str, conversation_id: str, run: int) -> str:
    """Do it for one run; says in a word what came of it. Doing it again changes nothing.

    Raises:
        RetryableError: a model or store failed, or the list was changed meanwhile.
    """
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None or account_deletions.under_way(uid):
        return "deleted"
    if not bound_writes.is_current(conversation, run=run):
        return "superseded"
    if conversation.is_locked:
        return "locked"
    for _ in range(_TRIES):
        with suppress(OutdatedError):
            return _collect(conversation, uid=uid)
    raise OutdatedError("Other conversations keep putting something on the list")


def _collect(conversation: Conversation, *, uid: str) -> str:
    """Bring the list in step with the conversation as it was read.

    Raises:
        OutdatedError: another conversation has changed the list meanwhile.
    """
    taught = bound_writes.count_taught(uid=uid, kind="action_items")
    wanted = [] if conversation.discarded else _wanted(conversation, uid=uid)
    listed, _ = action_items.list_page(Filters(conversation_id=conversation.id), uid=uid, limit=_MOST)
    known = {key: item for item in listed for key in _keys(item)}
    missing = [each for each in wanted if wording_key(each.description) not in known]
    keys = {wording_key(each.description): each for each in wanted}
    kept, changed, gone = _sorted_out(listed, keys)
    new = _new(missing, kept, conversation, uid=uid)
    store = action_items.of(uid=uid)
    changes = [
        *(Change(store, None, item) for item in new),
        *(Change(store, before, after) for before, after in changed),
        *(Change(store, item, None) for item in gone),
    ]
    written = bound_writes.write_for_run(
        changes, uid=uid, conversation_id=conversation.id, run=conversation.run, taught=taught, kind="action_items"
    )
    if not written:
        return "superseded"
    _announce(new, [after for _, after in changed], kept, gone, uid=uid)
    return f"{len(new)} new, {len(changed)} changed, {len(gone)} gone"


def _wanted(conversation: Conversation, *, uid: str) -> list[structured.ActionItem]:
    """What the conversation says is to be done, each once, without what its owner has deleted since."""
    said = {wording_key(each.description): each for each in conversation.structured.action_items[:_MOST]}
    notes = forgotten.of(uid=uid).find_many([forgotten.forgotten_id("action_item", key) for key in said])
    began = conversation.began
    taken_back = {note.id for note in notes if note.forgotten_at > began}
    return [each for key, each in said.items() if forgotten.forgotten_id("action_item", key) not in taken_back]


def _keys(item: ActionItem) -> set[str]:
    """What an item on the list was called first, and is called now."""
    return {wording_key(item.description), *([item.wording] if item.wording else [])}


def _sorted_out(
    listed: Sequence[ActionItem], wanted: dict[str, structured.ActionItem]
) -> tuple[list[ActionItem], list[tuple[ActionItem, ActionItem]], list[ActionItem]]:
    """Of what is on the list from before: what stays as it is, what changes, and what goes."""
    kept: list[ActionItem] = []
    changed: list[tuple[ActionItem, ActionItem]] = []
    gone: list[ActionItem] = []
    for item in listed:
        said = next((wanted[key] for key in sorted(_keys(item)) if key in wanted), None)
        if _is_owners(item):
            kept.append(item)
        elif said is None:
            gone.append(item)
        elif (item.due_at, item.completed) != (said.due_at, said.completed):
            done = {"completed": said.completed, "completed_at": said.completed_at or clock.now()}
            update = {"due_at": said.due_at, "updated_at": clock.now(), **(done if said.completed else {})}
            changed.append((item, item.model_copy(update=update)))
        else:
            kept.append(item)
    return kept, changed, gone


def _is_owners(item: ActionItem) -> bool:
    return item.touched or item.completed or item.exported or item.is_locked


def _new(
    missing: Sequence[structured.ActionItem], kept: Sequence[ActionItem], conversation: Conversation, *, uid: str
) -> list[ActionItem]:
    """The items that are not on the list in any words."""
    if not missing:
        return []
    since = clock.now() - _LOOKED_BACK
    filters = Filters(completed=False, created_from=since)
    recent, _ = action_items.list_page(filters, uid=uid, limit=_MOST_OPEN)
    elsewhere = [item for item in recent if item.conversation_id != conversation.id and not item.is_locked]
    own = [item for item in kept if _is_owners(item)]
    alike = Alike([each.description for each in missing], [item.description for item in [*own, *elsewhere]])
    local = users.zone(uid=uid)
    now = clock.now()
    new = []
    for number, each in enumerate(missing):
        doubles = alike.of(number)
        day = each.due_at.astimezone(local).date() if each.due_at else None
        if any(
            place < len(own)
            or day is None
            or ((due := elsewhere[place - len(own)].due_at) is not None and due.astimezone(local).date() == day)
            for place in doubles
        ):
            continue
        key = wording_key(each.description)
        new.append(
            ActionItem(
                id=derived_id("action_item", uid, conversation.id, key),
                uid=uid,
                description=each.description,
                completed=each.completed,
                completed_at=each.completed_at or now if each.completed else None,
                due_at=each.due_at,
                created_at=now,
                updated_at=now,
                conversation_id=conversation.id,
                wording=key,
            )
        )
    return new


def _announce(
    new: Sequence[ActionItem],
    changed: Sequence[ActionItem],
    kept: Sequence[ActionItem],
    gone: Sequence[ActionItem],
    *,
    uid: str,
) -> None:
    """Tell whoever reminds; of what was there, too: what stored it may have ended before it could say so."""
    announce_due((item for item in [*new, *kept] if item.due_at), uid=uid, change="created")
    announce_due(changed, uid=uid, change="changed")
    announce_due((item for item in gone if item.due_at), uid=uid, change="deleted")
    announce_export([*new, *kept], uid=uid)
