"""The functions that let apps work on conversations, as the platform calls them."""

import base64
import json
from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from common.apps.summarizing import revision
from common.conversations import summaries
from common.core import clock
from common.core.errors import ProviderError
from common.database import conversations, installs
from common.llm.summarizing import ExtractiveSummarizer
from common.models.app import App
from common.models.events import ApplyApp, ConversationCompleted
from local.manifest import ROOT, load
from tests.support.apps import make_app
from tests.support.making import a_conversation, a_segment

pytestmark = pytest.mark.usefixtures("stores")

_create_app: Any = functions_framework.create_app  # ships no types


def _function(name: str) -> FlaskClient:
    described = load().functions[name]
    app = _create_app(
        described.entry_point, str(ROOT / "functions" / described.folder / "main.py"), described.signature
    )
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client: FlaskClient = app.test_client()
    return client


def _push(event: ConversationCompleted) -> dict[str, Any]:
    headers = {
        "ce-id": event.event_id,
        "ce-source": "//pubsub.googleapis.com/projects/p/topics/t",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
        "ce-time": clock.now().isoformat(),
        "content-type": "application/json",
    }
    data = base64.b64encode(event.model_dump_json().encode()).decode()
    return {"headers": headers, "data": json.dumps({"message": {"data": data}, "subscription": "s"})}


class Counting(ExtractiveSummarizer):
    """Counts how often it is asked, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.asked = 0
        self._failures = failures

    def summarize(self, *arguments: Any, **options: Any) -> str:
        self.asked += 1
        if self.asked <= self._failures:
            raise ProviderError("away")
        return super().summarize(*arguments, **options)


@pytest.fixture
def app(uid: str) -> App:
    made = make_app(capabilities=["memories"], memory_prompt="What was said about the budget?")
    installs.enable(made, uid=uid)
    said = [a_segment("The budget is nine hundred.", 0, 3)]
    conversations.create(a_conversation(status="completed", run=1, transcript_segments=said), uid=uid)
    return made


def _results(uid: str) -> list[str | None]:
    return [result.app_id for result in conversations.get(uid=uid, conversation_id="c1").apps_results]


def test_news_that_comes_again_and_again_is_worked_on_once(uid: str, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Counting(failures=1)
    monkeypatch.setattr(summaries, "summarizer", lambda: counting)
    function, event = _function("run_apps"), ConversationCompleted(uid=uid, conversation_id="c1", run=1)
    assert [function.post("/", **_push(event)).status_code for _ in range(4)] == [503, 200, 200, 200]
    assert counting.asked == 2
    assert _results(uid) == [app.id]


def test_a_task_is_worked_on_once_and_again_where_the_model_failed(
    uid: str, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(failures=1)
    monkeypatch.setattr(summaries, "summarizer", lambda: counting)
    task = ApplyApp(uid=uid, conversation_id="c1", run=1, app_id=app.id, revision=revision(app))
    function = _function("apply_app")
    assert [function.post("/", data=task.model_dump_json()).status_code for _ in range(3)] == [503, 200, 200]
    assert counting.asked == 2
    assert _results(uid) == [app.id]


@pytest.mark.parametrize("name", ["apply_app", "refresh_persona"])
def test_a_body_that_is_none_is_not_sent_again(name: str) -> None:
    assert _function(name).post("/", data=b'{"uid": 7}').status_code == 200


def test_news_of_what_is_gone_is_no_failure(uid: str) -> None:
    event = ConversationCompleted(uid=uid, conversation_id="gone", run=1)
    assert _function("run_apps").post("/", **_push(event)).status_code == 200
