"""Every collection of the store, and whether users read what is theirs there, without the API.

`firestore.rules` says the same; `tests/rules` asks Google's emulator whether it does.
"""

from collections.abc import Iterator

CONVERSATION = "users/{uid}/conversations/{id}"

READ_BY_THEIR_OWNER = (
    "users/{uid}/action_items",
    "users/{uid}/chat_sessions",
    "users/{uid}/conversations",
    f"{CONVERSATION}/*_streaming",
    f"{CONVERSATION}/deepgram_streaming",
    f"{CONVERSATION}/fal_whisperx",
    f"{CONVERSATION}/hume",
    f"{CONVERSATION}/photos",
    f"{CONVERSATION}/segments",
    f"{CONVERSATION}/soniox_streaming",
    f"{CONVERSATION}/speechmatics_streaming",
    f"{CONVERSATION}/transcript",
    "users/{uid}/daily_summaries",
    "users/{uid}/enabled_apps",
    "users/{uid}/files",
    "users/{uid}/folders",
    "users/{uid}/goals",
    "users/{uid}/goals/{id}/progress",
    "users/{uid}/llm_usage",
    "users/{uid}/meetings",
    "users/{uid}/memories",
    "users/{uid}/memories/{id}/history",
    "users/{uid}/messages",
    "users/{uid}/notifications",
    "users/{uid}/people",
    "users/{uid}/sync_jobs",
)

OF_THE_SERVER = (
    # Secrets, and what unlocks or addresses something.
    "dev_api_keys",
    "mcp_api_keys",
    "mcp_authorizations",
    "plugins_data/{id}/api_keys",
    "plugins_data/{id}/webhook_secrets",
    "users/{uid}/data_keys",
    "users/{uid}/fcm_tokens",
    "users/{uid}/mcp_grants",
    "users/{uid}/task_grants",
    "users/{uid}/webhook_secrets",
    f"{CONVERSATION}/voices",
    # Who works on what, and how far it is.
    "account_deletions",
    "operations",
    "request_counts",
    "plugins_data/{id}/webhook_health",
    "users/{uid}/audio_ends",
    "users/{uid}/import_jobs",
    "users/{uid}/chat_threads",
    "users/{uid}/chat_threads/{id}/checkpoints",
    "users/{uid}/chat_threads/{id}/pieces",
    "users/{uid}/chat_threads/{id}/writes",
    "users/{uid}/claims",
    f"{CONVERSATION}/hearings",
    "users/{uid}/day_ends",
    "users/{uid}/deleted_people",
    "users/{uid}/dismissed_announcements",
    "users/{uid}/failures",
    "users/{uid}/forgotten",
    "users/{uid}/index_leases",
    "users/{uid}/learning",
    "users/{uid}/offline_files",
    "users/{uid}/protection",
    "users/{uid}/tombstones",
    "users/{uid}/webhook_health_*",
    # Everybody's: the API shows what may be seen of it.
    "analytics",
    "announcements",
    "persona_usernames",
    "plugins_data",
    "plugins_data/{id}/reviews",
    "plugins_data/{id}/usage_history",
    "shared_conversations",
    "shares",
    "shares/{id}/acceptances",
)

USERS = "users"
"""Of its documents each user reads their own, and nobody lists them."""


def known() -> Iterator[str]:
    """All of them, as paths; `*` stands for a part of a name that is found out while running."""
    yield USERS
    yield from READ_BY_THEIR_OWNER
    yield from OF_THE_SERVER
