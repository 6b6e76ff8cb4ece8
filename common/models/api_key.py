"""Keys for programs: who made them, what they may do, and never the key itself."""

from enum import StrEnum

from common.models.base import Document, Moment


class Scope(StrEnum):
    """What a developer key may do."""

    READ_CONVERSATIONS = "conversations:read"
    WRITE_CONVERSATIONS = "conversations:write"
    READ_MEMORIES = "memories:read"
    WRITE_MEMORIES = "memories:write"
    READ_ACTION_ITEMS = "action_items:read"
    WRITE_ACTION_ITEMS = "action_items:write"
    READ_GOALS = "goals:read"
    WRITE_GOALS = "goals:write"

    @property
    def reads_only(self) -> bool:
        """Whether nothing can be changed with it."""
        return self.value.endswith(":read")


READ_ONLY = tuple(scope for scope in Scope if scope.reads_only)
"""What a key may do that was made without saying what."""


class ApiKeyView(Document):
    """A key as its owner sees it in a list."""

    id: str
    name: str
    key_prefix: str
    created_at: Moment
    last_used_at: Moment | None = None
    app_id: str | None = None
    scopes: list[str] | None = None


class ApiKey(ApiKeyView):
    """A key as it is stored; `hashed_key` is the SHA-256 of the key, in hex."""

    user_id: str
    hashed_key: str

    def allows(self, scope: Scope) -> bool:
        """Whether it was given `scope`; a key without explicit scopes reads."""
        return scope in (READ_ONLY if self.scopes is None else self.scopes)


class CreatedApiKey(ApiKeyView):
    """A key in the one answer that tells it."""

    key: str
