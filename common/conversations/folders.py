"""Filing: the folders every user has, the user's own, and what is in them."""

from collections.abc import Sequence
from typing import Any

from common.conversations.browse import list_conversations
from common.core import clock, deletions
from common.core.deletions import Deletion
from common.core.errors import BadRequestError, ConflictError, PermissionDeniedError
from common.core.ids import derived_id, new_id
from common.database import conversations, folders
from common.models.conversation import Conversation
from common.models.folder import Folder, FolderView

MOST_CUSTOM = 50

_SYSTEM: tuple[dict[str, Any], ...] = (
    {
        "name": "Work",
        "color": "#3B82F6",
        "icon": "work",
        "category_mapping": "work",
        "description": "Work and business",
    },
    {
        "name": "Personal",
        "color": "#10B981",
        "icon": "person",
        "category_mapping": "personal",
        "description": "Everyday life, and what fits nowhere else",
        "is_default": True,
    },
    {
        "name": "Social",
        "color": "#F59E0B",
        "icon": "group",
        "category_mapping": "social",
        "description": "Friends and family",
    },
)


def list_folders(*, uid: str) -> list[FolderView]:
    """Every folder with its number of conversations; those that every user has are made on the first look."""
    known = folders_of(uid=uid)
    counts = folders.counts([folder.id for folder in known], uid=uid)
    return [folder.with_count(count) for folder, count in zip(known, counts, strict=True)]


def create_folder(
    *, uid: str, name: str, description: str | None, color: str, icon: str, folder_id: str | None = None
) -> FolderView:
    """Make a folder of the user's own, behind the others; under an id that was used before, the one that was made then.

    Raises:
        ConflictError: there are MOST_CUSTOM of them.
    """
    folders_of(uid=uid)
    now = clock.now()
    called = folder_id or new_id()

    def make(known: list[Folder]) -> Folder:
        if there := next((folder for folder in known if folder.id == called), None):
            return there
        if sum(not folder.is_system for folder in known) >= MOST_CUSTOM:
            raise ConflictError(f"There are {MOST_CUSTOM} folders already")
        return Folder(
            id=called,
            name=name,
            description=description,
            color=color,
            icon=icon,
            created_at=now,
            updated_at=now,
            order=max((folder.order for folder in known), default=-1) + 1,
        )

    return folders.add(make, uid=uid).with_count(0)


def change_folder(*, uid: str, folder_id: str, changes: dict[str, Any]) -> FolderView:
    """Name it, describe it or show it differently.

    Raises:
        NotFoundError: no such folder.
    """
    now = clock.now()
    changed = folders.of(uid=uid).change(
        folder_id, lambda folder: folder.model_copy(update={**changes, "updated_at": now}) if changes else None
    )
    [count] = folders.counts([folder_id], uid=uid)
    return changed.with_count(count)


def delete_folder(*, uid: str, folder_id: str, move_to: str | None) -> None:
    """Delete a folder of the user's own; its conversations go to another, or are in none.

    Raises:
        NotFoundError: no such folder, or none to move to.
        BadRequestError: it shall be moved into itself.
        PermissionDeniedError: every user has it.
    """
    if move_to == folder_id:
        raise BadRequestError("A folder cannot be moved into itself")
    if folders.of(uid=uid).get(folder_id).is_system:
        raise PermissionDeniedError("This folder cannot be deleted")
    folders.move_all(uid=uid, source=folder_id, target=move_to)
    folders.of(uid=uid).delete(folder_id)
    deletions.tell(Deletion.FOLDER, folder_id, uid=uid, moved_to=move_to)
    # What was filed here meanwhile; from now on nothing can be.
    folders.move_all(uid=uid, source=folder_id, target=move_to)


def list_filed(*, uid: str, folder_id: str, limit: int, offset: int, include_discarded: bool) -> list[Conversation]:
    """What is in a folder, newest first.

    Raises:
        NotFoundError: no such folder.
    """
    folders.of(uid=uid).get(folder_id)
    return list_conversations(
        uid=uid, limit=limit, offset=offset, folder_id=folder_id, include_discarded=include_discarded
    )


def file_conversation(*, uid: str, conversation_id: str, folder_id: str | None) -> Conversation:
    """Put a conversation into a folder, or into none.

    Raises:
        NotFoundError: no such conversation or folder.
        LockedError: it was made without credit.
    """
    folders.file_one(conversation_id, uid=uid, folder_id=folder_id)
    return conversations.get(uid=uid, conversation_id=conversation_id)


def file_conversations(*, uid: str, conversation_ids: Sequence[str], folder_id: str) -> int:
    """Put several into a folder; how many of them are there now.

    Raises:
        NotFoundError: no such folder.
    """
    return folders.file(conversation_ids, uid=uid, folder_id=folder_id)


def reorder_folders(*, uid: str, folder_ids: Sequence[str]) -> None:
    """Show these first, in this order.

    Raises:
        NotFoundError: one of them is not there.
    """
    folders_of(uid=uid)
    folders.reorder(folder_ids, uid=uid)


def folders_of(*, uid: str) -> list[Folder]:
    """Every folder in the user's order, after making those that every user has."""
    known = folders.list_all(uid=uid)
    there = {folder.id for folder in known}
    missing = [folder for folder in _system_folders(uid) if folder.id not in there]
    if not missing:
        return known
    try:
        folders.of(uid=uid).create_many(missing)
    except ConflictError:  # somebody else has just made them, and may have changed them since
        return folders.list_all(uid=uid)
    return folders.in_order([*known, *missing])


def _system_folders(uid: str) -> list[Folder]:
    now = clock.now()
    return [
        Folder.model_validate(
            {
                **fields,
                "id": derived_id("folder", uid, fields["name"]),
                "created_at": now,
                "updated_at": now,
                "order": place,
                "is_system": True,
            }
        )
        for place, fields in enumerate(_SYSTEM)
    ]
