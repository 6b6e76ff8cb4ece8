"""A graph is made of what memories say, in the forms in which they are worded."""

import pytest

from common.memories.graph import graph_of
from common.memories.relations import relations_in
from common.models.memory import Memory
from tests.support.making import at

PEOPLE = ("Tom Baker", "Maria")


def _memory(number: int, content: str) -> Memory:
    return Memory(id=f"m{number}", uid="u", content=content, created_at=at(0), updated_at=at(0))


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        ("User lives in Lisbon", [("", "lives in", "Lisbon", "place")]),
        (
            "Ann lives in Lisbon with their two daughters",
            [("", "lives in", "Lisbon", "place"), ("", "with", "two daughters", "concept")],
        ),
        (
            "Ann is a nurse at the city hospital",
            [("", "is a", "nurse", "concept"), ("", "at", "city hospital", "organization")],
        ),
        (
            "Ann is allergic to peanuts and shellfish.",
            [("", "is allergic to", "peanuts", "concept"), ("", "is allergic to", "shellfish", "concept")],
        ),
        ("Ann works for Siemens", [("", "works for", "Siemens", "organization")]),
        ("Ann does not eat meat", [("", "does not eat", "meat", "concept")]),
        ("Ann is building a boat", [("", "is building", "boat", "concept")]),
        ("Ann wants to run a marathon", [("", "wants to run", "marathon", "concept")]),
        ("Ann is married to Tom", [("", "is married to", "Tom", "person")]),
        ("Ann has a dog named Rex", [("", "dog", "Rex", "thing")]),
        ("Ann's hobby is pottery", [("", "hobby", "pottery", "concept")]),
        (
            "Ann's sister Maria lives in Porto",
            [("", "sister", "Maria", "person"), ("Maria", "lives in", "Porto", "place")],
        ),
        ("Ann prefers tea because it is lighter", [("", "prefers", "tea", "concept")]),
        ("Maria: Never skip breakfast", [("", "learned from", "Maria", "person")]),
        ("Met Tom Baker in Rome", [("", "about", "Tom Baker", "person"), ("", "about", "Rome", "thing")]),
        ("Ann was born in 1984", [("", "was born in", "1984", "concept")]),
    ],
)
def test_a_memory_states_who_how_and_what(content: str, stated: list[tuple[str, str, str, str]]) -> None:
    found = relations_in(content, owners={"User", "Ann"}, people=PEOPLE)
    assert [(each.subject.label, each.how, each.object.label, each.object.kind) for each in found] == stated


@pytest.mark.parametrize("content", ["", "User", "User's name is Ann", "Prefers window seats", "Ann reads a lot", "…"])
def test_what_names_nothing_states_nothing(content: str) -> None:
    assert relations_in(content, owners={"User", "Ann"}, people=PEOPLE) == []


@pytest.mark.parametrize(
    "content", ["a" * 100_000, "Ann is " + "a and " * 20_000, "Ann's " * 20_000, "Ann " + "A " * 20_000]
)
def test_a_monstrous_memory_takes_no_time(content: str) -> None:
    for relation in relations_in(content, owners={"Ann"}, people=PEOPLE):
        assert len(relation.object.label) <= 60


def test_what_several_memories_name_is_one_node_that_knows_them_all() -> None:
    memories = [
        _memory(1, "Ann lives in Lisbon"),
        _memory(2, "Ann's sister Maria lives in Lisbon"),
        _memory(3, "Ann loves lisbon"),
        _memory(4, "Ann lives in Lisbon"),
    ]
    graph = graph_of(memories, name="Ann Smith", people=PEOPLE, uid="u")
    nodes = {node.label: node for node in graph.nodes}
    assert {label: node.node_type for label, node in nodes.items()} == {
        "Ann Smith": "person",
        "Lisbon": "place",
        "Maria": "person",
    }
    assert nodes["Lisbon"].memory_ids == ["m1", "m2", "m3", "m4"]
    assert nodes["Ann Smith"].aliases == ["Ann", "User"]
    labels = {node.id: node.label for node in graph.nodes}
    assert {(labels[e.source_id], e.label, labels[e.target_id]): e.memory_ids for e in graph.edges} == {
        ("Ann Smith", "lives in", "Lisbon"): ["m1", "m4"],
        ("Ann Smith", "sister", "Maria"): ["m2"],
        ("Maria", "lives in", "Lisbon"): ["m2"],
        ("Ann Smith", "loves", "Lisbon"): ["m3"],
    }


def test_nothing_known_is_nothing_drawn_and_nobody_named_is_called_you() -> None:
    assert graph_of([], name="Ann", people=(), uid="u").nodes == []
    [you, _] = graph_of([_memory(1, "User plays tennis")], name="", people=(), uid="u").nodes
    assert you.label == "You"


def test_ids_are_the_same_for_the_same_user_and_others_for_another() -> None:
    memories = [_memory(1, "User plays tennis")]
    drawn = [graph_of(memories, name="", people=(), uid=uid) for uid in ("u", "u", "v")]
    assert drawn[0] == drawn[1]
    assert not {node.id for node in drawn[0].nodes} & {node.id for node in drawn[2].nodes}
