"""`/v1/apps/{id}/keys`: keys with which an app's own server calls `/v2/integrations` (CONTRACT section 4.5).

Creating one takes no `Idempotency-Key`: repeating the answer would mean to store the key itself.
"""

from pydantic import computed_field

from common.apps.showing import own_app
from common.core.errors import ConflictError
from common.database import api_keys
from common.database.api_keys import KeyKind
from common.database.documents import LIST_LIMIT
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, responses
from common.models.api_key import ApiKey
from common.models.base import Moment, Shape

router = Router(prefix="/v1/apps/{app_id}/keys", tags=["keys"], responses=responses(401, 403, 404))

MOST_KEYS = 20
"""Keys that an app may have."""


class AppKey(Shape):
    """A key as the app's maker sees it later on; `label` is how it begins."""

    id: str
    label: str
    created_at: Moment
    last_used_at: Moment | None = None

    @classmethod
    def of(cls, key: ApiKey) -> "AppKey":
        """What is told of a stored key."""
        return cls(id=key.id, label=key.key_prefix, created_at=key.created_at, last_used_at=key.last_used_at)


class CreatedAppKey(AppKey):
    """A key in the one answer that tells it."""

    secret: str

    @computed_field  # type: ignore[prop-decorator]  # pydantic documents this order
    @property
    def key(self) -> str:
        """Mirror of `secret`, as the other keys call it."""
        return self.secret


@router.post("", responses=responses(409))
def create(user: User, app_id: str) -> CreatedAppKey:
    """Make a key for an app of one's own. The answer is the only place where it stands in full."""
    app = own_app(app_id, uid=user)
    if len(_keys_of(app_id)) >= MOST_KEYS:
        raise ConflictError(f"There are {MOST_KEYS} keys already: delete one first")
    key, secret = api_keys.create(KeyKind.APP, uid=user, name=app.name, app_id=app_id)
    return CreatedAppKey(**AppKey.of(key).model_dump(), secret=secret)


@router.get("")
def list_newest(user: User, app_id: str) -> list[AppKey]:
    """The keys of an app of one's own, newest first; never the keys themselves."""
    own_app(app_id, uid=user)
    return [AppKey.of(key) for key in sorted(_keys_of(app_id), key=lambda key: key.created_at, reverse=True)]


@router.delete("/{key_id}")
def revoke(user: User, app_id: str, key_id: str) -> Ok:
    """Refuse this key from now on."""
    own_app(app_id, uid=user)
    api_keys.revoke(KeyKind.APP, key_id=key_id, uid=user, app_id=app_id)
    return Ok()


def _keys_of(app_id: str) -> list[ApiKey]:
    """All of them: made at the same moment, they may be more than there should be, and each can be revoked."""
    keys = api_keys.of(KeyKind.APP, app_id=app_id)
    return keys.stream(keys.collection.limit(LIST_LIMIT))
