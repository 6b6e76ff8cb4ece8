"""A user's conversations, and who finds and judges what they teach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from common.database import conversations
from common.llm.fact_checks import checked
from common.llm.ports import Background, Dialogue, Fact, Known, Verdict
from common.llm.reconciling import RuleReconciler
from common.memories import extract, knowledge
from common.models.conversation import Conversation
from tests.contract.llm.conftest import account, endpoint, make_model, model, private_key, project, server
from tests.support.making import a_conversation, a_segment, at
from tests.support.providers import WordEmbedder

__all__ = ["account", "endpoint", "make_model", "model", "private_key", "project", "server"]


@dataclass
class Teller:
    """Remembers what it is told to, each fact said by all of the dialogue. `before` may change the world meanwhile."""

    name: str = "teller"
    says: list[str] = field(default_factory=list)
    before: Callable[[], object] | None = None
    backgrounds: list[Background] = field(default_factory=list)

    def remember(self, dialogue: Dialogue, background: Background) -> list[Fact]:
        self.backgrounds.append(background)
        if self.before is not None:
            self.before()
        turns = tuple(range(len(dialogue.turns)))
        return checked([Fact(content, turns) for content in self.says], dialogue, background)


@dataclass
class Arbiter:
    """Judges as it is told, by rule where it is told nothing."""

    name: str = "arbiter"
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    asked: list[tuple[str, Sequence[Known]]] = field(default_factory=list)

    def reconcile(self, facts: Sequence[tuple[str, Sequence[Known]]]) -> list[Verdict]:
        self.asked += facts
        by_rule = RuleReconciler().reconcile(facts)
        return [self.verdicts.get(content, verdict) for (content, _), verdict in zip(facts, by_rule, strict=True)]


@pytest.fixture(autouse=True)
def _words_here(words: WordEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "embedder", lambda: words)


@pytest.fixture
def teller(monkeypatch: pytest.MonkeyPatch) -> Teller:
    """Who finds what is worth remembering."""
    made = Teller()
    monkeypatch.setattr(extract, "rememberer", lambda: made)
    return made


@pytest.fixture
def arbiter(monkeypatch: pytest.MonkeyPatch) -> Arbiter:
    """Who judges it."""
    made = Arbiter()
    monkeypatch.setattr(extract, "reconciler", lambda: made)
    return made


def said(uid: str, *texts: str, conversation_id: str = "c1", day: int = 0, **fields: object) -> Conversation:
    """A completed conversation in which the user says these texts."""
    segments = [
        a_segment(text, 5.0 * n, 5.0 * n + 4, id=f"{conversation_id}-{n}", is_user=True) for n, text in enumerate(texts)
    ]
    stored = {
        "id": conversation_id,
        "status": "completed",
        "run": 1,
        "started_at": at(day * 86_400),
        "created_at": at(day * 86_400),
        "transcript_segments": segments,
        **fields,
    }
    return conversations.create(a_conversation(**stored), uid=uid)


def again(uid: str, *, conversation_id: str = "c1") -> int:
    """Another run of a conversation is completed; which."""
    conversation = conversations.get(uid=uid, conversation_id=conversation_id)
    conversations.reference(uid=uid, conversation_id=conversation_id).update({"run": conversation.run + 1})
    return conversation.run + 1
