"""A persona that speaks for its user knows what the user's memories and latest conversations say; no model needed.

A persona that others may talk to is told public memories only, and nothing of conversations; so is that of a user who
wants their words sealed, for a prompt is stored as it is.
"""

from collections.abc import Sequence
from datetime import tzinfo

from common.core import clock
from common.database import apps, conversations, keys, users
from common.database.whole_conversations import Room
from common.memories.edit import list_memories
from common.models.app import App
from common.models.conversation import Conversation, ConversationStatus
from common.models.memory import Memory

STEP = "refresh_persona"
_FACTS, _CONVERSATIONS = 250, 20
_LONGEST = 20_000
"""Characters of a prompt, as of those that makers write."""


def refresh_persona(*, uid: str) -> None:
    """Tell the user's personas what is known by now, except those whose prompt the user has written."""
    own = [app for app in apps.list_of_user(uid=uid) if learns(app)]
    if not own:
        return
    name = users.display_name(uid=uid)
    facts = [memory for memory in list_memories(uid=uid, limit=_FACTS) if not memory.is_locked]
    recent = conversations.list_newest(
        uid=uid, limit=_CONVERSATIONS, room=Room(0), statuses=[ConversationStatus.COMPLETED], include_discarded=False
    )
    recent = [conversation for conversation in recent if not conversation.is_locked]
    sealed, zone = keys.are_wanted(uid=uid), users.zone(uid=uid)

    def told(app: App) -> App | None:
        if not learns(app):
            return None
        prompt = write_prompt(app, name=name, facts=facts, recent=recent, zone=zone, sealed=sealed)
        if prompt == app.persona_prompt:
            return None
        update = {"persona_prompt": prompt, "persona_prompt_learnt": True, "updated_at": clock.now()}
        return app.model_copy(update=update)

    for app in own:
        apps.change(app.id, told)


def with_privacy(app: App, *, private: bool) -> App:
    """The app hidden or shown; what was put together for its maker alone is forgotten before others see it. Pure."""
    update: dict[str, object] = {"private": private}
    if app.persona_prompt_learnt and app.private and not private:
        update["persona_prompt"] = None
    return app.model_copy(update=update)


def learns(app: App) -> bool:
    """Whether it is a persona whose prompt nobody has written. Pure."""
    return app.is_persona and not app.deleted and (app.persona_prompt_learnt or not app.persona_prompt)


def write_prompt(
    app: App,
    *,
    name: str,
    facts: Sequence[Memory],
    recent: Sequence[Conversation],
    zone: tzinfo,
    sealed: bool = False,
) -> str:
    """What the persona is told, days as in `zone`; with `sealed` nothing that may not be stored as it is. Pure."""
    called = name or app.name
    everything = app.private and not sealed
    told = facts if everything else [memory for memory in facts if memory.visibility == "public"]
    lines = [
        f"You are {called}, and speak as {called} would: in the first person, briefly, in your own words.",
        "You know only what stands here. Where it says nothing, say that you would rather not say.",
    ]
    if told:
        lines += ["", "What is true of you:", *(f"- {' '.join(memory.content.split())}" for memory in told)]
    if everything and recent:
        lines += ["", "What you have talked about lately:"]
        titled = [(each.began.astimezone(zone), " ".join(each.structured.title.split())) for each in recent]
        lines += [f"- {began:%Y-%m-%d}: {title}" for began, title in titled if title]
    return _shortened(lines)


def _shortened(lines: Sequence[str]) -> str:
    """As many whole lines as fit."""
    kept, length = [], 0
    for line in lines:
        length += len(line) + 1
        if length > _LONGEST:
            break
        kept.append(line)
    return "\n".join(kept)
