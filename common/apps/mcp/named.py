"""What a stranger's server names: addresses of others, which are asked as warily as itself, and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.apps.fetch import LONGEST_S, fetch
from common.core.errors import BadRequestError, OutsideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from common.core.clock import Deadline

_LONGEST_TOKEN = 8192


def ask_named(
    url: str,
    *,
    deadline: Deadline,
    method: str = "GET",
    headers: Mapping[str, str],
    body: bytes | None = None,
    longest_s: float | None = None,
) -> tuple[int, bytes]:
    """Status and body of what the address answers before the deadline.

    Args:
        url: the address.
        deadline: for this and whatever else is asked.
        method: of the request.
        headers: of the request.
        body: of the request.
        longest_s: real seconds for this alone; some unless given.

    Raises:
        OutsideError: it must not be asked, or there was no answer of bearable size in time.
    """
    within_s = min(LONGEST_S if longest_s is None else longest_s, deadline.remaining)
    try:
        return fetch(url, method=method, headers=headers, body=body, within_s=within_s, encrypted=True)
    except BadRequestError as error:
        raise OutsideError("The server names an address that must not be asked") from error


def is_token(text: str) -> bool:
    """Whether this can be sent in a header, and is no longer than anybody needs."""
    return 0 < len(text) <= _LONGEST_TOKEN and text.isascii() and text.isprintable() and " " not in text
