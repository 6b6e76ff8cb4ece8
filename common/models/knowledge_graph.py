"""What is known of a user as things and how they hang together."""

from typing import Literal

from pydantic import Field

from common.models.base import Shape

NodeType = Literal["person", "place", "organization", "thing", "concept"]


class GraphNode(Shape):
    """The user, or somebody or something that they are known to have to do with."""

    id: str
    label: str
    node_type: NodeType
    aliases: list[str] = Field(default_factory=list)
    memory_ids: list[str] = Field(default_factory=list)


class GraphEdge(Shape):
    """How two hang together, in words of the memories that say so."""

    id: str
    source_id: str
    target_id: str
    label: str
    memory_ids: list[str] = Field(default_factory=list)


class KnowledgeGraph(Shape):
    """Nodes and what is between them; empty where nothing is known."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]
