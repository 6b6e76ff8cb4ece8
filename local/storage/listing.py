"""Listing objects: prefix, delimiter, offsets, globs and pages."""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from local.storage.errors import invalid
from local.storage.preconditions import integer
from local.storage.resource import StoredObject

LAST = "\U0010ffff"
"""Sorts behind everything that continues a prefix."""
_MAX_RESULTS = 1000
Scan = Callable[[str, str], Iterator[StoredObject]]
"""Objects of a bucket with `start <= name < end` in the order of their names."""


@dataclass
class Page:
    """What one list request answers."""

    items: list[StoredObject] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_token: str | None = None


def list_page(query: Mapping[str, str], scan: Scan) -> Page:
    """The page of objects and common prefixes a request's parameters ask for."""
    limit = integer(query, "maxResults") or _MAX_RESULTS
    if limit < 0:
        raise invalid("maxResults must not be negative.")
    limit = min(limit, _MAX_RESULTS)
    prefix = query.get("prefix") or ""
    start = max(prefix, query.get("startOffset") or "", _after(query.get("pageToken")))
    end = min(prefix + LAST, query.get("endOffset") or LAST)
    page = Page()
    for found, group in _walk(query, prefix, scan, start, end):
        if len(page.items) + len(page.prefixes) >= limit:
            page.next_token = _token(page)
            break
        if group is not None:
            page.prefixes.append(group)
        if group is None or (found.name == group and query.get("includeTrailingDelimiter", "").lower() == "true"):
            page.items.append(found)
    return page


def _walk(
    query: Mapping[str, str], prefix: str, scan: Scan, start: str, end: str
) -> Iterator[tuple[StoredObject, str | None]]:
    """Objects, and for each common prefix its first object with it; the rest of the prefix is jumped over."""
    delimiter = query.get("delimiter") or ""
    glob = glob_pattern(query["matchGlob"]) if query.get("matchGlob") else None
    while True:
        for found in scan(start, end):
            if glob and not glob.fullmatch(found.name):
                continue
            cut = found.name.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                yield found, None
                continue
            group = found.name[: cut + len(delimiter)]
            yield found, group
            start = group + LAST
            break
        else:
            return


def _token(page: Page) -> str:
    """Stands for everything up to the last name or prefix on the page."""
    last_item = page.items[-1].name + "\0" if page.items else ""
    last_prefix = page.prefixes[-1] + LAST if page.prefixes else ""
    return base64.urlsafe_b64encode(max(last_item, last_prefix).encode()).decode()


def _after(token: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(token or "").decode()
    except ValueError as error:
        raise invalid("Invalid pageToken") from error


def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob of the list API as a regular expression: `*` and `?` stay within a folder, `**` does not."""
    symbols = re.findall(r"\*\*|\[!?[^\]]+\]|\\.|.", glob, flags=re.DOTALL)
    depth = 0
    parts: list[str] = []
    for symbol in symbols:
        if symbol in ("{", "}") or (symbol == "," and depth):
            depth += {"{": 1, "}": -1}.get(symbol, 0)
            parts.append({"{": "(?:", "}": ")", ",": "|"}[symbol])
        elif len(symbol) > 2 and symbol[0] == "[":  # noqa: PLR2004 - brackets around at least one character
            negated = symbol[1] == "!"
            inner = symbol[2 if negated else 1 : -1].replace("\\", r"\\").replace("^", r"\^").replace("[", r"\[")
            parts.append(f"[{'^/' if negated else ''}{inner}]")
        else:
            simple = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
            parts.append(simple.get(symbol) or re.escape(symbol[-1] if symbol[0] == "\\" else symbol))
    try:
        return re.compile("".join(parts), flags=re.DOTALL)
    except re.error as error:
        raise invalid(f"Invalid matchGlob: {glob!r}") from error
