"""What Google's stores refuse with, under the names that its libraries give it.

An `except` asks for a name when something was raised, and by then the library is there; to name it at the top of a
module would load gRPC into functions that may never ask a store.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.api_core.exceptions import (
        AlreadyExists,
        FailedPrecondition,
        GoogleAPIError,
        NotFound,
        PreconditionFailed,
    )

__all__ = ["AlreadyExists", "FailedPrecondition", "GoogleAPIError", "NotFound", "PreconditionFailed"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from google.api_core import exceptions

    return getattr(exceptions, name)
