"""A text without what nobody else shall learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.llm.redacting.cards import find_cards
from common.llm.redacting.credentials import find_credentials
from common.llm.redacting.digits import runs
from common.llm.redacting.findings import Finding, hidden
from common.llm.redacting.identities import find_identities
from common.llm.redacting.named import hidden_value, kind_named
from common.llm.redacting.told import find_told


def find(text: str) -> list[Finding]:
    """Everything in a text that is to be hidden; some of it may overlap."""
    numbers = list(runs(text))
    return [
        *find_credentials(text),
        *find_identities(text),
        *find_cards(text, numbers),
        *find_told(text, numbers),
    ]


def redact(text: str) -> str:
    """The text with `[card number]` and the like in place of what is to be hidden; the same again changes nothing."""
    found = find(text)
    return hidden(text, found) if found else text


def redact_lines(texts: Sequence[str]) -> list[str]:
    """Texts that follow each other, each redacted; a number may begin in one and end in another."""
    together = redact("\n".join(texts)).split("\n")
    # One that has lines of its own, or a key that is spread over several: then each for itself.
    return together if len(together) == len(texts) else [redact(text) for text in texts]


def redact_json(value: Any) -> Any:
    """What a JSON document holds, with each text and whole number redacted, by itself and by its field's name."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, int) and not isinstance(value, bool) and find(str(value)):
        return redact(str(value))
    if isinstance(value, Mapping):
        return {name: _redact_field(name, item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return _redact_items(value)
    return value


def _redact_field(name: object, value: Any) -> Any:
    kind = kind_named(name)
    return redact_json(value if kind is None else hidden_value(value, kind))


def _redact_items(items: Sequence[Any]) -> list[Any]:
    """Items of a list; where each has a `text`, as segments of a transcript have, these follow each other."""
    redacted = [redact_json(item) for item in items]
    if items and all(isinstance(item, Mapping) and isinstance(item.get("text"), str) for item in items):
        for item, text in zip(redacted, redact_lines([item["text"] for item in items]), strict=True):
            item["text"] = text
    return redacted
