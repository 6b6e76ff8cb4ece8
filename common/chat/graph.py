"""The graph of an answer: what does the question need, then words, and tools in between (CONTRACT section 6.1).

    decide ─┬─▶ quote                            no language model: quotations
            ├─▶ answer_simply                    nothing has to be looked up
            ├─▶ answer_as_persona                the app is a person: nothing personal is looked up
            └─▶ work ◀──▶ call_tools             with tools, and with the files of the chat where there are any

Imported only where an answer is made: LangGraph takes more than a second of CPU to import.
"""

from __future__ import annotations

import operator
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime  # noqa: TC002 - LangGraph reads the annotations

from common.chat.run import Run
from common.chat.steps import answer_as_persona, answer_simply, call_tools, decide, quote, work
from common.chat.stored_turns import Stored, calls_of

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

STEPS_LIMIT = 64
"""Of the graph; the limits of an answer end it long before."""


class State(TypedDict, total=False):
    """What is stored between steps: enough to go on in another instance."""

    route: str
    changes: bool
    turns: Annotated[list[Stored], operator.add]
    numbered: list[str]
    chart: dict[str, Any] | None


def compiled(checkpointer: BaseCheckpointSaver[int] | None) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph, keeping its states where `checkpointer` does."""
    return _builder().compile(checkpointer=checkpointer)


@cache
def _builder() -> StateGraph[Any, Any, Any, Any]:
    builder: StateGraph[Any, Any, Any, Any] = StateGraph(State, context_schema=Run)
    for name, step in _STEPS.items():
        builder.add_node(name, step)
    builder.add_edge(START, "decide")
    builder.add_conditional_edges("decide", lambda state: state["route"], list(_ANSWERING))
    builder.add_conditional_edges("work", _after_work, ["call_tools", END])
    builder.add_edge("call_tools", "work")
    for name in ("quote", "answer_simply", "answer_as_persona"):
        builder.add_edge(name, END)
    return builder


def _after_work(state: State) -> str:
    return "call_tools" if calls_of(state["turns"][-1]) else END


def _decide(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    del state
    return decide(runtime.context)


def _quote(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    del state
    return quote(runtime.context)


def _answer_simply(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    del state
    return answer_simply(runtime.context)


def _answer_as_persona(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    del state
    return answer_as_persona(runtime.context)


def _work(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    return work(runtime.context, state.get("turns", []), changes=state.get("changes", False))


def _call_tools(state: State, runtime: Runtime[Run]) -> dict[str, Any]:
    return call_tools(
        runtime.context,
        state["turns"],
        changes=state.get("changes", False),
        numbered=state.get("numbered", []),
        chart=state.get("chart"),
    )


_STEPS = {
    "decide": _decide,
    "quote": _quote,
    "answer_simply": _answer_simply,
    "answer_as_persona": _answer_as_persona,
    "work": _work,
    "call_tools": _call_tools,
}
_ANSWERING = ("quote", "answer_simply", "answer_as_persona", "work")
