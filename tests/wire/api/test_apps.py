"""The store over a real socket: made, approved, found, turned on, reviewed."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from common.database import apps, cache, notifications
from tests.support.apps import make_app
from tests.wire.api.conftest import ApiAs

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def _draft(**fields: Any) -> dict[str, Any]:
    return {"name": "Coach", "description": "Coaches", "category": "other", "capabilities": ["chat"], **fields}


def _make(
    api: httpx.Client, image: bytes = PNG, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    return api.post(
        "/v1/apps",
        data={"app_data": json.dumps(_draft(**fields))},
        files={"file": ("logo.png", image, "image/png")},
        headers=headers,
    )


class TestMaking:
    """By its maker, whose word on everything but the review state counts."""

    def test_a_new_app_waits_for_review_and_only_its_maker_sees_it(
        self, api: httpx.Client, api_as: ApiAs, uid: str
    ) -> None:
        made = _make(api, memory_prompt="Say what was decided", author="Ada")
        assert made.status_code == 200
        app_id = made.json()["app_id"]
        app = api.get(f"/v1/apps/{app_id}").json()
        assert (app["approved"], app["status"], app["uid"], app["author"]) == (False, "under-review", uid, "Ada")
        assert api_as("somebody-else").get(f"/v1/apps/{app_id}").status_code == 404
        assert app_id in [each["id"] for each in api.get("/v1/apps").json()]
        assert app_id not in [each["id"] for each in api.get("/v1/approved-apps").json()]

    def test_what_the_client_may_not_decide_is_ignored(self, api: httpx.Client, uid: str) -> None:
        claimed: dict[str, Any] = {
            "approved": True,
            "status": "approved",
            "uid": "x",
            "installs": 9,
            "official": True,
            "id": "mine",
        }
        app_id = _make(api, **claimed, is_popular=True, rating_avg=5, deleted=True).json()["app_id"]
        stored = apps.get(app_id)
        assert (stored.approved, stored.status, stored.uid, stored.installs) == (False, "under-review", uid, 0)
        assert (stored.official, stored.is_popular, stored.rating_avg, stored.deleted) == (False, False, 0.0, False)
        answer = api.patch(f"/v1/apps/{app_id}", data={"app_data": json.dumps({**claimed, "name": "New"})})
        assert answer.status_code == 200
        assert apps.get(app_id) == stored.model_copy(update={"name": "New", "updated_at": apps.get(app_id).updated_at})

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": ""},
            {"name": "  "},
            {"name": "x" * 101},
            {"category": "nonsense"},
            {"capabilities": []},
            {"capabilities": ["fly"]},
            {"capabilities": ["persona"]},
            {"is_paid": True},
            {"is_paid": True, "price": -1, "payment_plan": "monthly_recurring"},
            {"price": 1e400},
            {"is_paid": True, "price": 5, "payment_plan": "yearly"},
            {"capabilities": ["external_integration"]},
            {"capabilities": ["external_integration"], "external_integration": {"triggers_on": "memory_creation"}},
            {
                "capabilities": ["external_integration"],
                "external_integration": {"triggers_on": "full_moon", "webhook_url": "https://a.example.com"},
            },
            {
                "capabilities": ["external_integration"],
                "external_integration": {"actions": [{"action": "read_minds"}]},
            },
            {
                "capabilities": ["external_integration"],
                "external_integration": {"triggers_on": "memory_creation", "webhook_url": "http://169.254.169.254/"},
            },
            {"proactive_notification": {"scopes": ["everything"]}},
            {"thumbnails": ["../../x.png"]},
        ],
    )
    def test_what_breaks_a_rule_is_422(self, api: httpx.Client, fields: dict[str, Any]) -> None:
        answer = _make(api, **fields)
        assert (answer.status_code, bool(answer.json()["detail"])) == (422, True)

    @pytest.mark.parametrize("data", ["", "[]", "no json", '{"name": "\\ud800"}', "null"])
    def test_what_is_no_description_is_422(self, api: httpx.Client, data: str) -> None:
        answer = api.post("/v1/apps", data={"app_data": data}, files={"file": ("x.png", PNG, "image/png")})
        assert answer.status_code == 422

    def test_a_paid_app_and_an_integration_that_keep_the_rules_are_made(self, api: httpx.Client) -> None:
        integration = {
            "triggers_on": "memory_creation",
            "webhook_url": "https://hooks.example.com/in?x=1",
            "actions": [{"action": "create_conversation"}],
            "auth_steps": [{"name": "Sign in", "url": "https://hooks.example.com/login"}],
            "setup_completed_url": "",
        }
        made = _make(
            api,
            capabilities=["external_integration", "chat"],
            external_integration=integration,
            is_paid=True,
            price=5,
            payment_plan="monthly_recurring",
        )
        assert made.status_code == 200
        app = api.get(f"/v1/apps/{made.json()['app_id']}").json()
        assert app["external_integration"]["app_home_url"] == "https://hooks.example.com/login"
        assert app["external_integration"]["setup_completed_url"] is None
        assert isinstance(app["price"], float)

    def test_only_pictures_are_taken_whatever_they_are_called(self, api: httpx.Client) -> None:
        assert _make(api, image=b"<svg onload=alert(1)>").status_code == 422
        assert _make(api, image=b"").status_code == 422
        assert _make(api, image=PNG + b"\0" * (5 * 1024 * 1024)).status_code == 413

    def test_the_picture_is_seen_by_everybody_at_an_absolute_address(
        self, api: httpx.Client, anybody: httpx.Client
    ) -> None:
        image = api.get(f"/v1/apps/{_make(api).json()['app_id']}").json()["image"]
        assert image.startswith(str(api.base_url).rstrip("/"))
        seen = anybody.get(image)
        assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, PNG, "image/png")
        folder, _, name = image.rpartition("/")
        for other in (f"{folder}/{uuid4()}.png", f"{folder}/..%2f{name}", f"{folder}x/{name}"):
            assert anybody.get(other).status_code == 404

    def test_a_request_sent_again_under_its_key_makes_one_app(self, api: httpx.Client, uid: str) -> None:
        headers = {"Idempotency-Key": "k1"}
        first, second = _make(api, headers=headers), _make(api, headers=headers)
        assert first.json() == second.json()
        assert len(apps.list_of_user(uid=uid)) == 1

    def test_thumbnails_are_kept_and_shown_with_the_app(self, api: httpx.Client, anybody: httpx.Client) -> None:
        kept = api.post("/v1/app/thumbnails", files={"file": ("t.gif", b"GIF89a\1\0\1\0", "image/gif")}).json()
        assert anybody.get(kept["thumbnail_url"]).content == b"GIF89a\1\0\1\0"
        app = api.get(f"/v1/apps/{_make(api, thumbnails=[kept['thumbnail_id']]).json()['app_id']}").json()
        assert app["thumbnail_urls"] == [kept["thumbnail_url"]]
        assert api.post("/v1/app/thumbnails", files={"file": ("t.gif", b"text", "image/gif")}).status_code == 422
        huge = api.post("/v1/app/thumbnails", files={"file": ("t.gif", b"GIF89a\1\0\1\x10", "image/gif")})
        assert (huge.status_code, huge.json()) == (413, {"detail": "An image is 4096 pixels wide and high at most"})

    def test_others_can_neither_change_nor_delete_it(self, api: httpx.Client) -> None:
        app = make_app()
        answers = [
            api.patch(f"/v1/apps/{app.id}", data={"app_data": "{}"}),
            api.delete(f"/v1/apps/{app.id}"),
            api.patch(f"/v1/apps/{app.id}/change-visibility?private=true"),
            api.post(f"/v1/apps/{app.id}/refresh-manifest"),
            api.patch(f"/v1/apps/{app.id}/review/reply", json={"response": "x", "reviewer_uid": "y"}),
        ]
        assert [answer.status_code for answer in answers] == [403] * 5
        assert apps.get(app.id) == app

    def test_what_does_not_exist_cannot_be_changed(self, api: httpx.Client) -> None:
        for app_id in ("never", "__x__", "%00", "x" * 1600):
            assert api.get(f"/v1/apps/{app_id}").status_code == 404
            assert api.patch(f"/v1/apps/{app_id}", data={"app_data": "{}"}).status_code == 404
            assert api.delete(f"/v1/apps/{app_id}").status_code == 404

    def test_a_private_app_is_forbidden_to_others_until_it_is_shown(
        self, api: httpx.Client, api_as: ApiAs, uid: str
    ) -> None:
        app, other = make_app(uid=uid), api_as("somebody-else")
        api.patch(f"/v1/apps/{app.id}/change-visibility?private=true")
        assert other.get(f"/v1/apps/{app.id}").status_code == 403
        assert app.id not in [each["id"] for each in other.get("/v1/apps").json()]
        api.patch(f"/v1/apps/{app.id}/change-visibility?private=false")
        assert other.get(f"/v1/apps/{app.id}").status_code == 200
        assert app.id in [each["id"] for each in other.get("/v1/apps").json()]

    def test_deleting_takes_reviews_and_picture_along(
        self, api: httpx.Client, api_as: ApiAs, anybody: httpx.Client
    ) -> None:
        app_id = _make(api).json()["app_id"]
        apps.change(app_id, lambda app: app.model_copy(update={"approved": True}))
        image = api.get(f"/v1/apps/{app_id}").json()["image"]
        other = api_as("somebody-else")
        assert other.post("/v1/apps/review", params={"app_id": app_id}, json={"score": 4}).status_code == 200
        assert api.delete(f"/v1/apps/{app_id}").json() == {"status": "Ok"}
        assert api.delete(f"/v1/apps/{app_id}").status_code == 404
        assert list(apps.ALL.reference(app_id).collections()) == []
        assert anybody.get(image).status_code == 404
        assert app_id not in [each["id"] for each in other.get("/v1/apps").json()]


class TestSeeing:
    """What the store shows."""

    def test_an_app_has_what_every_generation_of_clients_demands(self, api: httpx.Client) -> None:
        apps.ALL.collection.document("bare").set({"name": "Bare", "approved": True, "image": None, "author": None})
        make_app(rating_avg=4.0, rating_count=1)
        for app in (api.get("/v1/apps/bare").json(), *api.get("/v1/apps").json()):
            for field in ("id", "name", "author", "description", "image", "category", "status"):
                assert isinstance(app[field], str), field
            for field in ("approved", "enabled", "private", "deleted"):
                assert isinstance(app[field], bool), field
            assert isinstance(app["rating_avg"], float)
            assert type(app["installs"]) is type(app["rating_count"]) is int
        assert '"rating_avg":4.0' in api.get("/v1/apps").text.replace(" ", "")

    def test_groups_by_capability_with_pages(self, api: httpx.Client) -> None:
        for installs in range(3):
            make_app(capabilities=["tasks"], installs=installs + 100, is_popular=installs == 1)
        make_app(capabilities=["persona", "tasks"], installs=1000)
        page = api.get("/v2/apps", params={"limit": 2}).json()
        shelves = {group["capability"]["id"]: group for group in page["groups"]}
        assert page["groups"][0]["capability"] == {"id": "popular", "title": "Popular Apps"}
        assert [app["installs"] for app in shelves["tasks"]["data"]] == [102, 101]
        pagination = shelves["tasks"]["pagination"]
        assert (pagination["total"], pagination["count"], pagination["hasNext"]) == (3, 2, True)
        assert page["meta"]["groupCount"] == len(page["groups"]) == len(page["meta"]["capabilities"])
        rest = api.get(pagination["links"]["next"]).json()
        assert [app["installs"] for app in rest["data"]] == [100]
        assert (rest["capability"]["id"], rest["pagination"]["hasNext"]) == ("tasks", False)
        assert rest["pagination"]["links"]["previous"] == "/v2/apps?capability=tasks&offset=0&limit=2"

    def test_a_page_of_a_category_and_a_capability_by_category(self, api: httpx.Client) -> None:
        app = make_app(category="financial", capabilities=["proactive_notification"])
        page = api.get("/v2/apps", params={"category": "financial"}).json()
        assert [each["id"] for each in page["data"]] == [app.id]
        assert page["category"] == {"id": "financial", "title": "Financial"}
        grouped = api.get("/v2/apps/capability/proactive_notification/grouped").json()
        assert grouped["meta"] == {"totalApps": 1, "groupCount": 1}
        assert [(group["category"]["id"], group["count"]) for group in grouped["groups"]] == [("financial", 1)]
        empty = api.get("/v2/apps", params={"category": "never-heard"}).json()
        assert (empty["data"], empty["pagination"]["total"]) == ([], 0)

    def test_search_by_words_then_by_what_they_are(self, api: httpx.Client) -> None:
        word = uuid4().hex[:8]
        inside = make_app(name=f"The {word}", installs=900)
        begins = make_app(name=f"{word} pro", installs=500, rating_avg=4.5, rating_count=2)
        exact = make_app(name=word.upper())
        described = make_app(description=f"knows {word}", installs=901, category="financial")

        def found(**query: Any) -> list[str]:
            answer = api.get("/v2/apps/search", params={"q": word, **query})
            assert answer.status_code == 200
            return [app["id"] for app in answer.json()["data"]]

        assert found() == [exact.id, begins.id, described.id, inside.id]
        assert found(category="financial") == [described.id]
        assert found(rating=4) == [begins.id]
        assert found(sort="installs_desc")[:2] == [described.id, inside.id]
        assert found(sort="name_asc")[:2] == [exact.id, begins.id] or found(sort="name_asc")[0] != inside.id
        assert found(limit=1, offset=1) == [begins.id]
        assert found(my_apps=True) == found(installed_apps=True) == []
        page = api.get("/v2/apps/search", params={"q": word, "limit": 1}).json()
        assert (page["pagination"]["total"], page["filters"]["q"]) == (4, word)

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=101",
            "offset=-1",
            "rating=6",
            "rating=nan",
            "sort=best",
            "capability=%00",
            "q=" + "x" * 201,
        ],
    )
    def test_what_makes_no_sense_is_422(self, api: httpx.Client, query: str) -> None:
        assert api.get(f"/v2/apps/search?{query}").status_code == 422

    def test_ones_own_apps_and_installed_ones_are_found_even_when_private(self, api: httpx.Client, uid: str) -> None:
        own, public = make_app(uid=uid, private=True), make_app()
        for app in (own, public):
            assert api.post("/v1/apps/enable", params={"app_id": app.id}).status_code == 200
        mine = api.get("/v2/apps/search", params={"my_apps": True}).json()["data"]
        assert [app["id"] for app in mine] == [own.id]
        installed = api.get("/v2/apps/search", params={"installed_apps": True}).json()["data"]
        assert {app["id"] for app in installed} == {own.id, public.id}

    def test_where_its_webhooks_live_is_the_makers_alone(self, api: httpx.Client, uid: str) -> None:
        secret = {
            "external_integration": {"webhook_url": "https://x.example.com/?key=1"},
            "email": "a@example.com",
            "chat_tools": [{"name": "find", "endpoint": "https://x.example.com/find"}],
        }
        mine, foreign = make_app(uid=uid, **secret), make_app(persona_prompt="I am", **secret)
        assert api.get(f"/v1/apps/{mine.id}").json()["external_integration"]["webhook_url"]
        seen = api.get(f"/v1/apps/{foreign.id}").json()
        assert (seen["external_integration"]["webhook_url"], seen["email"], seen["persona_prompt"]) == (None,) * 3
        assert [(tool["name"], tool["endpoint"]) for tool in seen["chat_tools"]] == [("find", "")]

    def test_what_there_is_to_choose_from(self, api: httpx.Client) -> None:
        categories = api.get("/v1/app-categories").json()
        assert {"id": "health-and-wellness", "title": "Health & Wellness"} in categories
        assert len(categories) == 16
        capabilities = {each["id"]: each for each in api.get("/v1/app-capabilities").json()}
        assert {"chat", "memories", "external_integration", "proactive_notification"} <= capabilities.keys()
        integration = capabilities["external_integration"]
        assert [each["id"] for each in integration["triggers"]] == [
            "audio_bytes",
            "memory_creation",
            "transcript_processed",
        ]
        assert {each["id"] for each in integration["actions"]} == {
            "create_conversation",
            "create_facts",
            "read_memories",
            "read_conversations",
            "read_tasks",
        }
        assert len(api.get("/v1/app/proactive-notification-scopes").json()) == 4
        assert [plan["id"] for plan in api.get("/v1/app/plans").json()] == ["monthly_recurring"]


class TestEnabling:
    """Once per user, counted once."""

    def test_turning_on_and_off_is_seen_at_once(self, api: httpx.Client) -> None:
        app = make_app()
        assert api.get("/v1/apps/enabled").json() == []
        assert api.post("/v1/apps/enable", params={"app_id": app.id}).json() == {"status": "Ok"}
        assert api.get("/v1/apps/enabled").json() == [app.id]
        assert api.get(f"/v1/apps/{app.id}").json()["enabled"] is True
        assert api.post("/v1/apps/disable", params={"app_id": app.id}).status_code == 200
        assert api.get("/v1/apps/enabled").json() == []
        assert api.post("/v1/apps/disable", params={"app_id": app.id}).status_code == 404

    def test_installs_are_counted_once_per_user_even_at_the_same_time(self, api: httpx.Client, api_as: ApiAs) -> None:
        app = make_app()
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: api.post("/v1/apps/enable", params={"app_id": app.id}), range(4)))
        assert {answer.status_code for answer in answers} == {200}
        assert apps.get(app.id).installs == 1
        api_as("somebody-else").post("/v1/apps/enable", params={"app_id": app.id})
        assert apps.get(app.id).installs == 2
        api.post("/v1/apps/disable", params={"app_id": app.id})
        assert apps.get(app.id).installs == 1

    def test_neither_the_makers_own_install_nor_that_of_a_private_app_counts(self, api: httpx.Client, uid: str) -> None:
        for app in (make_app(uid=uid), make_app(uid=uid, private=True)):
            for way in ("enable", "disable"):
                assert api.post(f"/v1/apps/{way}", params={"app_id": app.id}).status_code == 200
                assert apps.get(app.id).installs == 0

    def test_who_may_not_turn_on_what(self, api: httpx.Client) -> None:
        expected = {
            400: make_app(disabled=True),
            403: make_app(private=True),
            404: make_app(approved=False),
        }
        for status, app in expected.items():
            assert api.post("/v1/apps/enable", params={"app_id": app.id}).status_code == status
        assert api.post("/v1/apps/enable", params={"app_id": make_app(is_paid=True, price=3).id}).status_code == 403
        assert api.post("/v1/apps/enable", params={"app_id": "never"}).status_code == 404
        assert api.post("/v1/apps/enable").status_code == 422

    def test_an_app_that_has_become_private_can_still_be_turned_off(self, api: httpx.Client) -> None:
        app = make_app()
        api.post("/v1/apps/enable", params={"app_id": app.id})
        apps.change(app.id, lambda found: found.model_copy(update={"private": True}))
        assert api.post("/v1/apps/disable", params={"app_id": app.id}).status_code == 200
        assert apps.get(app.id).installs == 0

    def test_without_the_cache_everything_is_the_same(self, api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache, "redis_client", lambda: None)
        app = make_app()
        api.post("/v1/apps/enable", params={"app_id": app.id})
        assert api.get("/v1/apps/enabled").json() == [app.id]
        assert app.id in [each["id"] for each in api.get("/v1/approved-apps").json()]


class TestReviews:
    """One per user, and an average that is always right."""

    def test_the_average_follows_every_review(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        app, other = make_app(), api_as("somebody-else")
        for client, score in ((api, 5), (other, 2), (api, 4)):
            answer = client.post(f"/v1/apps/review?app_id={app.id}", json={"score": score, "review": f"{score} stars"})
            assert answer.json() == {"status": "Ok"}
        assert other.patch(f"/v1/apps/{app.id}/review", json={"score": 3, "review": "better"}).status_code == 200
        seen = api.get(f"/v1/apps/{app.id}").json()
        assert (seen["rating_avg"], seen["rating_count"]) == (3.5, 2)
        assert (seen["user_review"]["score"], seen["user_review"]["uid"]) == (4.0, uid)
        assert {review["review"] for review in seen["reviews"]} == {"4 stars", "better"}
        listed = api.get(f"/v1/apps/{app.id}/reviews").json()
        assert [review["review"] for review in listed] == ["better", "4 stars"]
        assert '"score":4.0' in api.get(f"/v1/apps/{app.id}").text.replace(" ", "")

    def test_reviews_written_at_the_same_time_all_count(self, api_as: ApiAs) -> None:
        app = make_app(rating_avg=3.0, rating_count=2)
        clients = [api_as(f"reviewer-{number}") for number in range(4)]
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(lambda each: each.post(f"/v1/apps/review?app_id={app.id}", json={"score": 5}), clients)
            )
        assert {answer.status_code for answer in answers} == {200}
        assert (apps.get(app.id).rating_avg, apps.get(app.id).rating_count) == ((6 + 20) / 6, 6)

    def test_a_review_of_old_times_that_cannot_be_read_hides_nothing(self, api: httpx.Client, uid: str) -> None:
        app, other = make_app(), make_app()
        old = {"uid": uid, "score": 9, "review": None, "rated_at": "2024-01-01T00:00:00Z"}
        apps.ALL.reference(app.id).collection("reviews").document(uid).set(old)
        apps.ALL.reference(other.id).collection("reviews").document(uid).set({"uid": uid, "rated_at": "long ago"})
        assert api.get(f"/v1/apps/{app.id}").json()["user_review"]["score"] == 9.0
        assert api.get(f"/v1/apps/{other.id}").json()["user_review"] is None
        assert api.get(f"/v1/apps/{other.id}/reviews").json() == []

    def test_ones_own_app_is_not_reviewed(self, api: httpx.Client, uid: str) -> None:
        app = make_app(uid=uid)
        assert api.post(f"/v1/apps/review?app_id={app.id}", json={"score": 5}).status_code == 403
        assert apps.get(app.id).rating_count == 0

    def test_what_is_not_there_cannot_be_changed_or_answered(self, api: httpx.Client, uid: str) -> None:
        app, own = make_app(), make_app(uid=uid)
        assert api.patch(f"/v1/apps/{app.id}/review", json={"score": 5}).status_code == 404
        assert api.post("/v1/apps/review?app_id=never", json={"score": 5}).status_code == 404
        answer = {"response": "x", "reviewer_uid": "nobody"}
        assert api.patch(f"/v1/apps/{own.id}/review/reply", json=answer).status_code == 404
        odd = {"response": "x", "reviewer_uid": "a/b"}
        assert api.patch(f"/v1/apps/{own.id}/review/reply", json=odd).status_code == 404
        for score in (-1, 6, "x", None):
            assert api.post(f"/v1/apps/review?app_id={app.id}", json={"score": score}).status_code == 422

    def test_maker_and_reviewer_hear_of_each_other(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        reviewer = f"reviewer-{uuid4().hex[:8]}"
        app = make_app(uid=uid)
        api_as(reviewer).post(f"/v1/apps/review?app_id={app.id}", json={"score": 4, "review": "Fine"})
        for _ in range(2):
            reply = {"response": "Thank you", "reviewer_uid": reviewer}
            assert api.patch(f"/v1/apps/{app.id}/review/reply", json=reply).status_code == 200
        [to_maker] = notifications.of(uid=uid).stream(notifications.of(uid=uid).collection.limit(9))
        [to_reviewer] = notifications.of(uid=reviewer).stream(notifications.of(uid=reviewer).collection.limit(9))
        assert (to_maker.kind, to_maker.data["app_id"]) == ("new_app_review", app.id)
        assert (to_reviewer.kind, to_reviewer.body) == ("app_review_reply", "Thank you")
        [review] = api.get(f"/v1/apps/{app.id}/reviews").json()
        assert review["response"] == "Thank you"
