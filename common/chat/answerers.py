"""Who answers in the chat: the graph, with the language model if there is one, with quotations otherwise."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from common.chat.pacing import TOTAL_S, paced
from common.chat.ports import Charted, Cites, Part, Question, Thinking
from common.core.clock import Deadline
from common.llm.budget import spent
from common.llm.providers import language_model, talker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langgraph.types import StateSnapshot

    from common.chat.pacing import Emit
    from common.chat.ports import Answerer
    from common.chat.run import Models, Run
    from common.llm.ports import LanguageModel
    from common.llm.talking import Talker

LOOKING = "Looking at your question"
_BEGINNING: dict[str, Any] = {"turns": []}


def answerer() -> Answerer:
    """Whoever answers now; asked anew for every question, for it depends on the user's budget."""
    return GraphAnswerer(_models(talker(), language_model()))


def _models(speaker: Talker | None, decider: LanguageModel | None) -> Models | None:
    if speaker is None or decider is None:
        return None
    from common.chat.run import Models

    return Models(speaker, decider)


class GraphAnswerer:
    """Goes through the graph. Somebody else may have to go on with it, so its work is kept until it is answered."""

    def __init__(self, models: Models | None) -> None:
        self._models = models

    @property
    def name(self) -> str:
        """The model."""
        return "local model" if self._models is None else self._models.talker.name

    def answer(self, question: Question) -> Iterator[Part]:
        """The answer, with a thought now and then."""
        within_s = TOTAL_S if question.within_s is None else min(TOTAL_S, question.within_s)
        deadline, stop = Deadline.real(within_s), threading.Event()
        return paced(
            lambda emit: self._work(question, emit, deadline=deadline, stop=stop), deadline=deadline, stop=stop
        )

    def _work(self, question: Question, emit: Emit, *, deadline: Deadline, stop: threading.Event) -> None:
        emit(Thinking(LOOKING))
        # LangSmith, which comes with LangGraph, would tell its servers of every step if the environment said so.
        from langsmith import tracing_context

        from common.chat.run import Run

        run = Run(question, self._models, emit, deadline, stop)
        try:
            with tracing_context(enabled=False):
                state = self._final_state(run)
        finally:
            run.let_go()
        if cited := run.citing.cited(state.get("numbered") or []):
            emit(Cites(cited))
        if chart := state.get("chart"):
            emit(Charted(chart))

    def _final_state(self, run: Run) -> dict[str, Any]:
        """Go through the graph, from where an earlier attempt has come to.

        What one has said or done before the user's tokens of today were used up is gone on with all the same: without
        the model it would be said, or done, in another way once more.
        """
        from common.chat.graph import STEPS_LIMIT, compiled

        question = run.question
        config: Any = {"configurable": {"thread_id": question.answer_id}, "recursion_limit": STEPS_LIMIT}
        if run.models is None and not spent():
            return dict(compiled(None).invoke(_BEGINNING, config, context=run))
        from common.database.checkpoints import FirestoreSaver

        graph = compiled(FirestoreSaver(uid=question.uid))
        known = graph.get_state(config)
        if run.models is None:
            if not _has_turns(known):
                return dict(compiled(None).invoke(_BEGINNING, config, context=run))
            run.models = _models(talker.regardless(), language_model.regardless())
        if known.metadata is None:
            return dict(graph.invoke(_BEGINNING, config, context=run, durability="sync"))
        run.say_again(known.values.get("turns") or [])
        # What a step has found may be stored and not be a part of the state yet. It is not done again, so not said
        # either; nor does `next` name that step, though the work goes on after it.
        for step in known.tasks:
            run.say_again((step.result or {}).get("turns") or [])
        state = dict(graph.invoke(None, config, context=run, durability="sync") if known.tasks else known.values)
        run.say_rest(state.get("turns") or [])
        return state


def _has_turns(known: StateSnapshot) -> bool:
    return bool(known.values.get("turns")) or any((step.result or {}).get("turns") for step in known.tasks)
