"""What an app's prompt makes of a conversation (CONTRACT section 5.2, step 8): one app for each, three suggested.

Whatever is written is bound to the run it was made for, and never stands in for what the user has written instead.
"""

from collections.abc import Sequence
from itertools import accumulate

from common.apps.showing import visible_app
from common.conversations.lifecycle import Decision
from common.conversations.summaries import summary_by
from common.core.errors import BadRequestError, PermissionDeniedError
from common.core.ids import digest
from common.core.settings import settings
from common.database import app_uses, apps, bound_writes, conversations, installs, users
from common.llm.recommending import recommender
from common.models.app import App
from common.models.app_use import UseKind
from common.models.attachments import AppResult
from common.models.conversation import Conversation

CAPABILITY = "memories"
MOST_SUGGESTED = 3
_MOST_CANDIDATES = 50
_MOST_RESULTS = 5
_LONGEST_RESULT = 10_000
"""Characters: the document of a conversation has its limit."""
_MOST_BYTES = 40_000
"""Of all that stay beside a new one, which may be longer in bytes than in characters; they are stored twice."""


def summarize_conversation(conversation: Conversation, *, uid: str) -> str:
    """Have one app make something of this run of a conversation; says in a word what came of it.

    Raises:
        RetryableError: a model did not answer, or the conversation waits for a merge.
    """
    if conversation.apps_run == conversation.run:
        return "done before"
    candidates = summary_apps(uid=uid)
    suggested = suggest(conversation, candidates)
    app = _chosen(conversation, candidates, suggested, uid=uid)
    content = "" if app is None else made_of(conversation, app, uid=uid)

    def save(current: Conversation) -> Conversation | None:
        if not is_current(current, run=conversation.run):
            return None
        update: dict[str, object] = {"apps_run": current.run, "suggested_summarization_apps": [a.id for a in suggested]}
        if app is not None and content:
            update["apps_results"] = _in_place_of_others(current, app, content)
        return current.model_copy(update=update)

    return _saved(save, conversation, app if content else None, uid=uid)


def apply_app(app: App, conversation: Conversation, *, uid: str) -> str:
    """Have an app make something of a conversation besides what others made of it; says in a word what came of it.

    Raises:
        RetryableError: the model did not answer, or the conversation waits for a merge.
    """
    content = made_of(conversation, app, uid=uid)
    if not content:
        return "nothing made"

    def save(current: Conversation) -> Conversation | None:
        if not is_current(current, run=conversation.run) or app.id in current.user_app_results:
            return None
        return current.model_copy(update={"apps_results": _beside_others(current, app, content)})

    return _saved(save, conversation, app, uid=uid)


def made_of(conversation: Conversation, app: App, *, uid: str) -> str:
    """What the app's prompt makes of it; nothing where nobody spoke, or the user has written it anew.

    Raises:
        ProviderError: the model did not answer.
    """
    if app.id in conversation.user_app_results or not conversation.has_words:
        return ""
    return summary_by(app.memory_prompt or "", conversation, uid=uid).strip()[:_LONGEST_RESULT]


def summary_apps(*, uid: str) -> list[App]:
    """The apps that summarise conversations of this user: those turned on, and those that are there for everybody."""
    ids = [*settings().conversation_summarized_app_ids, *sorted(installs.enabled_ids(uid=uid))]
    found = apps.ALL.find_many(list(dict.fromkeys(ids)))
    return [app for app in found if can_summarize(app, uid=uid)][:_MOST_CANDIDATES]


def can_summarize(app: App, *, uid: str) -> bool:
    """Whether it makes something of conversations, and this user may use it. Pure."""
    return app.usable_by(uid) and CAPABILITY in app.capabilities and bool((app.memory_prompt or "").strip())


