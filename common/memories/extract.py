"""What a conversation teaches about its owner is remembered, judged by what is known already (CONTRACT section 5.5)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from common.core import clock
from common.core.errors import OutdatedError
from common.database import account_deletions, bound_writes, conversations, memories, people, users
from common.database.bound_writes import Change
from common.llm.ports import Background, Fact
from common.llm.providers import reconciler, rememberer
from common.llm.reconciling import by_rule
from common.memories import forgetting, knowledge, planning
from common.memories.categorise import categorise
from common.memories.hearing import UNNAMED, Heard, hear, people_in
from common.memories.knowledge import Compared, Knowledge
from common.memories.planning import Former, Lesson, Plan
from common.models.conversation import Conversation
from common.models.memory import MemoryCategory

_MOST_IMPORTED = 100
"""Facts, and as many insights, of one text that an app hands over."""
_MOST_INTRODUCING = 20
"""Facts of somebody who was asked about themselves; of talk it is a few."""
_QUERY = 1000
"""Characters of a conversation by which what is known about it is looked for."""
_TRIES = 4
"""To judge what a conversation says by what is known, while others of the same user teach something."""
_OF_THE_USER = {"personal", "health", "work", "relationships", "preferences"}
"""Kinds of fact that a model may name."""


@dataclass(frozen=True)
class _Known:
    """What is known already, and how often conversations had changed it before that was read."""

    taught: int
    former: Former
    others: Knowledge


@dataclass(frozen=True)
class _Found:
    """What a conversation says, and who has found it; nobody where it was not worth asking."""

    heard: Heard
    facts: Sequence[Fact] = ()
    by: str | None = None


def extract_memories(*, uid: str, conversation_id: str, run: int) -> str:
    """Do it for one run; says in a word what came of it. Doing it again changes nothing.

    Raises:
        RetryableError: a model or store failed, or what is known was changed meanwhile.
    """
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None or account_deletions.under_way(uid):
        return "deleted"
    if not bound_writes.is_current(conversation, run=run):
        return "superseded"
    if conversation.is_locked:
        return "locked"
    user = users.display_name(uid=uid) or UNNAMED
    heard = hear(conversation, user=user, names=people.names(uid=uid, person_ids=people_in(conversation)))
    query = "" if conversation.discarded or heard.too_short else _query(conversation, heard)
    known = _recall(query, conversation_id, uid=uid)
    background = _of_parts(_background(heard, user, known), conversation, known.former)
    found = _find(heard, background) if query else _Found(heard)
    for _ in range(_TRIES):
        # Asking takes long: where others have taught something meanwhile, what is found is judged by that, too.
        if bound_writes.count_taught(uid=uid) != known.taught:
            known = _recall(query, conversation_id, uid=uid)
        plan = _judge(found, conversation, known, uid=uid)
        with suppress(OutdatedError):
            written = _write(_changes(plan, uid=uid, conversation_id=conversation_id), conversation, known, uid=uid)
            return _told(plan) if written else "superseded"
    raise OutdatedError("Other conversations keep teaching something")


def _recall(query: str, conversation_id: str, *, uid: str) -> _Known:
    taught = bound_writes.count_taught(uid=uid)
    former = knowledge.of_conversation(conversation_id, uid=uid)
    return _Known(taught, former, knowledge.recall(query, uid=uid) if query else Knowledge([], [], []))


def _find(heard: Heard, background: Background) -> _Found:
    """What the conversation says about its owner."""
    finder = rememberer()
    return _Found(heard, finder.remember(heard.dialogue, background), finder.name)


def _judge(found: _Found, conversation: Conversation, known: _Known, *, uid: str) -> Plan:
    """What is to be remembered of it, and what of before it no longer is."""
    lessons = _lessons(found, conversation, known.former, uid=uid)
    staying = planning.beyond(found.by, known.former) if found.by is not None else []
    fresh, repeated = planning.said_again(lessons, known.former)
    former = known.former.without([*staying, *repeated])
    compared = knowledge.compare(fresh, known.others, former, uid=uid)
    fresh, compared = _believed(fresh, compared)
    verdicts = reconciler().reconcile(
        [(lesson.content, near) for lesson, (_, near) in zip(fresh, compared, strict=True)]
    )
    judged = [(lesson, near, verdict) for lesson, (near, _), verdict in zip(fresh, compared, verdicts, strict=True)]
    return planning.plan(judged, former, conversation_id=conversation.id, now=clock.now())


def _query(conversation: Conversation, heard: Heard) -> str:
    """What the conversation is about, in words to search by."""
    about = f"{conversation.structured.title} {conversation.structured.overview}".strip()
    return (about or " ".join(turn.text for turn in heard.dialogue.turns))[:_QUERY]


def _background(heard: Heard, user: str, known: _Known) -> Background:
    contents = known.others.contents(known.former)
    if heard.introduces:
        return Background(user, contents, most_facts=_MOST_INTRODUCING)
    if not heard.imported:
        return Background(user, contents, alone_is_user=not heard.anybodys)
    return Background(user, contents, most_facts=_MOST_IMPORTED, most_insights=_MOST_IMPORTED, alone_is_user=False)


def _of_parts(background: Background, conversation: Conversation, former: Former) -> Background:
    """What is looked for in one that was merged: as much as in its parts, and as much as these have taught."""
    parts = len(conversation.merged_from)
    if not parts:
        return background
    taught = [*former.kept, *former.loose]
    insights = sum(memory.category is MemoryCategory.INTERESTING for memory in taught)
    return replace(
        background,
        most_facts=max(parts * background.most_facts, len(taught) - insights),
        most_insights=max(parts * background.most_insights, insights),
    )


def _lessons(found: _Found, conversation: Conversation, former: Former, *, uid: str) -> list[Lesson]:
    """The facts without what the user has deleted or corrected before."""
    if found.by is None:
        return []
    said_at = found.heard.dialogue.started_at
    contents = [fact.content for fact in found.facts]
    oblivion = forgetting.load(conversation.id, contents, former.kept, uid=uid, said_at=said_at)
    lessons = [
        Lesson(fact.content, _category(fact), found.heard.sources(fact.turns), said_at, found.by)
        for fact in found.facts
    ]
    return [lesson for lesson in lessons if not oblivion.holds(lesson.content, lesson.segment_ids)]


def _category(fact: Fact) -> MemoryCategory:
    if fact.is_insight:
        return MemoryCategory.INTERESTING
    if fact.category is None:
        return categorise(fact.content)
    return MemoryCategory(fact.category) if fact.category in _OF_THE_USER else MemoryCategory.SYSTEM


def _believed(lessons: Sequence[Lesson], compared: Sequence[Compared]) -> tuple[list[Lesson], list[Compared]]:
    """The lessons that don't say what the user has said is not true; that is nothing to compare the others with."""
    kept: list[tuple[Lesson, Compared]] = []
    for lesson, (near, known) in zip(lessons, compared, strict=True):
        untrue = [each for memory, each in zip(near, known, strict=True) if memory.rejected]
        if by_rule(lesson.content, untrue).what == "same":
            continue
        true = [place for place, memory in enumerate(near) if not memory.rejected]
        kept.append((lesson, ([near[place] for place in true], [known[place] for place in true])))
    return [lesson for lesson, _ in kept], [each for _, each in kept]


