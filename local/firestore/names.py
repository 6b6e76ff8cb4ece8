"""Resource names: `projects/P/databases/D/documents/COLLECTION/ID/...`, their parts and the rules for ids."""

import re
from functools import lru_cache

from local.firestore.errors import invalid_argument

_NAME = re.compile(r"(projects/[^/]+/databases/[^/]+)(?:/documents(?:/(.+))?)?", re.DOTALL)
_NUMERIC_ID = re.compile(r"__id(-?\d+)__")
_RESERVED_ID = re.compile(r"__.*__", re.DOTALL)
_MAX_ID_BYTES = 1500


def database_of(name: str) -> str:
    """`projects/P/databases/D` of any resource name.

    Raises:
        RefusedError: INVALID_ARGUMENT where the name is none.
    """
    return split_name(name)[0]


@lru_cache(8192)
def split_name(name: str) -> tuple[str, str]:
    """A resource name as (database, path below `/documents`, empty for the root).

    Raises:
        RefusedError: INVALID_ARGUMENT where the name is none.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise invalid_argument(f'Invalid resource name: "{name}".')
    return match.group(1), match.group(2) or ""


def document_path(name: str, database: str) -> str:
    """The path of the document `name` names, checked to be one of `database` with valid ids.

    Raises:
        RefusedError: INVALID_ARGUMENT where it is not a valid document name.
    """
    owner, path = split_name(name)
    if owner != database:
        raise invalid_argument(f'Document name "{name}" is not in database "{database}".')
    check_document_path(path, name)
    return path


@lru_cache(8192)
def check_document_path(path: str, name: str) -> None:
    """Refuse what is no document: an odd number of ids, an empty, reserved or overlong id."""
    ids = path.split("/")
    if not path or len(ids) % 2:
        raise invalid_argument(f'Document name "{name}" does not name a document: it has an odd number of segments.')
    for segment in ids:
        check_id(segment)


def check_id(segment: str) -> None:
    """Refuse an id of a collection or document that Firestore does not allow."""
    if not segment or len(segment.encode()) > _MAX_ID_BYTES:
        raise invalid_argument("Resource id must be between 1 and 1500 bytes.")
    if segment in {".", ".."}:
        raise invalid_argument(f'Resource id "{segment}" is invalid.')
    if is_reserved(segment) and not _NUMERIC_ID.fullmatch(segment):
        raise invalid_argument(f'Resource id "{segment}" is invalid because it is reserved.')


def is_reserved(segment: str) -> bool:
    """Whether an id or field name is of the form `__.+__`; `____` is not."""
    return len(segment) > len("____") and _RESERVED_ID.fullmatch(segment) is not None


def numeric_id(segment: str) -> int | None:
    """The number in an id of the form `__id7__`; such ids sort numerically, before all others."""
    match = _NUMERIC_ID.fullmatch(segment)
    return int(match.group(1)) if match else None


def collection_of(path: str) -> str:
    """The path of the collection a document is in."""
    return path.rpartition("/")[0]


def last_id(path: str) -> str:
    """The last segment of a path."""
    return path.rpartition("/")[2]
