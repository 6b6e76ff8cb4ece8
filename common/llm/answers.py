"""Reading a model's answer in the form that was asked for, with one chance to mend it.

Of the second answer, what cannot be read is left out, where the rest stands without it: one task without a description
does not cost a conversation its title.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from common.core.errors import ProviderError
from common.core.logs import get_logger
from common.llm.ports import T
from common.llm.thoughts import after_thoughts
from common.llm.whole_pieces import whole_json, whole_text

_SHOWN_ERRORS = 5
_SHOWN_CHARACTERS = 8000
"""Of an answer, to the model that gave it: one that does not end is not sent back whole."""
_NOTHING = "(no answer)"
"""Providers take no empty turns."""
_ROUNDS = 4
"""Of leaving out: a field, then what lacks it, as deep as answers are nested."""


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
        ProviderError: the second answer can't be read either, not even in part.
    """
    answer = ask(None)
    try:
        return _read(answer, response)
    except _UnreadableError as error:
        rejected = Rejected(
            whole_text(answer[:_SHOWN_CHARACTERS]).strip() or _NOTHING,
            f"That answer can't be read: {error}. Answer again, with nothing but valid JSON.",
        )
    answer = ask(rejected)
    try:
        return _read(answer, response, in_part=True)
    except _UnreadableError as error:
        raise ProviderError(f"{provider}: the answer does not have the form asked for: {error}") from None


def _read(answer: str, response: type[T], *, in_part: bool = False) -> T:
    try:
        decoded = whole_json(_decoded(answer))
        if isinstance(decoded, dict) and decoded and decoded.keys().isdisjoint(response.model_fields):
            # A form that demands nothing would take it for an answer that says nothing.
            raise _UnreadableError("it has none of the fields that were asked for")
        return _read_in_part(decoded, response) if in_part else response.model_validate(decoded)
    except ValidationError as error:
        # The reasons without the input: they end in errors and logs, and the input is somebody's conversation.
        found = error.errors(include_input=False, include_url=False, include_context=False)[:_SHOWN_ERRORS]
        reasons = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'answer'}: {item['type']}" for item in found)
        raise _UnreadableError(reasons) from None
    except (ValueError, RecursionError):
        raise _UnreadableError("it is not complete JSON") from None


def _decoded(answer: str) -> Any:
    """The JSON that an answer is, or else the one object in it: models explain it, think before it, or fence it in.

    It has to be the only one. The first of several would often be a valid answer that leaves everything out.

    Raises:
        ValueError: there is none.
        RecursionError: it is nested too deeply.
    """
    try:
        return json.loads(answer)
    except ValueError:
        said = after_thoughts(answer)
    before, brace, rest = said.partition("{")
    if not brace or before.rstrip().endswith("["):
        raise ValueError("no object")
    decoded, end = json.JSONDecoder().raw_decode(brace + rest)
    if "{" in rest[end - 1 :]:
        raise ValueError("several objects")
    return decoded


def _read_in_part(decoded: Any, response: type[T]) -> T:
    for _ in range(_ROUNDS):
        try:
            return response.model_validate(decoded)
        except ValidationError as error:
            if not _leave_out(decoded, error):
                raise
            get_logger().info("answer_read_in_part", form=response.__name__, left_out=error.error_count())
    return response.model_validate(decoded)


def _leave_out(decoded: Any, error: ValidationError) -> bool:
    """Take out the fields that are wrong, and the items of lists that lack one; whether anything is left then."""
    places = {_removable(item["loc"], lacking=item["type"] == "missing") for item in error.errors(include_url=False)}
    if () in places:
        return False
    for place in sorted(places, reverse=True):  # from behind: what is taken out moves nothing that is still to go
        holder = decoded
        for step in place[:-1]:
            holder = holder[step]
        del holder[place[-1]]
    return any(decoded.values())


def _removable(place: tuple[int | str, ...], *, lacking: bool) -> tuple[int | str, ...]:
    """What has to go for an error at `place`: what is there, or where it is lacking, the item of a list around it."""
    if not lacking:
        return place
    return next((place[:end] for end in range(len(place) - 1, 0, -1) if isinstance(place[end - 1], int)), ())


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
