"""What is known of a user, drawn as a graph: made of their memories whenever somebody looks, so it is never behind."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from common.core import clock
from common.core.ids import derived_id
from common.database import memories, people, users
from common.memories.hearing import UNNAMED
from common.memories.relations import OWNER, USER, relations_in
from common.models.knowledge_graph import GraphEdge, GraphNode, KnowledgeGraph, NodeType
from common.models.memory import Memory

MOST_MEMORIES = 500
_YOU = "You"
"""What a user is called who has not told their name."""
_MOST_SURE: tuple[NodeType, ...] = ("person", "place", "organization", "thing", "concept")
"""Of two kinds that one thing seems to be, the first counts."""


def draw_graph(*, uid: str) -> KnowledgeGraph:
    """What the best memories of a user say, without those that are locked, or were there when the graph was deleted."""
    user = users.find(uid=uid)
    since = user.knowledge_graph_since
    known = [
        memory
        for memory in memories.list_best(uid=uid, limit=MOST_MEMORIES)
        if not memory.is_locked and (since is None or memory.updated_at > since)
    ]
    names = [person.name for person in people.list_all(uid=uid) if person.name] if known else []
    return graph_of(known, name=user.name, people=names, uid=uid)


def delete_graph(*, uid: str) -> None:
    """Draw nothing that is known by now; the memories themselves stay."""
    users.change(uid=uid, knowledge_graph_since=clock.now())


def rebuild_graph(*, uid: str) -> KnowledgeGraph:
    """Draw everything, whatever was deleted of it before."""
    users.change(uid=uid, knowledge_graph_since=None)
    return draw_graph(uid=uid)


def graph_of(known: Iterable[Memory], *, name: str, people: Collection[str], uid: str) -> KnowledgeGraph:
    """The graph that memories make. Pure.

    Args:
        known: the memories.
        name: what the user is called; may be empty.
        people: names of people the user knows.
        uid: whose graph it is.
    """
    owners = {UNNAMED, *([name, name.split(maxsplit=1)[0]] if name.strip() else [])}
    kinds: dict[str, set[NodeType]] = defaultdict(set)
    labels: dict[str, str] = {}
    told_of: dict[str, list[str]] = defaultdict(list)
    between: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for memory in known:
        for relation in relations_in(memory.content, owners=owners, people=people):
            for thing in (relation.subject, relation.object):
                key = thing.label.casefold()
                labels.setdefault(key, thing.label)
                kinds[key].add(thing.kind)
                _add(told_of[key], memory.id)
            _add(between[relation.subject.label.casefold(), relation.object.label.casefold(), relation.how], memory.id)
    if between:
        # Somebody of whom only others tell something still hangs together with the user's own graph.
        labels.setdefault(OWNER, OWNER)
        kinds[OWNER].add(USER.kind)
    nodes = [
        GraphNode(
            id=_node_id(key, uid=uid),
            label=label if key != OWNER else name or _YOU,
            node_type=next(kind for kind in _MOST_SURE if kind in kinds[key]),
            aliases=sorted(owners - {name}) if key == OWNER else [],
            memory_ids=told_of[key],
        )
        for key, label in labels.items()
    ]
    edges = [
        GraphEdge(
            id=derived_id("edge", uid, *ends, how),
            source_id=_node_id(ends[0], uid=uid),
            target_id=_node_id(ends[1], uid=uid),
            label=how,
            memory_ids=memory_ids,
        )
        for (*ends, how), memory_ids in between.items()
        if ends[0] != ends[1]
    ]
    return KnowledgeGraph(nodes=nodes, edges=edges)


def _node_id(key: str, *, uid: str) -> str:
    return derived_id("node", uid, key)


def _add(memory_ids: list[str], memory_id: str) -> None:
    if memory_id not in memory_ids[-1:]:
        memory_ids.append(memory_id)
