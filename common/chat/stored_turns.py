"""Turns of model and tools as they are stored with the state of the work: plain JSON, so that any version reads it."""

import base64
from collections.abc import Iterable
from typing import Any

from common.llm.talking import Answered, Call, Said, Turn

Stored = dict[str, Any]


def stored(turn: Turn) -> Stored:
    """A turn to store; of a model or a tool, never one with pictures."""
    if isinstance(turn, Answered):
        return {"call": _stored_call(turn.call), "content": turn.content}
    return {"text": turn.text, "calls": [_stored_call(call) for call in turn.calls]}


def by_model(turns: Iterable[Stored]) -> list[Stored]:
    """Those of the model; the others are what tools have answered."""
    return [turn for turn in turns if "call" not in turn]


def turn_of(fields: Stored) -> Turn:
    """The turn that was stored."""
    if "call" in fields:
        return Answered(_call_of(fields["call"]), fields["content"])
    return Said(fields["text"], by_user=False, calls=calls_of(fields))


def calls_of(fields: Stored) -> tuple[Call, ...]:
    """The calls of a stored turn; none of a tool's answer."""
    return tuple(_call_of(call) for call in fields.get("calls", ()))


def _stored_call(call: Call) -> Stored:
    signature = None if call.signature is None else base64.b64encode(call.signature).decode()
    arguments = None if call.arguments is None else dict(call.arguments)
    return {"id": call.id, "name": call.name, "arguments": arguments, "signature": signature}


def _call_of(fields: Stored) -> Call:
    signature = fields["signature"]
    return Call(
        fields["id"], fields["name"], fields["arguments"], None if signature is None else base64.b64decode(signature)
    )
