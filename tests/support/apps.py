"""Apps for tests, with only what a test cares about."""

from typing import Any
from uuid import uuid4

from common.core import clock
from common.database import api_keys, apps
from common.database.api_keys import KeyKind
from common.models.app import App

ACTIONS = ("create_conversation", "create_facts", "read_memories", "read_conversations", "read_tasks")


def make_app(**fields: Any) -> App:
    """A stored app: approved, public, of a maker nobody knows."""
    known = {
        "id": apps.new_app_id(),
        "name": f"App {uuid4().hex[:6]}",
        "uid": f"maker-{uuid4().hex[:8]}",
        "approved": True,
        "status": "approved",
        "category": "other",
        "capabilities": ["chat"],
        "description": "Does things",
        "created_at": clock.now(),
    }
    return apps.create(App.model_validate({**known, **fields}))


def make_integration(*, actions: tuple[str, ...] = ACTIONS, **fields: Any) -> tuple[App, str]:
    """An app that may do what `actions` say, and its key."""
    integration = {"actions": [{"action": action} for action in actions], **fields.pop("external_integration", {})}
    app = make_app(capabilities=["external_integration"], external_integration=integration, **fields)
    _, secret = api_keys.create(KeyKind.APP, uid=app.uid or "", name=app.name, app_id=app.id)
    return app, secret
