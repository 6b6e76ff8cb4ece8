"""The address at which Hume says that a job is done: signed for that job, and worth no more than a look at it.

What is said there is not read: the result is fetched from Hume itself, under the id that was noted when it was asked.
So whoever guesses, keeps or repeats an address makes us look once, at most.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

from common.core.errors import PermissionDeniedError
from common.core.settings import settings
from common.database import hearings, tasks
from common.models.events import Postprocess

PATH = "/v1/hume/callback"


def callback_address(task: Postprocess) -> str | None:
    """Where the service says that it is done; None where it cannot reach us, and is looked at instead."""
    known = settings()
    if not known.public_url or known.url_signing_key is None:
        return None
    named = "\n".join((task.uid, task.conversation_id, str(task.run), str(task.attempt)))
    encoded = urlsafe_b64encode(named.encode()).decode().rstrip("=")
    return f"{known.public_url.rstrip('/')}{PATH}?token={encoded}.{_signature(named)}"


def called_back(token: str) -> None:
    """Have the job looked at that an address was made for; once, however often it is called.

    Raises:
        PermissionDeniedError: it was not made by us.
    """
    encoded, _, signature = token.partition(".")
    try:
        named = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        uid, conversation_id, run, attempt = named.split("\n")
    except ValueError as error:
        raise PermissionDeniedError("The address is not valid") from error
    expected = _signature(named)
    if not expected or not hmac.compare_digest(expected.encode(), signature.encode(errors="replace")):
        raise PermissionDeniedError("The address is not valid")
    if hearings.of(uid=uid, conversation_id=conversation_id).find("hume") is None:
        return  # the conversation is gone, and with it perhaps its user: a look would leave a claim of theirs
    tasks.enqueue_postprocessing(
        Postprocess(uid=uid, conversation_id=conversation_id, run=int(run), kind="hume", attempt=int(attempt), look=-1)
    )


def _signature(named: str) -> str:
    key = settings().url_signing_key
    if key is None:
        return ""
    return hmac.new(key.get_secret_value().encode(), f"hume\n{named}".encode(), "sha256").hexdigest()
