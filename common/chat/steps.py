"""The steps of an answer: each takes what was found so far and returns what it adds to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.chat import prompts
from common.chat.acting import act
from common.chat.limits import calls_made, enough, fitted
from common.chat.needs import Needs, ask_needs
from common.chat.pacing import SETUP_S, within
from common.chat.plain_failures import heard
from common.chat.ports import Thinking, Words
from common.chat.quoting import QuotingAnswerer
from common.chat.spoken import spoken_turns
from common.chat.stored_turns import calls_of, stored, turn_of
from common.core import clock
from common.core.errors import ProviderError, ProviderRefusedError
from common.core.logs import get_logger
from common.core.settings import settings
from common.database import users
from common.llm.budget import spent
from common.llm.talking import Call, Said, ToolsRefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.chat.run import Models, Run
    from common.chat.stored_turns import Stored
    from common.llm.talking import ToolDescription, Turn

PERSONA_NEEDS_A_MODEL = "I can only speak as somebody where a language model is set up."
PERSONA_RESTS = "Today's use of models is spent: I can speak as somebody again tomorrow."
RESTS = "Today's use of language models is spent: until tomorrow I only quote."


def decide(run: Run) -> dict[str, Any]:
    """Which way the answer goes."""
    if run.models is None:
        return {"route": "quote"}
    if run.app is not None and run.app.is_persona:
        return {"route": "answer_as_persona"}
    needs = _needs(run, run.models)
    looked_at = run.question.context is not None
    return {
        "route": "work" if needs.context or needs.changes or looked_at or run.files else "answer_simply",
        "changes": needs.changes,
    }


def quote(run: Run) -> dict[str, Any]:
    """Answer with quotations."""
    if run.app is not None and run.app.is_persona:
        run.say(PERSONA_RESTS if spent() else PERSONA_NEEDS_A_MODEL)
        return {}
    _quoted(run)
    if spent():
        run.emit(Words(f"\n\n{RESTS}"))
    return {}


def answer_simply(run: Run) -> dict[str, Any]:
    """Answer from the chat alone."""
    system = f"{prompts.ASSISTANT}{prompts.SIMPLE}{_about_the_user(run)}{_of_the_app(run)}"
    return {"turns": [stored(_talk(run, system, spoken_turns(run.question), ()))]}


def answer_as_persona(run: Run) -> dict[str, Any]:
    """Answer as the app's person."""
    described = (run.app.persona_prompt or run.app.description) if run.app is not None else ""
    return {"turns": [stored(_talk(run, f"{prompts.PERSONA}{described}", spoken_turns(run.question), ()))]}


def work(run: Run, turns: Sequence[Stored], *, changes: bool) -> dict[str, Any]:
    """Have the model say something or call tools."""
    # An answer may be many calls of the model, each of them with all that was read: the last one says so.
    no_more = enough(turns) or (bool(turns) and spent())

    def tools() -> Sequence[ToolDescription]:
        return () if no_more else [each.description for each in run.tools(changes=changes).values()]

    system = prompts.ASSISTANT + prompts.WORKING + (prompts.READING if run.files else "")
    system += _about_the_user(run) + _of_the_app(run) + (prompts.ENOUGH if no_more else "")
    asked: list[Turn] = list(spoken_turns(run.question))
    if run.files:
        asked.insert(len(asked) - 1, run.shown_files)
    read = fitted([*asked, *map(turn_of, turns)], most_tokens=settings().chat_tokens)
    unsaid = run.left
    try:
        said = _talk(run, system, read, tools())
    except ToolsRefusedError:
        # Without any it would have to invent what was said, but it can read.
        get_logger().warning("chat_model_takes_no_tools")
        said = _talk(run, system, read, ()) if run.files else _quoted(run)
    except ProviderRefusedError:
        # Perhaps a tool as its maker describes it: that costs the user that tool, not the answer. What was said before
        # the model declined would be said twice.
        if run.left < unsaid or not run.give_up_theirs():
            raise
        get_logger().warning("chat_tools_refused")
        said = _talk(run, system, read, tools())
    return {"turns": [stored(said)]}


def call_tools(
    run: Run, turns: Sequence[Stored], *, changes: bool, numbered: Sequence[str], chart: dict[str, Any] | None
) -> dict[str, Any]:
    """Call the tools that the last turn asks for."""
    tools = run.tools(changes=changes)
    calls = calls_of(turns[-1])
    for doing in dict.fromkeys(tools[call.name].doing for call in calls if call.name in tools):
        run.emit(Thinking(doing))
    changed = sum(1 for turn in turns if "call" in turn and (tool := tools.get(turn["call"]["name"])) and tool.changes)
    acted = act(calls, tools, run.scope, made=calls_made(turns), changed=changed, numbered=numbered)
    return {
        "turns": [stored(answer) for answer in acted.answers],
        "numbered": list(acted.numbered),
        "chart": acted.chart or chart,
    }


def _quoted(run: Run) -> Said:
    words = ""
    for part in QuotingAnswerer().answer(run.question):
        words += part.text if isinstance(part, Words) else ""
        run.emit(part)
    run.end_of_turn()
    return Said(words, by_user=False)


def _needs(run: Run, models: Models) -> Needs:
    """What the question needs; where nobody can say so, it is looked up, and nothing is changed."""
    question = run.question
    try:
        return within(SETUP_S, lambda: ask_needs(models.decider, question.history, question.message))
    except ProviderError as error:
        get_logger().info("chat_needs_unknown", error=type(error).__name__)
        return Needs(context=True, changes=False)


def _talk(run: Run, system: str, turns: Sequence[Turn], tools: Sequence[ToolDescription]) -> Said:
    if run.models is None:
        raise ProviderError("There is no language model any more")
    said, calls = "", list[Call]()
    pieces = run.models.talker.talk(system=system, turns=turns, tools=tools, within_s=run.deadline.remaining)
    for piece in heard(pieces):
        if run.stop.is_set():
            raise ProviderError("Nobody waits for the answer")
        if isinstance(piece, Call):
            calls += [piece] if tools else []
            continue
        words = piece[: run.left]
        said += words
        run.say(words)
        if not run.left:
            get_logger().warning("chat_answer_cut")
            break
    run.end_of_turn()
    return Said(said, by_user=False, calls=tuple(calls))


def _about_the_user(run: Run) -> str:
    return prompts.now_line(clock.now().astimezone(run.zone), name=users.display_name(uid=run.question.uid))


def _of_the_app(run: Run) -> str:
    prompt = run.app.chat_prompt if run.app is not None else None
    return prompts.APP.format(prompt=prompt) if prompt else ""
