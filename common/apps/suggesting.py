"""Which apps are suggested to summarise a conversation."""

from common.apps.showing import show_apps
from common.conversations.edit import get_unlocked
from common.database import apps
from common.models.app import AppView


def suggested_apps(*, uid: str, conversation_id: str, base_url: str) -> list[AppView]:
    """The apps that a conversation names, as far as they are there and this user may see them.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
    """
    conversation = get_unlocked(uid=uid, conversation_id=conversation_id)
    found = apps.ALL.find_many(conversation.suggested_summarization_apps)
    visible = [app for app in found if not app.deleted and (app.owned_by(uid) or (app.approved and not app.private))]
    return show_apps(visible, uid=uid, base_url=base_url)
