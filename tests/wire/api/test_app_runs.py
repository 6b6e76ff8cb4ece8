"""An app works on earlier conversations, and its maker sees of how much use it is, over real HTTP."""

from typing import Any

import httpx
import pytest

from common.apps import summarizing
from common.apps.running import run_apps
from common.apps.summarizing import summary_apps
from common.database import app_uses, conversations, installs
from common.entry.api.apps.enabling import RUNS_PER_HOUR
from common.llm.recommending import NearnessRecommender
from common.models.app import App
from common.models.app_use import Left, UseKind
from common.models.events import ConversationCompleted
from tests.support.apps import make_app
from tests.support.making import a_conversation, a_segment
from tests.support.providers import WordEmbedder
from tests.wire.api.conftest import ApiAs


def _app(user: str, **fields: Any) -> App:
    app = make_app(**{"capabilities": ["memories"], "memory_prompt": "What was said about the budget?", **fields})
    installs.enable(app, uid=user)
    return app


def _done(uid: str) -> None:
    said = [a_segment("The budget is nine hundred.", 0, 3)]
    conversations.create(a_conversation(status="completed", run=1, transcript_segments=said), uid=uid)


def test_a_run_answers_at_once_with_how_many_there_are(api: httpx.Client, uid: str) -> None:
    app = _app(uid)
    _done(uid)
    assert api.post(f"/v1/apps/{app.id}/run").json() == {"status": "ok", "conversations": 1}


@pytest.mark.parametrize(("fields", "status"), [({"private": True}, 403), ({"approved": False}, 404), ({}, 400)])
def test_an_app_that_is_not_to_be_seen_or_not_turned_on_is_not_run(
    api: httpx.Client, fields: dict[str, Any], status: int
) -> None:
    app = make_app(capabilities=["memories"], memory_prompt="x", **fields)
    assert api.post(f"/v1/apps/{app.id}/run").status_code == status


def test_it_is_run_so_often_and_on_so_many(api: httpx.Client, uid: str) -> None:
    app = _app(uid)
    assert api.post(f"/v1/apps/{app.id}/run", params={"limit": 101}).status_code == 422
    statuses = [api.post(f"/v1/apps/{app.id}/run").status_code for _ in range(RUNS_PER_HOUR + 1)]
    assert statuses == [200] * RUNS_PER_HOUR + [429]


def test_what_was_suggested_and_made_is_shown_with_the_conversation(api: httpx.Client, uid: str) -> None:
    app = _app(uid)
    _done(uid)
    assert [each.id for each in summary_apps(uid=uid)] == [app.id]
    run_apps(ConversationCompleted(uid=uid, conversation_id="c1", run=1))
    shown = api.get("/v1/conversations/c1").json()
    assert [result["app_id"] for result in shown["apps_results"]] == [app.id]
    assert [result["plugin_id"] for result in shown["plugins_results"]] == [app.id]
    assert "user_app_results" not in shown
    assert "apps_run" not in shown
    suggested = api.get("/v1/conversations/c1/suggested-apps").json()["suggested_apps"]
    assert [each["id"] for each in suggested] == [app.id]


def test_one_from_before_is_asked_about_once(api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = WordEmbedder()
    monkeypatch.setattr(summarizing, "recommender", lambda: NearnessRecommender(words))
    fits, other = _app(uid, description="hello budget"), _app(uid, description="zebras")
    said = [a_segment("The budget is nine hundred.", 0, 3)]
    talk = {"title": "Hello budget", "overview": "zebras"}
    conversations.create(a_conversation(status="completed", run=1, transcript_segments=said, structured=talk), uid=uid)
    for _ in range(2):
        suggested = api.get("/v1/conversations/c1/suggested-apps").json()["suggested_apps"]
        assert {each["id"] for each in suggested} == {fits.id, other.id}
    assert words.calls == 2, "once for the conversation and once for the apps"


def test_a_maker_sees_how_often_it_was_of_use_and_nobody_else(api: httpx.Client, api_as: ApiAs, uid: str) -> None:
    app = make_app(uid=uid)
    for user in ("a", "b"):
        app_uses.note(app, UseKind.SUMMARY, uid=user, once=("c1",))
        app_uses.note(app, UseKind.SUMMARY, uid=user, once=("c1",))
    app_uses.note(app, UseKind.PROACTIVE_LEFT, uid="a", once=("d",), reason=Left.TOO_OFTEN)
    told = api.get(f"/v1/apps/{app.id}/uses").json()
    assert (told["uses"]["memory_created_prompt"], told["uses"]["proactive_notification_sent"]) == (2, 0)
    assert (told["left"]["too_often"], told["left"]["no_model"]) == (1, 0)
    assert api_as(f"{uid}-2").get(f"/v1/apps/{app.id}/uses").status_code == 403
