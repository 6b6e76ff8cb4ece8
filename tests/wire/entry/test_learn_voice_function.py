"""The function that learns voices, as the platform calls it."""

from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from common.database import conversations, people
from common.models.events import LearnVoice
from common.models.person import MOST_SAMPLES
from local.manifest import ROOT, load
from tests.support.making import a_conversation, a_segment

pytestmark = pytest.mark.usefixtures("stores")

_create_app: Any = functions_framework.create_app  # ships no types


@pytest.fixture
def function() -> FlaskClient:
    described = load().functions["learn_voice"]
    source = ROOT / "functions" / described.folder / "main.py"
    app = _create_app(described.entry_point, str(source), described.signature)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    made: FlaskClient = app.test_client()
    return made


def test_a_task_is_done_any_number_of_times(function: FlaskClient, uid: str) -> None:
    person = people.get_or_create(uid=uid, name="Ann")
    conversations.create(a_conversation(status="completed"), uid=uid)
    body = LearnVoice(uid=uid, conversation_id="c1", person_id=person.id).model_dump_json()
    for _ in range(2):
        assert function.post("/", data=body).status_code == 200
    assert people.of(uid=uid).get(person.id).speech_samples == []


def test_a_sample_of_another_conversation_is_not_touched(function: FlaskClient, uid: str) -> None:
    person = people.get_or_create(uid=uid, name="Ann")
    kept = [f"{uid}/people_profiles/{person.id}/c{number}.wav" for number in range(2, 2 + MOST_SAMPLES)]
    people.of(uid=uid).change(person.id, lambda current: current.model_copy(update={"speech_samples": kept}))
    said = [a_segment("x", at, at + 6, person_id=person.id, speaker_label_source="manual") for at in (0, 10)]
    conversations.create(a_conversation(status="completed", transcript_segments=said), uid=uid)
    body = LearnVoice(uid=uid, conversation_id="c1", person_id=person.id).model_dump_json()
    assert function.post("/", data=body).status_code == 200
    assert people.of(uid=uid).get(person.id).speech_samples == kept


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"uid": "u", "conversation_id": "c", "person_id": "p", "more": 1}'])
def test_a_body_that_is_none_is_not_sent_again(function: FlaskClient, body: str) -> None:
    assert function.post("/", data=body).status_code == 200
