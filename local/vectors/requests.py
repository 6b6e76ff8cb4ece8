"""What the requests and answers of all operations share: namespaces, ids, counts and pages."""

import base64
import binascii
from typing import Any

from local.vectors.errors import RefusalError
from local.vectors.records import Record, parse_id

MAX_IDS = 1000
MAX_LIST_LIMIT = 100
MAX_NAMESPACE_LENGTH = 512
DEFAULT_NAMESPACE = "__default__"
"""The name of the namespace that a request without one means."""

Json = dict[str, Any]


def namespace_name(request: Json) -> str:
    """The namespace a request is about."""
    name = request.get("namespace") or DEFAULT_NAMESPACE
    if not isinstance(name, str) or not name.isascii() or "\x00" in name or len(name) > MAX_NAMESPACE_LENGTH:
        raise RefusalError(f"Namespace must be 1 to {MAX_NAMESPACE_LENGTH} ASCII characters without NUL")
    return name


def shown_namespace(name: str) -> str:
    """The namespace as answers name it."""
    return "" if name == DEFAULT_NAMESPACE else name


def ids_of(raw: object) -> list[str]:
    """A list of 1 to 1000 record ids."""
    if not isinstance(raw, list) or not raw:
        raise RefusalError("IDs must be a non-empty list")
    if len(raw) > MAX_IDS:
        raise RefusalError(f"Request has {len(raw)} IDs, which exceeds the limit of {MAX_IDS}")
    return [parse_id(item) for item in raw]


def prefix_of(request: Json) -> str:
    """The prefix that listed names share; empty for all."""
    prefix = request.get("prefix") or ""
    if not isinstance(prefix, str) or not prefix.isascii():
        raise RefusalError("prefix must be an ASCII string")
    return prefix


def count_of(request: Json, name: str, *, default: int | None, maximum: int) -> int:
    """A number between 1 and `maximum`; required if there is no default."""
    value = request.get(name, default)
    if type(value) is not int or not 1 <= value <= maximum:
        raise RefusalError(f"{name} must be an integer between 1 and {maximum}, got {value!r}"[:200])
    return value


def resume_after(token: object) -> str:
    """The last name of the page before, which a pagination token stands for; empty for the first page."""
    if not token:
        return ""
    try:
        return base64.b64decode(str(token), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise RefusalError("Invalid pagination token") from error


def paginated(answer: Json, page: list[str], *, more: bool) -> Json:
    """The answer, with the token of the next page if there is one."""
    if not more:
        return answer
    return {**answer, "pagination": {"next": base64.urlsafe_b64encode(page[-1].encode()).decode()}}


def shown_record(record: Record, *, values: bool = True, metadata: bool = True) -> Json:
    """A record as answers carry it."""
    shown: Json = {"id": record.id}
    if values and record.dense is not None:
        shown["values"] = record.dense.tolist()
    if values and record.sparse is not None:
        shown["sparseValues"] = {"indices": record.sparse.indices.tolist(), "values": record.sparse.values.tolist()}
    if metadata and record.metadata is not None:
        shown["metadata"] = record.metadata
    return shown
