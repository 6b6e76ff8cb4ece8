"""A document with computed tables between its words: `<!-- computed: NAME -->`, the table, `<!-- end -->`."""

import re
from collections.abc import Iterable, Mapping

_PLACE = re.compile(r"(<!-- computed: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_CENT = 0.005


def fill(document: str, found: Mapping[str, str]) -> str:
    """The document with each table in its place.

    Raises:
        KeyError: a place for which there is no table.
        ValueError: a table for which there is no place.
    """
    placed = {match[2] for match in _PLACE.finditer(document)}
    if missing := found.keys() - placed:
        raise ValueError(f"no place for {', '.join(sorted(missing))}")
    return _PLACE.sub(lambda match: f"{match[1]}{found[match[2]]}\n{match[3]}", document)


def usd(value: float) -> str:
    """Dollars and cents; what is less than half a cent says so."""
    return f"{value:,.2f}" if value == 0 or value >= _CENT else "< 0.01"


def amount(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.3g}"


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """In Markdown, the first column to the left and all others to the right."""
    names = list(columns)
    lines = ["| " + " | ".join(names) + " |", "|---" + "|---:" * (len(names) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
