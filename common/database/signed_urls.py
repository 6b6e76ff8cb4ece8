"""Addresses of stored files that work for a while, for whoever has them.

With `url_signing_key` they lead to our own `/v1/media` and carry an HMAC-SHA256 over bucket, path and expiry; without
it they are Cloud Storage's own, signed (V4) with the service account's key or, where there is none, by the IAM
service in its name.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from common.core import clock
from common.core.errors import PermissionDeniedError
from common.core.settings import settings
from common.database import media
from common.database.clients import storage_client

if TYPE_CHECKING:
    from datetime import timedelta

    from common.database.media import Store

VALID_S = 3600.0


def sign(path: str, *, store: Store, base_url: str, valid_s: float = VALID_S) -> str:
    """An address to GET `path` from.

    Args:
        path: of the object in its bucket.
        store: which bucket.
        base_url: where our API is, as the client calls it; the setting `public_url` goes before it.
        valid_s: for how long, in nominal seconds.
    """
    key = settings().url_signing_key
    if key is None:
        return _sign_as_google(path, store=store, valid=clock.duration(valid_s))
    expires = int((clock.now() + clock.duration(valid_s)).timestamp()) + 1
    signature = _signature(path, store=store, expires=expires, key=key.get_secret_value())
    base = (settings().public_url or base_url).rstrip("/")
    return f"{base}/v1/media/{store.value}/{quote(path, safe='/')}?expires={expires}&signature={signature}"


def verify(path: str, *, store: Store, expires: int, signature: str) -> None:
    """Check what an address of ours says.

    Raises:
        PermissionDeniedError: it was not signed by us, or its time is over.
    """
    key = settings().url_signing_key
    if key is None:
        raise PermissionDeniedError("The address is not valid")
    expected = _signature(path, store=store, expires=expires, key=key.get_secret_value())
    if not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        raise PermissionDeniedError("The address is not valid")
    if clock.now().timestamp() >= expires:
        raise PermissionDeniedError("The address has expired")


def _signature(path: str, *, store: Store, expires: int, key: str) -> str:
    message = "\n".join(("v1", store.value, str(expires), path))
    return hmac.new(key.encode(), message.encode(errors="surrogatepass"), "sha256").hexdigest()


def _sign_as_google(path: str, *, store: Store, valid: timedelta) -> str:
    from google.auth.credentials import Signing

    blob = media.bucket(store).blob(path)
    credentials: Any = storage_client()._credentials  # noqa: SLF001 - the client tells them in no other way
    signer: dict[str, str] = {}
    if not isinstance(credentials, Signing):
        from google.auth.transport.requests import Request

        if not credentials.valid:
            credentials.refresh(Request())
        signer = {"service_account_email": credentials.service_account_email, "access_token": credentials.token}
    url: str = blob.generate_signed_url(version="v4", expiration=valid, method="GET", **signer)
    return url
