"""`firestore.indexes.json` is exactly what the queries need: each finds its index, and no index is for nobody."""

import ast
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from types import FrameType
from typing import Any

import pytest

from common.database.watch import ConversationWatch
from local.firestore.errors import RefusedError
from local.firestore.indexes import Indexes
from local.firestore.query import Query
from local.manifest import ROOT
from tests.support.collections import known
from tests.support.queries import ask_everything
from tests.support.stores import Stores

Content = dict[str, Any]
Place = tuple[str, int]

CONTENT: Content = json.loads((ROOT / "firestore.indexes.json").read_text())
DATABASE = ROOT / "common" / "database"
MAKES_A_QUERY = {"where", "order_by", "recursive"}
NOT_ASKED_FOR_AN_ANSWER = {"probes.py"}
"""Asks for each index of the file whether it is there."""


@dataclass
class Asked:
    """The queries that the server was asked, and the lines of the data access that were run for them."""

    queries: list[Query]
    lines: set[Place]


@pytest.fixture(scope="module")
def asked(stores: Stores) -> Asked:
    """All there are, under a server that refuses none of them."""
    del stores
    found = Asked([], set())
    with pytest.MonkeyPatch.context() as patched, _noting(found.lines):
        patched.setattr(Indexes, "check", lambda _, query: found.queries.append(query))
        ask_everything(uid="asks-everything")
        _watch(found.queries)
    return found


def _watch(queries: list[Query]) -> None:
    """Ask what only a listener asks, in a thread of its own."""
    before = len(queries)
    watch = ConversationWatch(instance="i", notify=lambda *_: None)
    watch.ensure()
    deadline = time.monotonic() + 10
    while len(queries) == before and time.monotonic() < deadline:
        time.sleep(0.01)
    watch.close()
    assert len(queries) > before


@contextmanager
def _noting(lines: set[Place]) -> Iterator[None]:
    """Note which lines of the data access are run, in all threads begun meanwhile."""

    def note(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        name = frame.f_code.co_filename
        if not name.startswith(str(DATABASE)):
            return None
        if event == "line":
            lines.add((name, frame.f_lineno))
        return note

    before = sys.gettrace()
    threading.settrace(note)
    sys.settrace(note)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(before)


def _places() -> Iterator[tuple[str, range]]:
    """The calls that say what a query is about: their files, and their lines."""
    for path in sorted((ROOT / "common").rglob("*.py")):
        text = path.read_text()
        if path.name in NOT_ASKED_FOR_AN_ANSWER or not any(f".{name}(" in text for name in MAKES_A_QUERY):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of_an_array = node.func.attr == "where" and not node.keywords
                if node.func.attr in MAKES_A_QUERY and not of_an_array:
                    yield str(path), range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _refused(queries: list[Query], content: Content) -> list[str]:
    """What a server with these indexes says to the queries that it does not answer."""
    indexes = Indexes(content)
    refusals = []
    for query in queries:
        try:
            indexes.check(query)
        except RefusedError as error:
            refusals.append(str(error))
    return sorted(set(refusals))


def _without_one() -> Iterator[tuple[str, Content]]:
    """The name of each index, and the file without it."""
    for at, index in enumerate(CONTENT["indexes"]):
        fields = ", ".join(
            f"{each['fieldPath']} {each.get('order', each.get('arrayConfig'))}" for each in index["fields"]
        )
        left = deepcopy(CONTENT)
        del left["indexes"][at]
        yield f"{index['collectionGroup']} ({index['queryScope']}): {fields}", left
    for at, override in enumerate(CONTENT["fieldOverrides"]):
        for number, index in enumerate(override["indexes"]):
            left = deepcopy(CONTENT)
            del left["fieldOverrides"][at]["indexes"][number]
            yield f"{override['collectionGroup']}.{override['fieldPath']} ({index['queryScope']})", left


def test_every_place_that_makes_a_query_was_asked(asked: Asked) -> None:
    missed = [
        f"{path}:{lines.start}" for path, lines in _places() if not any((path, line) in asked.lines for line in lines)
    ]
    assert missed == [], "ask these in tests/support/queries.py, in every form they have"


def test_every_query_finds_its_index(asked: Asked) -> None:
    assert _refused(asked.queries, CONTENT) == []


def test_without_any_one_index_some_query_finds_none(asked: Asked) -> None:
    unused = [name for name, left in _without_one() if not _refused(asked.queries, left)]
    assert unused == [], "no query needs these"


def test_what_has_no_index_on_purpose_expires_and_is_known() -> None:
    silent = [each for each in CONTENT["fieldOverrides"] if not each["indexes"]]
    assert all(each.get("ttl") for each in silent)
    assert {each["collectionGroup"] for each in silent} <= {path.rpartition("/")[2] for path in known()}


def test_nothing_stands_in_the_file_twice() -> None:
    overridden = [(each["collectionGroup"], each["fieldPath"]) for each in CONTENT["fieldOverrides"]]
    assert len(overridden) == len(set(overridden))
    composites = [json.dumps(each, sort_keys=True) for each in CONTENT["indexes"]]
    assert len(composites) == len(set(composites))


def test_every_collection_that_is_asked_is_known(asked: Asked) -> None:
    names = {path.rpartition("/")[2] for path in known()}
    assert {query.collection_id for query in asked.queries if query.collection_id} <= names
