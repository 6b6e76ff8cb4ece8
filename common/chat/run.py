"""One answer in the making: for whom, with what, until when; what must not be stored with the state of the work."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from common.chat.attached import files_of, let_go, show
from common.chat.citing import Citing
from common.chat.limits import LONGEST_ANSWER
from common.chat.partner import find_partner
from common.chat.ports import Part, Question, Words
from common.chat.stored_turns import Stored, by_model
from common.chat.tools.base import Scope, Tool
from common.chat.tools.offered import offered_tools
from common.core.clock import Deadline
from common.database import users
from common.llm.pictures import Unpictured
from common.llm.ports import LanguageModel
from common.llm.talking import Said, Talker
from common.models.app import App
from common.models.chat import FileChat


@dataclass(frozen=True)
class Models:
    """Who talks, and who decides what a question needs."""

    talker: Talker
    decider: LanguageModel


@dataclass
class Run:
    """What the steps of one answer share.

    Attributes:
        question: what is answered.
        models: by whom; None where there is no language model.
        emit: takes the parts of the answer as they come.
        deadline: of all of it, in real seconds.
        stop: is set when nobody wants the rest.
    """

    question: Question
    models: Models | None
    emit: Callable[[Part], None]
    deadline: Deadline
    stop: threading.Event
    citing: Citing = field(default_factory=Citing)
    unpictured: Unpictured = field(default_factory=Unpictured)
    said: int = 0
    """Turns of the model whose words have gone out."""
    left: int = LONGEST_ANSWER
    """Characters that may still go out."""
    _tools: dict[str, Tool] | None = None

    @cached_property
    def app(self) -> App | None:
        """The app that the chat is with, if there is one that the user may see."""
        return find_partner(self.question.message.app_id, uid=self.question.uid)

    @cached_property
    def files(self) -> tuple[FileChat, ...]:
        """The files of the chat."""
        return files_of(self.question)

    @cached_property
    def shown_files(self) -> Said:
        """What stands in them."""
        return show(self.files, uid=self.question.uid)

    def let_go(self) -> None:
        """Give back what was held for its files."""
        if (shown := self.__dict__.pop("shown_files", None)) is not None:
            let_go(shown)

    @cached_property
    def scope(self) -> Scope:
        """For whom tools work."""
        return Scope(
            uid=self.question.uid,
            answer_id=self.question.answer_id,
            zone=self.zone,
            deadline=self.deadline,
            files=self.files,
        )

    @cached_property
    def zone(self) -> ZoneInfo:
        """The user's timezone."""
        return users.zone(uid=self.question.uid)

    def tools(self, *, changes: bool) -> dict[str, Tool]:
        """The tools that may be called; looked for once."""
        if self._tools is None:
            self._tools = offered_tools(self.scope, changes=changes)
        return self._tools

    def give_up_theirs(self) -> bool:
        """Go on without the tools of apps; whether there were any."""
        ours = {name: tool for name, tool in (self._tools or {}).items() if tool.ours}
        fewer = len(ours) < len(self._tools or {})
        self._tools = ours if fewer else self._tools
        return fewer

    def say(self, text: str) -> None:
        """Let words of the model go out, without their markers and pictures."""
        self.left -= len(text)
        if clean := self.unpictured.feed(self.citing.feed(text)):
            self.emit(Words(clean))

    def end_of_turn(self) -> None:
        """Let go out what was held back: no marker is torn apart by a tool."""
        self.said += 1
        if rest := self.unpictured.feed(self.citing.rest()) + self.unpictured.rest():
            self.emit(Words(rest))

    def say_again(self, turns: Sequence[Stored]) -> None:
        """Let go out once more what the model said in an attempt that was interrupted."""
        for turn in by_model(turns):
            self.say(turn["text"])
            self.end_of_turn()

    def say_rest(self, turns: Sequence[Stored]) -> None:
        """Let go out what of these turns has not: the last ones may be what another attempt has done meanwhile."""
        self.say_again(by_model(turns)[self.said :])
