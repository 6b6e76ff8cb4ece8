"""Whoever adds a collection says who reads it."""

import re

from local.manifest import ROOT
from tests.support.collections import READ_BY_THEIR_OWNER, known
from tests.support.collections_in_code import named_in

DATABASE = "common.database."
NAMED_BY_THEIR_CALLERS = {
    "account_documents.find",
    "account_reading.below",
    "account_reading.in_shared",
    "checkpoints._collection",
    "checkpoints.copy_thread",
    "documents.collection",
    "probes._is_served",
    "resealing.list_others",
    "resealing.read_page",
    "resealing.reseal_one",
    "usage._since",
}
"""Where the code is given the name of a collection that it, or another place, names as well."""

CALLS = list(named_in(ROOT / "common"))


def pattern(path: str) -> str:
    """As the code has it: every document is `{}`."""
    return re.sub(r"\{\w+\}", "{}", path)


def test_every_collection_that_the_code_names_is_known_to_the_rules() -> None:
    table = {pattern(path) for path in known()}
    names = {path.rpartition("/")[2] for path in table}
    whole = {path for call in CALLS for path in call.paths if not path.startswith("…")}
    below = {path.rpartition("/")[2] for call in CALLS for path in call.paths if path.startswith("…")}
    assert whole - table == set(), "say in tests/support/collections.py who reads it, and in firestore.rules"
    assert below - names == set()
    gone = {path for path in table - whole if path.rpartition("/")[2] not in below}
    assert gone == set(), "no code names these any more"


def test_no_other_place_leaves_the_name_of_a_collection_open() -> None:
    assert {call.place.removeprefix(DATABASE) for call in CALLS if not call.paths} <= NAMED_BY_THEIR_CALLERS


def test_collections_are_named_by_the_data_access_only() -> None:
    assert [call.place for call in CALLS if not call.place.startswith(DATABASE)] == []


def test_a_collection_is_said_once() -> None:
    assert len(list(known())) == len(set(known()))


def test_the_rules_name_what_owners_read_and_nothing_else() -> None:
    rules = re.sub(r"//.*", "", (ROOT / "firestore.rules").read_text())
    named = set(re.findall(r"'(\w+)'", rules)) - {"2"} | set(re.findall(r"\}/(\w+)/\{", rules))
    own = {path.rpartition("/")[2] for path in READ_BY_THEIR_OWNER if not path.endswith("_streaming")}
    assert named == own
