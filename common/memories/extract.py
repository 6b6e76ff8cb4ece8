"""What a conversation teaches about its owner is remembered, judged by what is known already (CONTRACT section 5.5)."""

from collections.abc import Sequence

from common.core import clock
from common.core.errors import RetryableError
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
from common.models.conversation import Conversation, ConversationStatus
from common.models.memory import Memory, MemoryCategory

_MOST_IMPORTED = 100
"""Facts, and as many insights, of one text that an app hands over."""
_QUERY = 1000
"""Characters of a conversation by which what is known about it is looked for."""
_OF_THE_USER = {"personal", "health", "work", "relationships", "preferences"}
"""Kinds of fact that a model may name."""


def extract_memories(*, uid: str, conversation_id: str, run: int) -> str:
    """Do it for one run; says in a word what came of it. Doing it again changes nothing.

    Raises:
        RetryableError: a model or store failed, or what is known was changed meanwhile.
    """
    conversation = conversations.find(uid=uid, conversation_id=conversation_id)
    if conversation is None or account_deletions.under_way(uid):
        return "deleted"
    if conversation.run != run or conversation.status is not ConversationStatus.COMPLETED:
        return "superseded"
    if conversation.is_locked:
        return "locked"
    former = knowledge.of_conversation(conversation_id, uid=uid)
    plan = _think(conversation, former, uid=uid)
    changes = _changes(plan, uid=uid, conversation_id=conversation_id)
    if len(changes) > bound_writes.MOST_CHANGES:
        raise RetryableError("More is learned than is written at once")
    if not bound_writes.write_for_run(changes, uid=uid, conversation_id=conversation_id, run=run):
        return "superseded"
    return f"{len(plan.added)} new, {len(plan.changed)} changed, {len(plan.ended)} gone"


def _think(conversation: Conversation, former: Former, *, uid: str) -> Plan:
    """What is to be remembered of it, and what of before it no longer is."""
    user = users.display_name(uid=uid) or UNNAMED
    heard = hear(conversation, user=user, names=people.names(uid=uid, person_ids=people_in(conversation)))
    lessons: list[Lesson] = []
    known = Knowledge([], [], [])
    staying: list[Memory] = []
    if not (conversation.discarded or heard.too_short):
        known = knowledge.recall(_query(conversation, heard), uid=uid)
        finder = rememberer()
        facts = finder.remember(heard.dialogue, _background(heard, user, known, former))
        lessons = _lessons(facts, conversation, heard, former, uid=uid, learned_by=finder.name)
        staying = planning.beyond(finder.name, former)
    fresh, repeated = planning.said_again(lessons, former)
    former = former.without([*staying, *repeated])
    compared = knowledge.compare(fresh, known, former, uid=uid)
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


def _background(heard: Heard, user: str, known: Knowledge, former: Former) -> Background:
    contents = known.contents(former)
    if not heard.imported:
        return Background(user, contents, alone_is_user=not heard.anybodys)
    return Background(user, contents, most_facts=_MOST_IMPORTED, most_insights=_MOST_IMPORTED, alone_is_user=False)


def _lessons(
    facts: Sequence[Fact], conversation: Conversation, heard: Heard, former: Former, *, uid: str, learned_by: str
) -> list[Lesson]:
    """The facts without what the user has deleted or corrected before."""
    said_at = heard.dialogue.started_at
    contents = [fact.content for fact in facts]
    oblivion = forgetting.load(conversation.id, contents, former.kept, uid=uid, said_at=said_at)
    lessons = [Lesson(fact.content, _category(fact), heard.sources(fact.turns), said_at, learned_by) for fact in facts]
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


def _changes(plan: Plan, *, uid: str, conversation_id: str) -> list[Change]:
    """What has to be written."""
    store = memories.of(uid=uid)
    changes = [Change(store, memory, None) for memory in plan.ended]
    changes += [Change(store, before, after) for before, after in plan.reworded]
    for before, after in plan.restored:
        changes += memories.restoring(before, after, uid=uid)
    for before, after in plan.changed:
        changes += memories.replacing(before, after, uid=uid)
    for lesson in plan.added:
        memory = planning.learned(lesson, uid=uid, conversation_id=conversation_id, now=clock.now())
        named = memories.find_place(memory, uid=uid)
        changes += [Change(store, None, named)] if named is not None else []
    return changes
