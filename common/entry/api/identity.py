"""Who is calling, as a FastAPI dependency: the only way a router learns a uid."""

from typing import Annotated

from fastapi import Depends, Header

from common.core.logs import bind
from common.entry.auth import bearer_token, verify_token


def signed_in(authorization: Annotated[str | None, Header()] = None) -> str:
    """The uid of a verified ID token.

    Raises:
        UnauthenticatedError: there is none, or it is not valid.
    """
    uid = verify_token(bearer_token(authorization))
    bind(uid=uid, step="api")
    return uid


User = Annotated[str, Depends(signed_in)]
