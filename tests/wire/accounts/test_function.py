"""The function that deletes accounts, as Cloud Tasks calls it."""

from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from common.database import account, users
from common.database.account_deletions import DELETIONS
from common.database.account_part import Part
from common.models.account_deletion import AccountDeletion, DeletionState
from common.models.events import DeleteAccount
from local.manifest import ROOT, load
from tests.support.making import at

pytestmark = pytest.mark.usefixtures("stores")

_create_app: Any = functions_framework.create_app  # ships no types


@pytest.fixture(scope="module")
def function() -> FlaskClient:
    described = load().functions["delete_account"]
    app = _create_app(described.entry_point, str(ROOT / "functions" / described.folder / "main.py"), "http")
    made: FlaskClient = app.test_client()
    return made


def test_a_task_deletes_the_account(function: FlaskClient, uid: str) -> None:
    users.change(uid=uid, name="Ann")
    DELETIONS.put(AccountDeletion(id=uid, requested_at=at(0)))
    for _ in range(2):
        answer = function.post("/", data=DeleteAccount(uid=uid).model_dump_json())
        assert answer.status_code == 200
    assert not users.reference(uid=uid).get().exists
    assert DELETIONS.get(uid).state is DeletionState.SETTLING


def test_what_is_left_brings_the_task_back(function: FlaskClient, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    DELETIONS.put(AccountDeletion(id=uid, requested_at=at(0)))
    stubborn = Part("stubborn", lambda _uid, _limit: ["x"], lambda _: None)
    monkeypatch.setattr(account, "parts", lambda: (stubborn,))
    assert function.post("/", data=DeleteAccount(uid=uid).model_dump_json()).status_code == 503


def test_a_body_that_cannot_be_read_is_not_asked_for_again(function: FlaskClient) -> None:
    assert function.post("/", data=b"{}").status_code == 200
