"""Keys for a user's programs: made, told once."""

from collections.abc import Sequence

from common.core.errors import ConflictError
from common.database import api_keys
from common.database.api_keys import KeyKind
from common.models.api_key import ApiKeyView, CreatedApiKey, Scope

MOST_KEYS = 50
"""Keys of one kind that a user may have."""


def create_key(kind: KeyKind, *, uid: str, name: str, scopes: Sequence[Scope] | None = None) -> CreatedApiKey:
    """Make a key of a user; what is returned is the only place where it stands in full.

    Args:
        kind: what it is for; an app's keys are made otherwise.
        uid: the owner.
        name: what the owner calls it.
        scopes: what it may do; None for what a key of this kind may do by default.

    Raises:
        ConflictError: the user has too many.
    """
    if len(api_keys.list_of_user(kind, uid=uid)) >= MOST_KEYS:
        raise ConflictError(f"There are {MOST_KEYS} keys already: delete one first")
    named = None if scopes is None else [scope.value for scope in scopes]
    key, secret = api_keys.create(kind, uid=uid, name=name, scopes=named)
    return CreatedApiKey(**ApiKeyView.model_validate(key.model_dump()).model_dump(), key=secret)
