"""Which apps are suggested to summarise a conversation."""

from common.apps.showing import show_apps
from common.apps.summarizing import MOST_SUGGESTED, suggest, summary_apps
from common.conversations.edit import get_unlocked
from common.database import apps, conversations
from common.models.app import App, AppView
from common.models.conversation import Conversation


def suggested_apps(*, uid: str, conversation_id: str, base_url: str) -> list[AppView]:
    """The apps that a conversation names, as far as they are there and this user may see them.

    One from before there was anything to suggest is asked about once, and names them from then on.

    Raises:
        NotFoundError: no such conversation.
        LockedError: it was made without credit.
        ProviderError: the model did not answer.
    """
    conversation = get_unlocked(uid=uid, conversation_id=conversation_id)
    found = apps.ALL.find_many(conversation.suggested_summarization_apps)
    if not conversation.suggested_summarization_apps and conversation.has_words and not conversation.discarded:
        found = _first_suggestions(conversation, uid=uid)
    visible = [app for app in found if not app.deleted and (app.owned_by(uid) or (app.approved and not app.private))]
    return show_apps(visible, uid=uid, base_url=base_url)


def _first_suggestions(conversation: Conversation, *, uid: str) -> list[App]:
    candidates = summary_apps(uid=uid)
    found = suggest(conversation, candidates) or candidates[:MOST_SUGGESTED]
    if found:

        def name(current: Conversation) -> Conversation | None:
            if current.suggested_summarization_apps:
                return None
            return current.model_copy(update={"suggested_summarization_apps": [app.id for app in found]})

        conversations.change(uid=uid, conversation_id=conversation.id, decide=name)
    return found
