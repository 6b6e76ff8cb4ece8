"""The function that forgets people, as the platform calls it."""

from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from common.database import conversations, deleted_people, people
from common.models.events import ForgetPerson
from common.people.edit import delete_person
from local.manifest import ROOT, load
from tests.support.making import a_conversation, a_segment

pytestmark = pytest.mark.usefixtures("stores")

_create_app: Any = functions_framework.create_app  # ships no types


@pytest.fixture
def function() -> FlaskClient:
    described = load().functions["forget_person"]
    source = ROOT / "functions" / described.folder / "main.py"
    app = _create_app(described.entry_point, str(source), described.signature)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    made: FlaskClient = app.test_client()
    return made


def test_a_task_is_done_any_number_of_times(function: FlaskClient, uid: str) -> None:
    person = people.get_or_create(uid=uid, name="Ann")
    said = [a_segment("x", 0, 6, person_id=person.id, speaker_label_source="manual")]
    conversations.create(a_conversation(status="completed", transcript_segments=said), uid=uid)
    delete_person(uid=uid, person_id=person.id)
    deleted_at = deleted_people.of(uid=uid).get(person.id).deleted_at
    body = ForgetPerson(uid=uid, person_id=person.id, deleted_at=deleted_at).model_dump_json()
    for _ in range(2):
        assert function.post("/", data=body).status_code == 200
    conversation = conversations.get(uid=uid, conversation_id="c1")
    assert [each.person_id for each in conversation.transcript_segments] == [None]
    assert conversation.speaker_ids == []
    assert deleted_people.of(uid=uid).get(person.id).rounds == 1


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"uid": "u", "person_id": "p"}'])
def test_a_body_that_is_none_is_not_sent_again(function: FlaskClient, body: str) -> None:
    assert function.post("/", data=body).status_code == 200
