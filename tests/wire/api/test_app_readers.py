"""Both generations of the app read every answer: nothing that they would throw at is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from common.database import conversations
from common.models.conversation import Conversation
from tests.support.apps import make_app
from tests.support.belongings import Belongings, belongings
from tests.support.dart import LEGACY, WIRE, complaints

if TYPE_CHECKING:
    import httpx

READ = {
    "/v1/conversations?limit=100&offset=0&statuses=&include_discarded=true": "[Conversation]",
    "/v1/conversations/{conversation_id}": "Conversation",
    "/v1/conversations/{conversation_id}/photos": "[Photo]",
    "/v3/memories?limit=100&offset=0": "[Memory]",
    "/v3/memories/ledger-history": "[Memory]",
    "/v1/action-items?limit=50&offset=0": "ActionItems",
    "/v1/action-items/{action_item_id}": "ActionItem",
    "/v2/messages?app_id=&dropdown_selected=false": "[Message]",
    "/v1/users/people?include_speech_samples=true": "[Person]",
    "/v1/users/people/{person_id}": "Person",
    "/v1/folders": "[Folder]",
    "/v1/goals/all": "[Goal]",
    "/v2/apps?offset=0&limit=20&include_reviews=true": "AppsPage",
    "/v2/apps?category=other": "AppGroup",
    "/v1/apps/popular": "[App]",
    "/v1/apps": "[App]",
    "/v1/apps/{public_app_id}": "App",
    "/v1/apps/{public_app_id}/reviews": "[AppReview]",
    "/v1/app-categories": "[Titled]",
    "/v1/app-capabilities": "[Capability]",
    "/v3/speech-profile": "HasSpeechProfile",
    "/v4/speech-profile": "SpeechProfile",
    "/v1/users/language": "Language",
    "/v1/users/store-recording-permission": "RecordingPermission",
    "/v1/users/private-cloud-sync": "CloudSync",
    "/v1/users/transcription-preferences": "TranscriptionPreferences",
    "/v1/users/onboarding": "Onboarding",
    "/v1/users/daily-summary-settings": "DailySummarySettings",
    "/v1/users/mentor-notification-settings": "Mentor",
    "/v1/users/developer/webhooks/status": "Webhooks",
    "/v1/users/training-data-opt-in": "TrainingData",
}
NOT_EMPTY = {"[Conversation]", "[Memory]", "[Message]", "[Person]", "[Folder]", "[Goal]", "[App]", "[AppReview]"}


@pytest.fixture
def owner(uid: str, api: httpx.Client) -> Belongings:
    """A user with one of everything, whole numbers where doubles are meant among it."""
    has = belongings(uid, api)

    more = {
        "geolocation": {"latitude": 37, "longitude": -122},
        "apps_results": [{"app_id": "a", "content": "x"}],
        "started_at": None,
    }
    conversations.change(
        uid=uid,
        conversation_id=has.ids["conversation_id"],
        decide=lambda current: Conversation.model_validate(current.model_dump() | more),
    )
    public = make_app(name=f"Everybody's {uid}", is_popular=True, capabilities=["chat", "memories"])
    assert api.post(f"/v1/apps/enable?app_id={public.id}").status_code == 200
    review = {"score": 4, "review": "Good"}
    assert api.post(f"/v1/apps/review?app_id={public.id}", json=review).status_code == 200
    has.ids["public_app_id"] = public.id
    return has


@pytest.mark.parametrize(("models", "generation"), [(WIRE, "2026"), (LEGACY, "2024")], ids=["2026", "2024"])
def test_the_app_reads_every_answer(
    api: httpx.Client, owner: Belongings, models: dict[str, dict[str, str]], generation: str
) -> None:
    del generation
    thrown = []
    for path, kind in READ.items():
        answer = api.get(path.format(**owner.ids))
        assert answer.status_code == 200, f"{path}: {answer.text}"
        value = answer.json()
        assert value or kind not in NOT_EMPTY, path
        thrown += [f"{path} {complaint}" for complaint in complaints(value, kind, models=models)]
    assert thrown == []


def test_a_new_user_has_nothing_to_throw_at(api: httpx.Client) -> None:
    for models in (WIRE, LEGACY):
        for path, kind in READ.items():
            if "{" not in path:
                answer = api.get(path)
                assert answer.status_code == 200, f"{path}: {answer.text}"
                assert complaints(answer.json(), kind, models=models) == [], path


@pytest.mark.parametrize(
    ("value", "kind", "complaint"),
    [
        ({"lang": "en"}, "Translation", "$.text: missing"),
        ({"lang": "en", "text": None}, "Translation", "$.text: null"),
        ([{"id": "1", "title": 5}], "[Titled]", "$[0].title: 5 is no str"),
        ({"enabled": True, "hour": 1.0}, "DailySummarySettings", "$.hour: 1.0 is no int"),
        ({"id": "1", "created_at": "2026-05-04T12:00:00"}, "MessageConversation", "created_at"),
        ({}, "[App]", "$: no list"),
    ],
)
def test_the_reader_of_the_test_throws_as_the_apps_does(value: Any, kind: str, complaint: str) -> None:
    assert any(complaint in each for each in complaints(value, kind, models=WIRE))


def test_the_older_reader_throws_at_a_whole_number_for_a_double() -> None:
    review = {"uid": "u", "rated_at": "2026-05-04T12:00:00Z", "score": 4, "review": "x"}
    assert complaints(review, "AppReview", models=WIRE) == []
    assert complaints(review, "AppReview", models=LEGACY) == ["$.score: 4 is no double"]
