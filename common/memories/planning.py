"""What is to be written for what a conversation has taught, as pure functions.

What the conversation taught before and its owner has not touched is replaced as a set: what is said again stays, the
rest goes, and what it had taken the place of comes back. What the owner has touched stays, whatever is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from common.llm.fact_checks import sense
from common.llm.ports import Verdict
from common.models.memory import Memory, MemoryCategory

PLAIN = "extractive"
"""What whoever remembers without a model is called."""


@dataclass(frozen=True)
class Lesson:
    """A fact that a conversation teaches, and which segments say it."""

    content: str
    category: MemoryCategory
    segment_ids: list[str]
    said_at: datetime
    learned_by: str


@dataclass(frozen=True)
class Former:
    """What the conversation taught before: which of it its owner has touched, and which may go.

    `restored` has, by the ids of those that may go, what they were before this conversation changed them.
    """

    kept: list[Memory] = field(default_factory=list)
    loose: list[Memory] = field(default_factory=list)
    restored: Mapping[str, Memory] = field(default_factory=dict)

    def without(self, staying: Sequence[Memory]) -> "Former":
        """The same but for what stays as it is."""
        ids = {memory.id for memory in staying}
        return Former(self.kept, [memory for memory in self.loose if memory.id not in ids], self.restored)

    @property
    def leaving(self) -> list[Memory]:
        """What goes without anything coming back."""
        return [memory for memory in self.loose if memory.id not in self.restored]


@dataclass(frozen=True)
class Plan:
    """What becomes of what: new memories, changes from what is to what shall be, and ends.

    What is `changed` is a former state from now on; what is `reworded` was this conversation's own.
    """

    added: list[Lesson] = field(default_factory=list)
    changed: list[tuple[Memory, Memory]] = field(default_factory=list)
    reworded: list[tuple[Memory, Memory]] = field(default_factory=list)
    restored: list[tuple[Memory, Memory]] = field(default_factory=list)
    ended: list[Memory] = field(default_factory=list)


def said_again(lessons: Sequence[Lesson], former: Former) -> tuple[list[Lesson], list[Memory]]:
    """The lessons that say something else than before, and what stays because it is said again."""
    known = {sense(memory.content): memory for memory in [*former.loose, *former.kept]}
    fresh = [lesson for lesson in lessons if sense(lesson.content) not in known]
    said = {sense(lesson.content) for lesson in lessons}
    return fresh, [memory for meant, memory in known.items() if meant in said]


def beyond(finder: str, former: Former) -> list[Memory]:
    """What whoever looks this time cannot be expected to find: without a model (no budget is left), what one did."""
    return [memory for memory in former.loose if finder == PLAIN and memory.learned_by not in {None, PLAIN}]


def plan(
    lessons: Sequence[tuple[Lesson, Sequence[Memory], Verdict]], former: Former, *, conversation_id: str, now: datetime
) -> Plan:
    """What is to be written.

    Args:
        lessons: each with what it was compared with, as it would be without this conversation, and the verdict.
        former: what the conversation taught before and does not say again.
        conversation_id: the conversation.
        now: the time.
    """
    made = Plan(
        restored=[(memory, former.restored[memory.id]) for memory in former.loose if memory.id in former.restored],
        ended=former.leaving,
    )
    loose = {memory.id: memory for memory in former.loose}
    taken: set[str] = set()
    for lesson, known, verdict in lessons:
        if verdict.what == "same":
            continue
        target = known[verdict.which] if verdict.what in {"merge", "replace"} else None
        if target is not None and _is_outdated(lesson, target):
            continue  # what is known was said later
        if target is None or target.id in taken or target.is_owners or target.is_locked:
            made.added.append(lesson)
            continue
        taken.add(target.id)
        after = taught(lesson, target, content=verdict.content, conversation_id=conversation_id, now=now)
        stored = loose.get(target.id)
        if stored is None:
            made.changed.append((target, after))
        else:
            made.restored[:] = [pair for pair in made.restored if pair[0].id != target.id]
            made.reworded.append((stored, after.but(revision=stored.revision)))
    return made


def taught(lesson: Lesson, memory: Memory, *, content: str, conversation_id: str, now: datetime) -> Memory:
    """What a memory becomes by a lesson."""
    return memory.but(
        content=content,
        category=lesson.category,
        conversation_id=conversation_id,
        memory_id=conversation_id,
        segment_ids=lesson.segment_ids,
        said_at=lesson.said_at,
        learned_by=lesson.learned_by,
        updated_at=now,
    )


def learned(lesson: Lesson, *, uid: str, conversation_id: str, now: datetime) -> Memory:
    """A lesson as a memory of its own."""
    return Memory(
        id="",
        uid=uid,
        content=lesson.content,
        category=lesson.category,
        created_at=now,
        updated_at=now,
        conversation_id=conversation_id,
        memory_id=conversation_id,
        segment_ids=lesson.segment_ids,
        said_at=lesson.said_at,
        learned_by=lesson.learned_by,
    )


def _is_outdated(lesson: Lesson, memory: Memory) -> bool:
    return memory.said_at is not None and memory.said_at > lesson.said_at
