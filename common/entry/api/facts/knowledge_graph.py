"""`/v1/knowledge-graph`: what is known of the user, drawn as a graph (CONTRACT section 3.11)."""

from typing import Literal

from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.memories.graph import delete_graph, draw_graph, rebuild_graph
from common.models.base import Shape
from common.models.knowledge_graph import KnowledgeGraph

router = Router(prefix="/v1/knowledge-graph", tags=["memories"], responses=responses(401))


class Rebuilt(Shape):
    """It is drawn anew, and how large it is."""

    status: Literal["completed"] = "completed"
    nodes_count: int
    edges_count: int


class GraphDeleted(Shape):
    """It is empty."""

    status: Literal["deleted"] = "deleted"


@router.get("")
def get(user: User) -> KnowledgeGraph:
    """People, places and things that the user's memories name, and how they hang together."""
    return draw_graph(uid=user)


@router.post("/rebuild")
def rebuild(user: User) -> Rebuilt:
    """Draw everything that is remembered, also what was there when the graph was deleted."""
    graph = rebuild_graph(uid=user)
    return Rebuilt(nodes_count=len(graph.nodes), edges_count=len(graph.edges))


@router.delete("")
def delete(user: User) -> GraphDeleted:
    """Empty the graph; the memories stay, and what is learned from now on is drawn again."""
    delete_graph(uid=user)
    return GraphDeleted()