def _changes(plan: Plan, *, uid: str, conversation_id: str) -> list[list[Change]]:
    """What has to be written; what belongs together stands together."""
    store = memories.of(uid=uid)
    changes = [[Change(store, memory, None)] for memory in plan.ended]
    changes += [[Change(store, before, after)] for before, after in plan.reworded]
    changes += [memories.restoring(before, after, uid=uid) for before, after in plan.restored]
    changes += [memories.replacing(before, after, uid=uid) for before, after in plan.changed]
    for lesson in plan.added:
        memory = planning.learned(lesson, uid=uid, conversation_id=conversation_id, now=clock.now())
        named = memories.find_place(memory, uid=uid)
        changes += [[Change(store, None, named)]] if named is not None else []
    return changes


def _write(changes: Sequence[Sequence[Change]], conversation: Conversation, known: _Known, *, uid: str) -> bool:
    """All at once; more than that takes, one part after the other: whoever comes again begins with what is there."""
    parts: list[list[Change]] = [[]]
    for together in changes:
        if len(parts[-1]) + len(together) > bound_writes.MOST_CHANGES:
            parts.append([])
        parts[-1] += together
    return all(
        bound_writes.write_for_run(
            part, uid=uid, conversation_id=conversation.id, run=conversation.run, taught=known.taught + number
        )
        for number, part in enumerate(parts)
    )


def _told(plan: Plan) -> str:
    return f"{len(plan.added)} new, {len(plan.changed)} changed, {len(plan.ended)} gone"
