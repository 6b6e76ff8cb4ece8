"""What there is to choose from when an app is made; the ids are fixed by the clients (CONTRACT 2.1 and 3.10)."""

from common.models.app import ActionOption, Capability, Option

CATEGORIES = tuple(
    Option(id=each, title=each.replace("-", " ").title().replace(" And ", " & "))
    for each in (
        "conversation-analysis",
        "personality-emulation",
        "health-and-wellness",
        "education-and-learning",
        "communication-improvement",
        "emotional-and-mental-support",
        "productivity-and-organization",
        "entertainment-and-fun",
        "financial",
        "travel-and-exploration",
        "safety-and-security",
        "shopping-and-commerce",
        "social-and-relationships",
        "news-and-information",
        "utilities-and-tools",
        "other",
    )
)

TRIGGERS = (
    Option(id="audio_bytes", title="Audio Bytes"),
    Option(id="memory_creation", title="Conversation Creation"),
    Option(id="transcript_processed", title="Transcript Processed"),
)

SCOPES = (
    Option(id="user_name", title="User Name"),
    Option(id="user_facts", title="User Facts"),
    Option(id="user_context", title="User Context"),
    Option(id="user_chat", title="User Chat"),
)

CREATE_CONVERSATION = "create_conversation"
CREATE_FACTS = "create_facts"
READ_MEMORIES = "read_memories"
READ_CONVERSATIONS = "read_conversations"
READ_TASKS = "read_tasks"

ACTIONS = tuple(
    ActionOption(id=action, title=title, description=description, doc_url="/docs#/integrations")
    for action, title, description in (
        (CREATE_CONVERSATION, "Create conversations", "Add conversations on the user's behalf"),
        (CREATE_FACTS, "Create memories", "Add memories on the user's behalf"),
        (READ_CONVERSATIONS, "Read conversations", "Read and search the user's conversations"),
        (READ_MEMORIES, "Read memories", "Read the user's memories"),
        (READ_TASKS, "Read tasks", "Read the user's tasks"),
    )
)

CAPABILITIES = (
    Capability(id="chat", title="Chat"),
    Capability(id="memories", title="Conversations"),
    Capability(id="external_integration", title="External Integration", triggers=list(TRIGGERS), actions=list(ACTIONS)),
    Capability(id="proactive_notification", title="Notification", scopes=list(SCOPES)),
    Capability(id="tasks", title="Tasks"),
    Capability(id="persona", title="Persona"),
)

PLANS = (Option(id="monthly_recurring", title="Monthly Recurring"),)

POPULAR = Option(id="popular", title="Popular Apps")
"""A group that is no capability: what the administrators put forward."""

_GROUP_TITLES = {
    "external_integration": "Integrations",
    "chat": "Chat Assistants",
    "memories": "Summary Apps",
    "proactive_notification": "Realtime Notifications",
    "tasks": "Tasks",
}
GROUPS = (POPULAR, *(Option(id=each, title=title) for each, title in _GROUP_TITLES.items()))
"""The groups of the store's first page, in order."""


def category(category_id: str) -> Option:
    """A category to show; one that is not known is named after its id."""
    return _named(category_id, CATEGORIES)


def group(capability_id: str) -> Option:
    """A group to show; one that is not known is named after its id."""
    return _named(capability_id, GROUPS)


def _named(option_id: str, among: tuple[Option, ...]) -> Option:
    known = next((each for each in among if each.id == option_id), None)
    return known or Option(id=option_id, title=option_id.replace("-", " ").replace("_", " ").title())
