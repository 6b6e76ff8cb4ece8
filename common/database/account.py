"""Everything of one user, whichever store it is in."""

from __future__ import annotations

from common.core.settings import settings
from common.database import account_documents as documents
from common.database import account_objects as objects
from common.database import account_vectors, cache, installs, known_lists, people, users
from common.database.account_part import Part
from common.database.api_keys import KeyKind


def parts() -> tuple[Part, ...]:
    """All of it, in the order in which it is deleted: what lets somebody in comes first."""
    return (
        documents.keys(KeyKind.DEVELOPER),
        documents.keys(KeyKind.MCP),
        documents.owned("mcp_authorizations", by="uid"),
        documents.owned("shared_conversations", by="uid"),
        documents.owned("shares", by="uid"),
        documents.APPS,
        documents.owned("persona_usernames", by="uid"),
        documents.REVIEWS,
        documents.ENABLED_APPS,
        documents.owned("analytics", by="uid"),
        documents.BELOW_USER,
        account_vectors.VECTORS,
        objects.below_user(settings().audio_bucket),
        objects.below_user(settings().media_bucket),
        objects.below_user(settings().uploads_bucket),
        objects.thumbnails(settings().media_bucket),
    )


def forget_notes(*, uid: str) -> None:
    """Drop what Redis notes of the user; what else it holds ends by itself within minutes."""
    users.forget_notes(uid=uid)
    people.forget_edition(uid=uid)
    installs.forget_notes(uid=uid)
    cache.forget(known_lists.listeners_key(uid=uid))
    cache.forget_live(uid=uid)
