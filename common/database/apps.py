"""Collection `plugins_data`: every app, and the catalogue of those that everybody finds."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter

from common.core import clock
from common.core.errors import ConflictError
from common.core.ids import derived_id
from common.database import known_lists, refusals, usernames
from common.database.clients import firestore_client
from common.database.documents import LIST_LIMIT, Documents
from common.database.firestore import field_filter, transactional
from common.models.app import App

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.cloud.firestore import Transaction

COLLECTION = "plugins_data"
CATALOGUE_LIMIT = 2000
_CATALOGUE_KEY = "apps:catalogue"
_CATALOGUE_KEPT_S = 600
_CATALOGUE = TypeAdapter(list[App], config=ConfigDict(defer_build=True))
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_LENGTH = 26

ALL: Documents[App] = Documents(COLLECTION, model=App, noun="App")


def new_app_id() -> str:
    """A ULID (https://github.com/ulid/spec): milliseconds, then 80 random bits, in an order that sorts."""
    return _ulid((int(clock.now().timestamp() * 1000) << 80) | secrets.randbits(80))


def app_id_of(*parts: str) -> str:
    """The id of the app that is made once for `parts`, in the same form; it says nothing of when."""
    return _ulid(UUID(derived_id("app", *parts)).int)


def _ulid(number: int) -> str:
    return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(_ULID_LENGTH)))


def get(app_id: str) -> App:
    """The app.

    Raises:
        NotFoundError: there is none, or it was deleted.
    """
    app = ALL.get(app_id)
    if app.deleted:
        raise ALL.missing()
    return app


def create(app: App) -> App:
    """Store a new one."""
    created = ALL.create(app)
    forget_catalogue(created)
    return created


def find_made(app_id: str, *, uid: str) -> App | None:
    """The app that a user has made under an id already, if they have.

    Raises:
        ConflictError: somebody else has.
    """
    made = ALL.find(app_id)
    if made is not None and not made.owned_by(uid):
        raise ConflictError("App exists already")
    return made


def ensure(app: App) -> App:
    """Store a new one, unless its maker has one with its id already: the one that is there.

    Raises:
        ConflictError: somebody else has.
    """
    try:
        return create(app)
    except ConflictError:
        made = find_made(app.id, uid=app.uid or "")
        if made is None:  # it was deleted in between
            raise
        return made


def ensure_persona(app: App, usernames_wanted: Iterable[str]) -> App:
    """Store a new persona under the first of the handles that is free, in one transaction with taking it.

    Where its maker has an app with its id already, it is the one that is there.

    Args:
        app: the persona; its `username` is replaced.
        usernames_wanted: handles, the most wanted first; there is always one more.

    Raises:
        ConflictError: somebody else has an app with its id.
    """
    tried = (_ensure_with_handle(app.model_copy(update={"username": username})) for username in usernames_wanted)
    return next(persona for persona in tried if persona is not None)


def _ensure_with_handle(persona: App) -> App | None:
    """The persona as it is there then; None where somebody has its handle."""
    handle = usernames.ALL.reference(persona.username or "")

    @transactional
    def apply(transaction: Transaction) -> App | None:
        there = ALL.reference(persona.id).get(transaction=transaction)
        if there.exists:  # by another request, or by this one, whose answer was lost
            return None
        if handle.get(transaction=transaction).exists:
            return None
        transaction.create(handle, {"app_id": persona.id, "uid": persona.uid})
        transaction.create(ALL.reference(persona.id), persona.to_firestore())
        return persona

    try:
        created: App | None = apply(firestore_client().transaction())
    except refusals.AlreadyExists:
        created = None
    return created or find_made(persona.id, uid=persona.uid or "")


def change(app_id: str, decide: Callable[[App], App | None]) -> App:
    """Apply a pure decision to the app, in one transaction, and let the catalogue show it if the app is, or was, there.

    Raises:
        NotFoundError: there is none.
    """
    shown = False

    def unless_deleted(app: App) -> App | None:
        nonlocal shown
        if app.deleted:
            raise ALL.missing()
        after = decide(app)
        shown = after is not None and (app.in_catalogue or after.in_catalogue)
        return after

    changed = ALL.change(app_id, unless_deleted)
    if shown:
        forget_catalogue()
    return changed


def delete(app_id: str) -> None:
    """Delete the app and everything below it; its handle is free again.

    Raises:
        NotFoundError: there is none.
    """
    ALL.delete(app_id)
    forget_catalogue()
    usernames.release(app_id=app_id)
    for below in ALL.reference(app_id).collections():
        firestore_client().recursive_delete(below)


def list_of_user(*, uid: str) -> list[App]:
    """What a user has made, personas too, newest first."""
    query = ALL.collection.where(filter=field_filter("uid", "==", uid)).limit(LIST_LIMIT)
    made = [app for app in ALL.stream(query) if not app.deleted]
    return sorted(made, key=lambda app: (app.created_at is not None, app.created_at), reverse=True)


def list_waiting(*, status: str, limit: int) -> list[App]:
    """Public apps in a state of review."""
    query = ALL.collection.where(filter=field_filter("status", "==", status)).limit(LIST_LIMIT)
    return [app for app in ALL.stream(query) if not (app.deleted or app.private)][:limit]


def catalogue() -> list[App]:
    """What everybody finds, most installed first; counts of installs may be ten minutes old."""
    return list(_decoded(known_lists.recall(_CATALOGUE_KEY, _load_catalogue, seconds=_CATALOGUE_KEPT_S)))


@lru_cache(maxsize=1)
def _decoded(catalogue_json: str) -> tuple[App, ...]:
    """The same text means the same apps: decoding thousands of them takes longer than all the rest of a request."""
    return tuple(_CATALOGUE.validate_json(catalogue_json))


def forget_catalogue(app: App | None = None) -> None:
    """Let the next reader see what has changed; nothing to do for an `app` that nobody found before."""
    if app is None or app.in_catalogue:
        known_lists.outdate(_CATALOGUE_KEY)


def _load_catalogue() -> str:
    query = (
        ALL.collection.where(filter=field_filter("approved", "==", value=True))
        .where(filter=field_filter("private", "==", value=False))
        .limit(CATALOGUE_LIMIT)
    )
    found = [app.model_copy(update={"proposal": None}) for app in ALL.stream(query) if app.in_catalogue]
    found.sort(key=lambda app: (-app.installs, app.name.casefold(), app.id))
    return _CATALOGUE.dump_json(found).decode()
