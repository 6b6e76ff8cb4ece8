"""Calling the tools that a model asked for: each for the user who asks, all of them bounded, none of them believed."""

import contextvars
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from common.chat.limits import MOST_CALLS
from common.chat.tools.base import Output, Scope, Tool
from common.core.errors import EarshotError, OutsideError
from common.core.ids import derived_id
from common.core.logs import get_logger, where
from common.core.settings import settings
from common.llm.talking import Answered, Call
from common.llm.unseen import seen
from common.llm.whole_pieces import whole_text

LONGEST = 60_000
"""Characters of what one tool answers."""
MOST_CHANGES = 10
"""Things that one answer may change."""
_AT_ONCE = 4
_CUT = "\n(cut: there is more)"
_MARK = re.compile(r"[<\uff1c\ufe64](?=\s*[/\uff0f]?\s*tool_output)", re.IGNORECASE)
NO_OBJECT = "The arguments are not a plain JSON object. Call the tool again."
UNKNOWN = "There is no such tool."
TOO_MANY = "Not called: too many tools were called for this answer."
FAILED = "The tool failed."
OUT_OF_TIME = "Not called: there is no time left."


@dataclass(frozen=True)
class Acted:
    """What came of a turn's calls: answers in their order, all conversations numbered so far, and the last chart."""

    answers: tuple[Answered, ...]
    numbered: tuple[str, ...]
    chart: dict[str, Any] | None


def act(
    calls: Sequence[Call], tools: Mapping[str, Tool], scope: Scope, *, made: int, changed: int, numbered: Sequence[str]
) -> Acted:
    """Call tools, a few at once.

    Args:
        calls: what the model asked for.
        tools: what it was told of.
        scope: for whom.
        made: how many calls this answer has had.
        changed: how many of them were to change something.
        numbered: the conversations that the model knows by number, the first being 1.
    """
    allowed: list[Call] = []
    for call in calls[: max(0, MOST_CALLS - made)]:
        found = tools.get(call.name)
        changed += found is not None and found.changes
        if found is None or not found.changes or changed <= MOST_CHANGES:
            allowed.append(call)
    permitted = {id(call) for call in allowed}

    def run(place: int, call: Call) -> Output:
        if id(call) not in permitted:
            return Output(TOO_MANY)
        return _output(call, tools, scope, key=derived_id("call", scope.answer_id, call.id, made + place))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [pool.submit(contextvars.copy_context().run, run, place, call) for place, call in enumerate(calls)]
        outputs = [future.result() for future in futures]
    known, chart, answers = list(numbered), None, []
    for call, output in zip(calls, outputs, strict=True):
        text = _numbered(output, known)
        chart = dict(output.chart) if output.chart is not None else chart
        answers.append(Answered(call, marked(call.name, text)))
    return Acted(tuple(answers), tuple(known), chart)


def marked(name: str, text: str) -> str:
    """What a tool answered, in whole characters, cut and between marks that its text cannot close."""
    longest = min(LONGEST, settings().chat_tokens)  # a quarter of what fits, where a token is four characters
    cut = text if len(text) <= longest else text[: longest - len(_CUT)] + _CUT
    return f'<tool_output tool="{name}">\n{_defused(seen(whole_text(cut)))}\n</tool_output>'


def _defused(text: str) -> str:
    return _MARK.sub("< ", text)


def _output(call: Call, tools: Mapping[str, Tool], scope: Scope, *, key: str) -> Output:
    if (found := tools.get(call.name)) is None:
        return Output(UNKNOWN)
    if call.arguments is None:
        return Output(NO_OBJECT)
    if scope.deadline.passed:
        return Output(OUT_OF_TIME)
    try:
        return found.run(scope, call.arguments, key)
    except EarshotError as error:
        if not isinstance(error, OutsideError):
            get_logger().info("chat_tool_refused", error=type(error).__name__)
        return Output(f"Error: {error}")
    except Exception as error:  # noqa: BLE001 - the answer goes on without what one tool could have told
        get_logger().error("chat_tool_failed", error=type(error).__name__, at=where(error))
        return Output(FAILED)


def _numbered(output: Output, known: list[str]) -> str:
    """The text with every conversation under its number; `known` grows by those that are new."""
    blocks = [output.text] if output.text else []
    for conversation_id, text in output.conversations:
        if conversation_id not in known:
            known.append(conversation_id)
        blocks.append(f"[{known.index(conversation_id) + 1}] {text}")
    return "\n\n".join(blocks)
