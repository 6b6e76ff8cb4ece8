"""Leave to listen to one recording for a while, in an address: for players that cannot send a token."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

from common.core import clock
from common.core.errors import PermissionDeniedError
from common.core.settings import settings

VALID_S = 3600.0


def leave_to_listen(*, uid: str, conversation_id: str, recording_id: str) -> str | None:
    """A token for this recording and no other, good for VALID_S; None where there is no key to sign it with."""
    expires = int((clock.now() + clock.duration(VALID_S)).timestamp()) + 1
    signature = _signature(uid, conversation_id, recording_id, expires)
    if signature is None:
        return None
    return f"{urlsafe_b64encode(uid.encode()).decode().rstrip('=')}.{expires}.{signature}"


def listener(token: str, *, conversation_id: str, recording_id: str) -> str:
    """The uid that a token was given to.

    Raises:
        PermissionDeniedError: it was not given by us, not for this recording, or its time is over.
    """
    try:
        encoded, expires, signature = token.split(".")
        uid = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        expected = _signature(uid, conversation_id, recording_id, int(expires))
    except ValueError as error:
        raise _refused() from error
    if expected is None or not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        raise _refused()
    if clock.now().timestamp() >= int(expires):
        raise PermissionDeniedError("The address has expired")
    return uid


def _signature(uid: str, conversation_id: str, recording_id: str, expires: int) -> str | None:
    key = settings().url_signing_key
    if key is None:
        return None
    message = "\n".join(("listen", uid, conversation_id, recording_id, str(expires)))
    return hmac.new(key.get_secret_value().encode(), message.encode(errors="surrogatepass"), "sha256").hexdigest()


def _refused() -> PermissionDeniedError:
    return PermissionDeniedError("The address is not valid")
