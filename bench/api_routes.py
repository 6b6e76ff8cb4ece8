"""The routes that `bench.api` measures, and the bare Firestore calls that each of them needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.cloud import firestore
from google.cloud.firestore import FieldFilter, Query

MANY, FEW = "bench-many", "bench-few"
"""Users with 10,000 and with 100 conversations, and the same of everything else."""


@dataclass(frozen=True)
class Route:
    """A request, the bare calls that it needs, and how many documents it may read and write."""

    name: str
    method: str
    path: str
    bare: Callable[[Any, int], object]
    reads: int
    writes: int = 0


def _page(db: Any, collection: str, *, limit: int, **equal: Any) -> list[Any]:
    query = db.collection("users", MANY, collection).order_by("created_at", direction=Query.DESCENDING)
    for name, value in equal.items():
        operator = "in" if isinstance(value, list) else "=="
        query = query.where(filter=FieldFilter(name, operator, value))
    return [snapshot.to_dict() for snapshot in query.limit(limit).stream()]


def _get(db: Any, *path: str) -> Any:
    return db.document("users", MANY, *path).get().to_dict()


def _memories(db: Any, limit: int) -> list[Any]:
    query = db.collection("users", MANY, "memories").where(filter=FieldFilter("rejected", "==", value=False))
    query = query.order_by("scoring", direction=Query.DESCENDING).order_by("created_at", direction=Query.DESCENDING)
    return [snapshot.to_dict() for snapshot in query.limit(limit).stream()]


def _everything(db: Any, collection: str) -> list[Any]:
    return [snapshot.to_dict() for snapshot in db.collection("users", MANY, collection).limit(500).stream()]


def _read_and_write(db: Any, path: tuple[str, ...], fields: dict[str, Any]) -> None:
    @firestore.transactional
    def apply(transaction: Any) -> None:
        target = db.document("users", MANY, *path)
        target.get(transaction=transaction).to_dict()
        transaction.update(target, fields)

    apply(db.transaction())


def _counted_folders(db: Any) -> list[Any]:
    found = _everything(db, "folders")
    kept = db.collection("users", MANY, "conversations").where(filter=FieldFilter("discarded", "==", value=False))
    for folder in found:
        kept.where(filter=FieldFilter("folder_id", "==", folder["id"])).count().get()
    return found


def some(number: int) -> str:
    """The id of one of many conversations: writers at the same time do not meet in it."""
    return f"c{100 + number % 1000:05d}"


def even(number: int) -> bool:
    """On, off, on, …: every time there is something to change."""
    return number // 1000 % 2 == 0


def routes() -> list[Route]:
    """The ten that apps call most: what opening the app, scrolling, and small edits ask for."""
    finished = ["processing", "completed"]
    return [
        Route(
            "conversations, newest 100",
            "GET",
            "/v1/conversations?limit=100",
            lambda db, _: _page(db, "conversations", limit=100, status=finished),
            reads=100,
        ),
        Route(
            "conversations, newest 20",
            "GET",
            "/v1/conversations?limit=20",
            lambda db, _: _page(db, "conversations", limit=20, status=finished),
            reads=20,
        ),
        Route(
            "one conversation",
            "GET",
            "/v1/conversations/c00050",
            lambda db, _: (
                _get(db, "conversations", "c00050"),
                list(db.collection("users", MANY, "conversations", "c00050", "photos").limit(100).stream()),
            ),
            reads=2,
        ),
        Route("memories, 100", "GET", "/v3/memories?limit=100", lambda db, _: _memories(db, 100), reads=100),
        Route(
            "action items, 50",
            "GET",
            "/v1/action-items?limit=50",
            lambda db, _: _page(db, "action_items", limit=51),
            reads=51,
        ),
        Route(
            "messages",
            "GET",
            "/v2/messages",
            lambda db, _: _page(db, "messages", limit=100, plugin_id=None, chat_session_id=None),
            reads=100,
        ),
        Route("people", "GET", "/v1/users/people", lambda db, _: _everything(db, "people"), reads=30),
        Route("folders, counted", "GET", "/v1/folders", lambda db, _: _counted_folders(db), reads=6),
        Route(
            "language", "GET", "/v1/users/language", lambda db, _: db.document("users", MANY).get().to_dict(), reads=1
        ),
        Route(
            "star a conversation",
            "PATCH",
            "/v1/conversations/{one}/starred?starred={even}",
            lambda db, number: _read_and_write(db, ("conversations", some(number)), {"starred": even(number)}),
            reads=1,
            writes=1,
        ),
    ]
