"""In which folder a conversation is filed by itself: only where its owner has not filed it (CONTRACT section 5.2)."""

from common.conversations.folders import folders_of
from common.core.errors import ProviderError
from common.core.logs import get_logger
from common.llm.ports import Shelf
from common.llm.providers import filer
from common.models.conversation import Conversation
from common.models.folder import Folder
from common.models.structured import ConversationCategory as C
from common.models.structured import Structured

_MAPPED = {
    "work": frozenset({C.WORK, C.BUSINESS, C.ENTREPRENEURSHIP, C.TECHNOLOGY, C.DESIGN}),
    "social": frozenset({C.SOCIAL, C.FAMILY, C.ROMANTIC, C.PARENTING}),
}
"""Which categories go into the folders that every user has; everything else into the default one."""


def choose_folder(conversation: Conversation, structured: Structured, *, uid: str) -> str | None:
    """The id of the folder it belongs in; None where it is filed already, or there is no folder.

    Folders of the user's own are chosen among by meaning; those that every user has go by category.
    """
    if conversation.folder_id is not None or conversation.folder_user_set or not structured.title:
        return None
    known = folders_of(uid=uid)
    if any(not folder.is_system for folder in known) and (chosen := _by_meaning(known, structured)) is not None:
        return chosen.id
    return _by_category(known, structured.category)


def filed(conversation: Conversation | None, folder_id: str | None) -> Conversation | None:
    """The conversation in this folder, unless its owner has filed it meanwhile; pure."""
    if conversation is None or folder_id is None or conversation.folder_id is not None or conversation.folder_user_set:
        return conversation
    return conversation.model_copy(update={"folder_id": folder_id})


def _by_meaning(known: list[Folder], structured: Structured) -> Folder | None:
    shelves = [Shelf(folder.name, folder.description or "") for folder in known]
    try:
        place = filer().choose(shelves, structured)
    except ProviderError:  # a conversation in the wrong folder is better than one that failed
        get_logger().warning("folder_not_chosen")
        return None
    return None if place is None else known[place]


def _by_category(known: list[Folder], category: C) -> str | None:
    mapped = next((name for name, categories in _MAPPED.items() if category in categories), None)
    fits = next((folder for folder in known if mapped is not None and folder.category_mapping == mapped), None)
    default = next((folder for folder in known if folder.is_default), None)
    chosen = fits or default
    return None if chosen is None else chosen.id
