"""Every query that the data access can ask, in every form, asked once: what is found does not matter."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

from langgraph.checkpoint.base import empty_checkpoint

from common.database import (
    account,
    account_reading,
    action_items,
    announcements,
    api_keys,
    app_uses,
    apps,
    audio_ends,
    chat_sessions,
    chat_threads,
    conversation_queries,
    conversation_speakers,
    conversations,
    conversations_around,
    creators,
    daily_summaries,
    day_ends,
    deleted_people,
    fcm_tokens,
    folders,
    forgotten,
    goals,
    import_jobs,
    keys,
    learned,
    mcp_authorizations,
    mcp_grants,
    meetings,
    memories,
    messages,
    offline_files,
    people,
    photos,
    resealing,
    reviews,
    segment_batches,
    spending,
    stuck_conversations,
    token_shares,
    tombstones,
    usage,
    usernames,
)
from common.database.api_keys import KeyKind
from common.database.checkpoints import FirestoreSaver
from common.database.clients import firestore_client
from common.database.messages import Chat
from common.models.app_use import Left, UseKind
from common.models.conversation import ConversationStatus
from common.models.fcm_token import FcmToken
from common.models.memory import MemoryCategory
from tests.support.making import NOON

DAY = timedelta(days=1)
MOMENTS = (None, NOON)


def ask_everything(*, uid: str) -> None:
    """Ask all there is, as one user and over all users."""
    _ask_for_conversations(uid)
    _ask_for_action_items(uid)
    _ask_for_what_is_known(uid)
    _ask_for_chats(uid)
    _ask_for_apps(uid)
    _ask_for_account(uid)
    _ask_over_all_users()


def _choices(**values: Any) -> Iterator[dict[str, Any]]:
    """Every combination of arguments, each given or left out."""
    for chosen in product((False, True), repeat=len(values)):
        yield {name: value for (name, value), given in zip(values.items(), chosen, strict=True) if given}


def _ask_for_conversations(uid: str) -> None:
    filters = {
        "statuses": ["completed", "processing"],
        "sources": ["omi", "phone"],
        "categories": ["work", "health"],
        "include_discarded": False,
        "folder_id": "f",
        "starred": True,
    }
    for wanted in _choices(**filters):
        conversations.list_newest(uid=uid, limit=1, **wanted)
        conversations.count(uid=uid, **wanted, since=NOON, until=NOON + DAY)
    conversations.list_newest(uid=uid, limit=1, since=NOON)
    conversations.list_titled("Lunch", uid=uid)
    list(conversation_queries.titled(conversations.collection(uid=uid), "sealed", sealed=True, limit=1).stream())
    for status in ConversationStatus:
        conversations.find_newest_live(uid=uid, status=status)
    conversations_around.list_overlapping(NOON, NOON + DAY, uid=uid)
    conversations_around.list_finished(NOON, NOON + DAY, uid=uid)
    conversations_around.list_begun(uid=uid, since=NOON, until=NOON + DAY, limit=1)
    for since, until in product(MOMENTS, MOMENTS):
        conversation_speakers.list_spoken_in(["p", "user"], uid=uid, limit=1, since=since, until=until)
    list(conversation_speakers.unsaid(uid=uid))
    for after in (None, f"users/{uid}/conversations/c/segments/s"):
        deleted_people.read_page(uid=uid, after=after)
    segment_batches.find_newest(uid=uid, conversation_id="c")
    segment_batches.find_furthest(uid=uid, conversation_id="c")
    segment_batches.list_after(0.0, uid=uid, conversation_id="c")
    segment_batches.list_heard_since(NOON, uid=uid, conversation_id="c")
    photos.list_photos(uid=uid, conversation_id="c")
    photos.newest_at(uid=uid, conversation_id="c")
    folders.move_all(uid=uid, source="f", target=None)
    tombstones.list_merged_into("c", uid=uid)
    offline_files.list_waiting(uid=uid, limit=1)
    for since, until in product(MOMENTS, MOMENTS):
        meetings.list_beginning(uid=uid, limit=1, since=since, until=until)


def _ask_for_action_items(uid: str) -> None:
    filters = {
        "completed": False,
        "conversation_id": "c",
        "created_from": NOON,
        "created_until": NOON + DAY,
        "due_from": NOON,
        "due_until": NOON + DAY,
    }
    for wanted in _choices(**filters):
        action_items.list_page(action_items.Filters(**wanted), uid=uid, limit=1)
    for since, after in product(MOMENTS, (None, (NOON, "a"))):
        action_items.list_changed(uid=uid, limit=1, since=since, after=after)
    action_items.list_unexported(uid=uid, limit=1)
    action_items.list_exported(uid=uid, platform="apple_reminders", limit=1)


def _ask_for_what_is_known(uid: str) -> None:
    for categories in (None, [MemoryCategory.MANUAL], list(MemoryCategory)):
        memories.list_best(uid=uid, limit=1, categories=categories)
    memories.list_of_conversation("c", uid=uid)
    memories.list_newest(uid=uid, limit=1)
    memories.list_rejected(uid=uid, limit=1)
    memories.list_former(uid=uid, limit=1)
    forgotten.list_of_conversation("c", uid=uid)
    learned.delete_all(uid=uid, conversation_id="c")
    learned.forget_deletions(uid=uid, conversation_id="c")
    learned.repoint(["c", "d"], uid=uid, to="e")
    for include_inactive in (False, True):
        goals.list_newest(uid=uid, limit=1, include_inactive=include_inactive)
    goals.count_active(uid=uid)
    goals.list_progress(uid=uid, goal_id="g", today=NOON.date(), days=7)
    people.get_or_create(uid=uid, name="Ada")
    people.list_named(["Ada", "Bob"], uid=uid)
    daily_summaries.list_newest(uid=uid, limit=1, offset=0)
    daily_summaries.list_made_of(["c"], uid=uid)
    for since in MOMENTS:
        usage.total(uid=uid, since=since)
        list(usage.by_time(uid=uid, since=since))
    spending.list_since(NOON, uid=uid)


def _ask_for_chats(uid: str) -> None:
    for chat in (Chat(), Chat(app_id="a"), Chat(session_id="s"), Chat(app_id="a", session_id="s")):
        messages.list_newest(chat, uid=uid, limit=1)
        messages.list_before(NOON, chat, uid=uid, limit=1)
        messages.has_before(NOON, chat, uid=uid)
        messages.count(chat, uid=uid)
        messages.rename_cited(["c"], to="d", uid=uid)
        messages.delete_all(chat, uid=uid)
        messages.delete_all(chat, uid=uid, before=NOON)
    for wanted in _choices(app_id="a", starred=True):
        chat_sessions.list_newest(uid=uid, limit=1, offset=0, **wanted)
    for each in ("t", "u"):
        chat_threads.begin(each, Chat(), uid=uid)
    saver = FirestoreSaver(uid=uid)
    for _ in range(2):
        saver.put(
            {"configurable": {"thread_id": "t", "checkpoint_ns": ""}},
            empty_checkpoint(),
            {"run_id": "r"},
            {},
        )
    saver.get_tuple({"configurable": {"thread_id": "t"}})
    list(saver.list({"configurable": {"thread_id": "t"}}))
    saver.prune(["t"])
    saver.delete_for_runs(["r"])
    saver.delete_thread("u")
    chat_threads.delete_of(Chat(), uid=uid)


def _ask_for_apps(uid: str) -> None:
    apps.list_of_user(uid=uid)
    apps.list_waiting(status="under-review", limit=1)
    apps.forget_catalogue()
    apps.catalogue()
    creators.count_apps(uid=uid)
    reviews.list_newest(app_id="a", limit=1, offset=0)
    reviews.list_of_user(uid=uid)
    app_uses.count("a", UseKind.SUMMARY)
    app_uses.count_left("a", Left.INVALID)
    usernames.release(app_id="a")
    mcp_authorizations.take("s")
    mcp_grants.list_all(uid=uid)
    token_shares.list_of(uid=uid)
    import_jobs.list_newest(uid=uid, limit=1)
    announcements.list_newest()
    for kind in KeyKind:
        if kind is not KeyKind.APP:
            api_keys.list_of_user(kind, uid=uid)
        api_keys.find_by_secret(kind, f"{kind.value}secret", app_id="a")
    fcm_tokens.register(FcmToken(id="ios_1", token="t"), uid=uid)  # noqa: S106 - no secret


def _ask_for_account(uid: str) -> None:
    for part in account.parts():
        part.find(uid, 1)
    for name in account_reading.SHARED_COLLECTIONS:
        list(account_reading.in_shared(name, uid=uid))
    list(account_reading.reviews(uid=uid))
    list(account_reading.below("people", uid=uid))
    for collection in resealing.COLLECTIONS:
        for after in (None, firestore_client().document("users", uid, collection, "x").path):
            resealing.read_page(uid=uid, collection=collection, after=after)
        resealing.list_others(uid=uid, collection=collection, level="standard", limit=1)
    keys.all_versions(uid=uid)


def _ask_over_all_users() -> None:
    for status in ConversationStatus:
        stuck_conversations.list_unchanged_since(NOON, status=status, limit=1)
    stuck_conversations.list_due_for_retry(NOON, limit=1)
    offline_files.list_owners_of_stuck(NOON, limit=1)
    audio_ends.list_due(NOON, limit=1)
    day_ends.list_due(NOON, limit=1)
    deleted_people.list_due(NOON, limit=1)
    resealing.list_due(NOON, limit=1)