def check_asked(app_id: str, *, uid: str) -> None:
    """Refuse an app that a user asks for by name and that may not summarise for them.

    Raises:
        NotFoundError: there is none, or it is not approved and somebody else's.
        PermissionDeniedError: it is private and somebody else's, or not turned on.
        BadRequestError: it is disabled, or does not summarise.
    """
    app = visible_app(app_id, uid=uid)
    if not can_summarize(app, uid=uid):
        raise BadRequestError("The app does not summarise conversations")
    if not _is_at_hand(app, uid=uid):
        raise PermissionDeniedError("The app is not turned on")


def _is_at_hand(app: App, *, uid: str) -> bool:
    """Whether it is there for everybody, or turned on: what has to be paid for or set up, cannot be used without."""
    return app.id in settings().conversation_summarized_app_ids or installs.is_enabled(app_id=app.id, uid=uid)


def revision(app: App) -> str:
    """Names what the app does by now."""
    return digest(app.memory_prompt or "")


def is_current(conversation: Conversation, *, run: int) -> bool:
    """Whether this run is what the conversation shows, and apps may work on it.

    Raises:
        PostponedError: it waits for a merge: either it will be gone, or be as before.
    """
    unwanted = conversation.discarded or conversation.deleted or conversation.is_locked
    return bound_writes.is_current(conversation, run=run) and not unwanted


def suggest(conversation: Conversation, candidates: Sequence[App]) -> list[App]:
    """Those of the apps that fit the conversation best, best first.

    Raises:
        ProviderError: the model did not answer.
    """
    if len(candidates) <= 1:
        return list(candidates)
    known = conversation.structured
    about = f"{known.title}. {known.overview} ({known.category.value})"
    offers = [f"{app.name}: {app.description}" for app in candidates]
    return [candidates[place] for place in recommender().recommend(about, offers, most=MOST_SUGGESTED)]


def _chosen(conversation: Conversation, candidates: Sequence[App], suggested: Sequence[App], *, uid: str) -> App | None:
    """The app that the user asked for, else the one the user prefers, else the one that fits best."""
    asked = apps.ALL.find(conversation.summary_app_id) if conversation.summary_app_id else None
    if asked is not None and can_summarize(asked, uid=uid) and _is_at_hand(asked, uid=uid):
        return asked
    preferred = users.find(uid=uid).preferred_app_id
    return next((app for app in candidates if app.id == preferred), None) or next(iter(suggested), None)


def _in_place_of_others(current: Conversation, app: App, content: str) -> list[AppResult]:
    """The one result of a run, and what the user has written; that app's own stays as it is written."""
    written = [result for result in current.apps_results if result.app_id in current.user_app_results]
    if any(result.app_id == app.id for result in written):
        return written
    return [AppResult(app_id=app.id, content=content), *written]


def _beside_others(current: Conversation, app: App, content: str) -> list[AppResult]:
    """One result more; where there are many already, those that nobody has written go, the oldest first."""
    others = [result for result in current.apps_results if result.app_id != app.id]
    written = [result for result in others if result.app_id in current.user_app_results]
    made = [result for result in others if result not in written][: max(0, _MOST_RESULTS - 1 - len(written))]
    sizes = accumulate(len(result.content.encode()) for result in made)
    made = [result for result, size in zip(made, sizes, strict=True) if size <= _MOST_BYTES]
    kept = [result for result in others if result in written or result in made]
    return [AppResult(app_id=app.id, content=content), *kept]


def _saved(save: Decision, conversation: Conversation, app: App | None, *, uid: str) -> str:
    decided = False

    def decide(current: Conversation) -> Conversation | None:
        nonlocal decided
        after = save(current)
        decided = after is not None
        return after

    saved = conversations.change(uid=uid, conversation_id=conversation.id, decide=decide)
    if saved is None:
        return "deleted"
    if not decided:
        return "superseded"
    if app is None:
        return "no app"
    app_uses.note(app, UseKind.SUMMARY, uid=uid, once=(conversation.id, str(conversation.run), revision(app)))
    return "summarised"
