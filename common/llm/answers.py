"""Reading a model's answer in the form that was asked for, with one chance to mend it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from common.core.errors import ProviderError
from common.llm.ports import T

_FENCE = re.compile(r"^\s*```[a-z]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL | re.IGNORECASE)
_SHOWN_ERRORS = 5


@dataclass(frozen=True)
class Rejected:
    """An answer that could not be read, and why, to be told to the model."""

    answer: str
    complaint: str


class _UnreadableError(Exception):
    """The answer is not JSON of the form asked for; the message says why without quoting it."""


def generate_checked(ask: Callable[[Rejected | None], str], response: type[T], *, provider: str) -> T:
    """Ask once, and once more with the error if the answer can't be read.

    Raises:
        ProviderError: the second answer can't be read either.
    """
    answer = ask(None)
    try:
        return _read(answer, response)
    except _UnreadableError as error:
        rejected = Rejected(answer, f"That answer can't be read: {error}. Answer again, with nothing but valid JSON.")
    answer = ask(rejected)
    try:
        return _read(answer, response)
    except _UnreadableError as error:
        raise ProviderError(f"{provider}: the answer does not have the form asked for: {error}") from None


def _read(answer: str, response: type[T]) -> T:
    fenced = _FENCE.match(answer)
    try:
        decoded = json.loads(fenced.group(1) if fenced else answer)
        return response.model_validate(decoded)
    except ValidationError as error:
        # The reasons without the input: they end in errors and logs, and the input is somebody's conversation.
        found = error.errors(include_input=False, include_url=False, include_context=False)[:_SHOWN_ERRORS]
        reasons = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'answer'}: {item['type']}" for item in found)
        raise _UnreadableError(reasons) from None
    except (ValueError, RecursionError):
        raise _UnreadableError("it is not complete JSON") from None


def strict_schema(response: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of `response` in the subset that providers enforce: every field required, no others allowed."""
    schema: dict[str, Any] = _strict(response.model_json_schema())
    return schema


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    # `properties` and `$defs` map names to schemas; a field may well be called "title" or "default".
    strict = {
        key: {name: _strict(item) for name, item in value.items()} if key in ("properties", "$defs") else _strict(value)
        for key, value in node.items()
        if key not in ("title", "default")
    }
    if strict.get("type") == "object" and "properties" in strict:
        strict |= {"required": list(strict["properties"]), "additionalProperties": False}
    return strict
