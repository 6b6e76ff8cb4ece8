"""Random queries get the same answer from our server and from Google's emulator."""

import math
import random
import uuid
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore

VALUES: list[object] = [
    None, True, False, math.nan, -1, 0, 1, 1.0, 2.5, 2**53 + 1, float(2**53), "", "a", "ab", "é", b"a", b"\x00",
    [], [1], [1, "a"], ["a"], {}, {"x": 1}, {"x": 2, "y": 1}, firestore.GeoPoint(1, 2),
]  # fmt: skip
FIELDS = ["a", "b", "m.x", "tags"]
OPERATORS = ["==", "==", "==", "<", "<=", ">", ">=", "!=", "in", "not-in", "array_contains", "array_contains_any"]


def content(chooser: random.Random) -> dict[str, object]:
    made: dict[str, object] = {name: chooser.choice(VALUES) for name in ("a", "b") if chooser.random() < 0.85}
    if chooser.random() < 0.7:
        made["m"] = {"x": chooser.choice(VALUES)}
    if chooser.random() < 0.7:
        made["tags"] = [chooser.choice(["a", 1, None, 2.5]) for _ in range(chooser.randint(0, 3))]
    return made


def condition(chooser: random.Random) -> firestore.FieldFilter:
    operator = chooser.choice(OPERATORS)
    operand: object = chooser.choice(VALUES if operator in {"==", "!="} else VALUES[1:3] + VALUES[4:])
    if operator in {"in", "not-in", "array_contains_any"}:
        operand = chooser.sample(VALUES, chooser.randint(1, 3))
    field = "tags" if operator.startswith("array") else chooser.choice(FIELDS)
    return firestore.FieldFilter(field, operator, operand)


def random_plan(chooser: random.Random) -> dict[str, Any]:
    """A query, independent of the client it is asked through."""
    return {
        "conditions": [condition(chooser) for _ in range(chooser.choice([0, 1, 1, 2, 2, 3]))],
        "any_of": chooser.random() < 0.25,
        "orders": [
            (field, chooser.choice(["ASCENDING", "DESCENDING"]))
            for field in chooser.sample(FIELDS, chooser.choice([0, 0, 1, 2]))
        ],
        "cursor": chooser.choice([None, None, "start_at", "start_after", "end_at", "end_before"]),
        "position": chooser.choice(VALUES),
        "limit": chooser.choice([None, None, 0, 1, 5]),
        "offset": chooser.choice([0, 0, 2]),
    }


def answer(client: Any, plan: dict[str, Any]) -> list[str] | str:
    """The ids found, or the kind of refusal."""
    query = client.collection("things")
    if plan["conditions"]:
        combine = firestore.Or if plan["any_of"] else firestore.And
        query = query.where(filter=combine(plan["conditions"]))
    for field, direction in plan["orders"]:
        query = query.order_by(field, direction=direction)
    if plan["cursor"] and plan["orders"]:
        query = getattr(query, plan["cursor"])({plan["orders"][0][0]: plan["position"]})
    if plan["limit"] is not None:
        query = query.limit(plan["limit"])
    try:
        return [snapshot.id for snapshot in query.offset(plan["offset"]).stream()]
    except exceptions.GoogleAPICallError as error:
        return type(error).__name__


@pytest.mark.parametrize("seed", range(3))
def test_random_queries_are_answered_alike(ours: Any, google: Any, seed: int) -> None:
    chooser = random.Random(seed)  # noqa: S311 - not for secrets
    project = f"test-{uuid.uuid4().hex[:12]}"
    clients = [ours.client(project), google.client(project)]
    documents = {f"{number:02}": content(chooser) for number in range(60)}
    for client in clients:
        batch = client.batch()
        for name, made in documents.items():
            batch.set(client.document(f"things/{name}"), made)
        batch.commit()
    answered = 0
    for _ in range(150):
        plan = random_plan(chooser)
        mine, theirs = (answer(client, plan) for client in clients)
        shown = {**plan, "conditions": [(c.field_path, c.op_string, c.value) for c in plan["conditions"]]}
        assert mine == theirs, shown
        answered += isinstance(mine, list) and bool(mine)
    assert answered > 30
    for client in clients:
        client.close()
