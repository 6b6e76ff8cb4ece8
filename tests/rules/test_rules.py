"""`firestore.rules`, asked of Google's emulator with Google's library for it: who may do what in every collection."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TypedDict

import pytest

from local.manifest import ROOT
from tests.support import node
from tests.support.collections import READ_BY_THEIR_OWNER, USERS, known
from tests.support.google_firestore import running_google_firestore

pytestmark = pytest.mark.long

HERE = Path(__file__).parent
READS = ("get", "list", "group")
WRITES = ("create", "update", "delete")
CLIENTS = ("owner", "other", "anonymous")
"""The other user's token claims to be an administrator's."""
ALLOWED, DENIED = "allowed", "permission-denied"

UNHEARD_OF = (
    "new_collection",
    "users/{uid}/new_collection",
    "users/{uid}/conversations/{id}/new_collection",
    "users/{uid}/conversations/{id}/photos/{id}/new_collection",
    "users/{uid}/messages/{id}/history",
    "users/{uid}/memories/{id}/photos",
    "conversations",
    "elsewhere/{id}/conversations",
)
"""Collections that no code names: closed, wherever and however they are called."""

OPEN = "rules_version = '2'; service cloud.firestore { match /{document=**} { allow read, write: if true; } }"
CLOSED = OPEN.replace("if true", "if false")

Outcomes = Mapping[tuple[str, str], str]
"""By who tried what."""


class Case(TypedDict):
    """What `attempts.cjs` reads."""

    project: str
    rules: str
    documents: list[str]
    attempts: list[dict[str, str]]


def document_in(collection: str) -> str:
    """One that is there, below the user `owner`."""
    named = re.sub(r"\{uid\}", "owner", collection).replace("{id}", "one").replace("*", "some")
    return f"{named}/owner" if collection == USERS else f"{named}/one"


def case(project: str, rules: str, collections: Sequence[str]) -> Case:
    """Everybody tries everything in some collections; whoever may do so comes last."""
    documents = [document_in(collection) for collection in collections]
    tried = product(documents, (*CLIENTS, "admin"), (*READS, *WRITES))
    attempts = [{"path": path, "who": who, "operation": operation} for path, who, operation in tried]
    return {"project": project, "rules": rules, "documents": documents, "attempts": attempts}


@pytest.fixture(scope="module")
def evaluated() -> dict[tuple[str, str], Outcomes]:
    """What became of every attempt, by the rules and the collection."""
    modules = node.installed(HERE)
    named = [*known(), *UNHEARD_OF]
    sample = ["users/{uid}/conversations", "users/{uid}/data_keys"]
    asked = {
        "closed": (CLOSED, sample),
        "open": (OPEN, sample),
        "ours": ((ROOT / "firestore.rules").read_text(), named),
    }
    cases = [case(f"rules-{name}", rules, collections) for name, (rules, collections) in asked.items()]
    with running_google_firestore() as address:
        said = json.dumps(cases)
        answers = json.loads(node.run(HERE / "attempts.cjs", address, said=said, modules=modules, timeout_s=120))
    found: dict[tuple[str, str], Outcomes] = {}
    for (name, (_, collections)), each, outcomes in zip(asked.items(), cases, answers, strict=True):
        became = list(zip(each["attempts"], outcomes, strict=True))
        for collection in collections:
            there = document_in(collection)
            found[name, collection] = {
                (attempt["who"], attempt["operation"]): outcome
                for attempt, outcome in became
                if attempt["path"] == there
            }
    return found


@pytest.fixture(autouse=True)
def _rules_are_evaluated(evaluated: dict[tuple[str, str], Outcomes]) -> None:
    """Nothing else is worth anything unless what is denied is denied, and not because all is."""
    for collection in ("users/{uid}/conversations", "users/{uid}/data_keys"):
        closed, opened = evaluated["closed", collection], evaluated["open", collection]
        assert closed == expected(allowed=set()), "a known deny is denied"
        # The first to delete takes it away, and what is gone cannot be changed.
        assert {outcome for (_, operation), outcome in opened.items() if operation != "update"} == {ALLOWED}


def expected(*, allowed: set[tuple[str, str]]) -> Outcomes:
    """What becomes of everything when this is what clients may do; the server may do all."""
    clients = {each: ALLOWED if each in allowed else DENIED for each in product(CLIENTS, (*READS, *WRITES))}
    return clients | {("admin", operation): ALLOWED for operation in (*READS, *WRITES)}


@pytest.mark.parametrize("collection", READ_BY_THEIR_OWNER)
def test_owners_read_what_is_theirs_and_nobody_writes(
    evaluated: dict[tuple[str, str], Outcomes], collection: str
) -> None:
    assert evaluated["ours", collection] == expected(allowed={("owner", "get"), ("owner", "list")})


def test_users_read_their_own_document_and_nobody_lists_users(evaluated: dict[tuple[str, str], Outcomes]) -> None:
    assert evaluated["ours", USERS] == expected(allowed={("owner", "get")})


@pytest.mark.parametrize("collection", [each for each in known() if each not in {USERS, *READ_BY_THEIR_OWNER}])
def test_what_is_the_servers_is_closed_to_its_owner_too(
    evaluated: dict[tuple[str, str], Outcomes], collection: str
) -> None:
    assert evaluated["ours", collection] == expected(allowed=set())


@pytest.mark.parametrize("collection", UNHEARD_OF)
def test_what_nobody_has_heard_of_is_closed(evaluated: dict[tuple[str, str], Outcomes], collection: str) -> None:
    assert evaluated["ours", collection] == expected(allowed=set())
