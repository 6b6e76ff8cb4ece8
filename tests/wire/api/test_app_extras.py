"""Around the store: personas, administrators, manifests, setup, signing in to an app."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest
from google.cloud.firestore import Query
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from common.database import apps, installs, notifications
from common.entry.api.apps import asking
from local.http import HttpServer
from tests.support.apps import make_app
from tests.support.stores import Stores
from tests.wire.api.conftest import ApiAs

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40

Outside = Callable[[Callable[[Request], Response]], str]


@pytest.fixture
def outside(stores: Stores) -> Iterator[Outside]:
    """An app's own server; tells where it is."""
    servers: list[HttpServer] = []

    def serve(answer: Callable[[Request], Response]) -> str:
        server = HttpServer(Starlette(routes=[Route("/{path:path}", answer)]))
        servers.append(server)
        return f"http://127.0.0.1:{stores.run(server.start())}"

    yield serve
    for server in servers:
        stores.run(server.stop())


def _persona(api: httpx.Client, headers: dict[str, str] | None = None, **data: Any) -> httpx.Response:
    return api.post(
        "/v1/personas",
        data={"persona_data": json.dumps({"name": "Ada", **data})},
        files={"file": ("me.png", PNG, "image/png")},
        headers=headers,
    )


class TestPersonas:
    """Found by a handle of their own, never in the catalogue."""

    def test_a_handle_that_is_taken_gets_a_number(self, api: httpx.Client) -> None:
        name = f"zoe-{uuid4().hex[:6]}"
        made = [_persona(api, username=name.upper()).json()["username"] for _ in range(3)]
        assert made == [name, f"{name}1", f"{name}2"]
        assert api.get("/v1/apps/check-username", params={"username": name.title()}).json() == {"is_taken": True}
        assert api.get("/v1/apps/check-username", params={"username": f"{name}3"}).json() == {"is_taken": False}
        assert api.get("/v1/apps/check-username", params={"username": "a/b"}).json() == {"is_taken": False}
        for written in (f" {name} ", name.replace("zoe", "Zoë"), f"@{name}"):  # it would be the same handle
            assert api.get("/v1/apps/check-username", params={"username": written}).json() == {"is_taken": True}

    def test_accounts_that_it_is_connected_with_are_names_and_not_books(self, api: httpx.Client) -> None:
        assert _persona(api, connected_accounts=["x" * 201]).status_code == 422
        assert _persona(api, connected_accounts=["x" * 200] * 10).status_code == 200

    def test_the_same_handle_is_never_given_twice_at_the_same_time(self, api_as: ApiAs) -> None:
        name = f"zoe-{uuid4().hex[:6]}"
        clients = [api_as(f"user-{number}-{name}") for number in range(4)]
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda each: _persona(each, username=name).json()["username"], clients))
        assert sorted(made) == [name, f"{name}1", f"{name}2", f"{name}3"]

    def test_it_is_made_changed_and_deleted_and_its_handle_is_free_again(self, api: httpx.Client, uid: str) -> None:
        assert api.get("/v1/personas").status_code == 404
        name = f"zoe-{uuid4().hex[:6]}"
        app_id = _persona(api, username=name, persona_prompt="Be kind").json()["app_id"]
        own = api.get("/v1/personas").json()
        assert (own["id"], own["capabilities"], own["private"], own["uid"]) == (app_id, ["persona"], True, uid)
        assert own["image"].startswith("http")
        change = {"persona_data": json.dumps({"name": "Zoë", "username": "other", "approved": True})}
        assert api.patch(f"/v1/personas/{app_id}", data=change).json() == {"status": "Ok"}
        assert (apps.get(app_id).name, apps.get(app_id).username, apps.get(app_id).approved) == ("Zoë", name, False)
        assert api.delete(f"/v1/apps/{app_id}").status_code == 200
        assert api.get("/v1/apps/check-username", params={"username": name}).json() == {"is_taken": False}

    def test_one_that_is_everybodys_is_not_in_the_catalogue(self, api: httpx.Client) -> None:
        app_id = _persona(api, private=False).json()["app_id"]
        apps.change(app_id, lambda app: app.model_copy(update={"approved": True}))
        assert app_id not in [app["id"] for app in api.get("/v1/approved-apps").json()]
        assert app_id not in [app["id"] for app in api.get("/v1/apps").json()]
        assert api.get(f"/v1/apps/{app_id}").status_code == 200

    def test_a_user_always_has_one_who_asks_for_it(self, api: httpx.Client, uid: str) -> None:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: api.post("/v1/user/persona").json(), range(4)))
        [own] = apps.list_of_user(uid=uid)
        assert {answer["id"] for answer in answers} == {own.id}
        assert answers[0]["capabilities"] == ["persona"]

    def test_others_and_apps_are_no_personas_of_ones_own(self, api: httpx.Client, uid: str) -> None:
        change = {"persona_data": "{}"}
        assert api.patch(f"/v1/personas/{make_app().id}", data=change).status_code == 403
        assert api.patch(f"/v1/personas/{make_app(uid=uid).id}", data=change).status_code == 404
        assert api.patch("/v1/personas/never", data=change).status_code == 404
        odd: list[dict[str, Any]] = [{"name": ""}, {"username": "x" * 61}, {"connected_accounts": "omi"}]
        for data in odd:
            assert _persona(api, **data).status_code == 422

    def test_a_request_sent_again_under_its_key_makes_one(self, api: httpx.Client) -> None:
        headers = {"Idempotency-Key": "persona"}
        first, second = (_persona(api, headers=headers).json() for _ in range(2))
        assert first == second
        assert _persona(api, headers=headers, name="Other").status_code == 422


class TestAdministrators:
    """Who decide what everybody finds."""

    def test_an_app_is_found_once_it_is_approved_and_no_longer_when_it_is_rejected(
        self, admin: httpx.Client, api: httpx.Client, api_as: ApiAs, uid: str
    ) -> None:
        app, other = make_app(uid=uid, approved=False, status="under-review"), api_as("somebody-else")
        waiting = {each["id"]: each for each in admin.get("/v1/apps/public/unapproved").json()}
        assert waiting[app.id]["approved"] is False
        assert admin.post(f"/v1/apps/{app.id}/approve").json() == {"status": "Ok"}
        assert app.id in [each["id"] for each in other.get("/v1/approved-apps").json()]
        assert admin.patch(f"/v1/apps/{app.id}/popular?value=true").status_code == 200
        assert app.id in [each["id"] for each in other.get("/v1/apps/popular").json()]
        assert admin.post(f"/v1/apps/{app.id}/reject").status_code == 200
        assert app.id not in [each["id"] for each in other.get("/v1/approved-apps").json()]
        assert (api.get(f"/v1/apps/{app.id}").json()["status"], other.get(f"/v1/apps/{app.id}").status_code) == (
            "rejected",
            404,
        )
        store = notifications.of(uid=uid)
        told = store.stream(store.collection.order_by("created_at", direction=Query.DESCENDING).limit(5))
        assert [each.kind for each in told] == ["app_rejected", "app_approved"]

    def test_nobody_else_decides(self, api: httpx.Client, uid: str) -> None:
        app = make_app(uid=uid, approved=False)
        for method, path in (
            ("GET", "public/unapproved"),
            ("POST", f"{app.id}/approve"),
            ("POST", f"{app.id}/reject"),
            ("PATCH", f"{app.id}/popular"),
        ):
            assert api.request(method, f"/v1/apps/{path}").status_code == 403
        assert apps.get(app.id) == app

    def test_what_does_not_exist_is_404(self, admin: httpx.Client) -> None:
        assert admin.post("/v1/apps/never/approve").status_code == 404
        assert admin.patch("/v1/apps/never/popular").status_code == 404


class TestManifests:
    """Which tools chat may call."""

    MANIFEST: ClassVar[dict[str, Any]] = {
        "tools": [
            {
                "name": "add_song",
                "description": "Adds a song",
                "endpoint": "/tools/add",
                "parameters": {"type": "object", "properties": {"title": {"type": "string"}}},
            },
            {"name": "find", "description": "Finds", "endpoint": "https://tools.example.com/find", "method": "GET"},
        ],
        "chat_messages": {"enabled": True, "target": "main", "notify": True},
    }

    def test_tools_are_read_and_where_they_are_is_resolved(self, api: httpx.Client, outside: Outside, uid: str) -> None:
        base = outside(lambda _: JSONResponse(self.MANIFEST))
        url = f"{base}/.well-known/tools.json"
        app = make_app(uid=uid, approved=False, external_integration={"chat_tools_manifest_url": url})
        answer = api.post(f"/v1/apps/{app.id}/refresh-manifest")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "tools_count": 2})
        stored = apps.get(app.id)
        assert [tool.endpoint for tool in stored.chat_tools] == [f"{base}/tools/add", "https://tools.example.com/find"]
        assert stored.chat_tools[0].parameters == self.MANIFEST["tools"][0]["parameters"]
        assert stored.external_integration is not None
        assert stored.external_integration.chat_messages_target == "main"
        raw = apps.ALL.collection.document(app.id).get().to_dict() or {}
        assert isinstance(raw["chat_tools"][0]["parameters"], str)
        seen = api.get(f"/v1/apps/{app.id}").json()
        assert seen["chat_tools"][0]["parameters"]["type"] == "object"

    def test_new_tools_of_an_app_that_everybody_may_use_wait_for_a_review(
        self, api: httpx.Client, api_as: ApiAs, admin: httpx.Client, outside: Outside, uid: str
    ) -> None:
        base = outside(lambda _: JSONResponse(self.MANIFEST))
        app = make_app(uid=uid, external_integration={"chat_tools_manifest_url": f"{base}/tools.json"})
        assert api.post(f"/v1/apps/{app.id}/refresh-manifest").json()["tools_count"] == 2
        assert apps.get(app.id).chat_tools == []
        assert api_as(f"{uid}-2").get(f"/v1/apps/{app.id}").json()["chat_tools"] == []
        assert len(api.get(f"/v1/apps/{app.id}").json()["chat_tools"]) == 2
        raw = apps.ALL.collection.document(app.id).get().to_dict() or {}
        assert isinstance(raw["proposal"]["chat_tools"][0]["parameters"], str)
        assert admin.post(f"/v1/apps/{app.id}/approve").status_code == 200
        assert apps.get(app.id).chat_tools[0].parameters == self.MANIFEST["tools"][0]["parameters"]

    def test_a_new_app_has_its_tools_at_once_and_is_made_even_if_they_cannot_be_had(
        self, api: httpx.Client, outside: Outside
    ) -> None:
        base = outside(
            lambda request: JSONResponse(self.MANIFEST) if request.url.path == "/good" else Response(status_code=500)
        )
        counts = []
        for path in ("good", "bad"):
            draft = {
                "name": "Tools",
                "description": "Tools",
                "category": "other",
                "capabilities": ["external_integration"],
                "external_integration": {"chat_tools_manifest_url": f"{base}/{path}"},
            }
            made = api.post(
                "/v1/apps", data={"app_data": json.dumps(draft)}, files={"file": ("x.png", PNG, "image/png")}
            )
            counts.append(len(apps.get(made.json()["app_id"]).chat_tools))
        assert counts == [2, 0]

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            (Response(status_code=404), 502),
            (Response("not json"), 502),
            (JSONResponse([]), 502),
            (JSONResponse({"tools": [{"name": "no spaces", "description": "", "endpoint": "/x"}]}), 502),
            (JSONResponse({"tools": [{"name": "x", "description": "", "endpoint": "/x"}] * 65}), 502),
            (Response(status_code=302, headers={"Location": "/elsewhere"}), 502),
            (JSONResponse({"tools": [{"name": "x", "description": "", "endpoint": "http://10.0.0.1/"}]}), 422),
            (JSONResponse({"tools": [{"name": "x", "description": "", "endpoint": "http://[x"}]}), 422),
        ],
    )
    def test_a_manifest_that_is_none_changes_nothing(
        self, api: httpx.Client, outside: Outside, uid: str, answer: Response, status: int
    ) -> None:
        app = make_app(uid=uid, external_integration={"chat_tools_manifest_url": outside(lambda _: answer)})
        refused = api.post(f"/v1/apps/{app.id}/refresh-manifest")
        assert (refused.status_code, bool(refused.json()["detail"])) == (status, True)
        assert apps.get(app.id) == app

    def test_its_maker_is_told_what_is_wrong_with_it(self, api: httpx.Client, outside: Outside, uid: str) -> None:
        wrong = {"tools": [{"name": "no spaces", "description": "SECRET", "endpoint": "/x"}]}
        url = outside(lambda _: JSONResponse(wrong))
        app = make_app(uid=uid, external_integration={"chat_tools_manifest_url": url})
        detail = api.post(f"/v1/apps/{app.id}/refresh-manifest").json()["detail"]
        assert "tools.0.name: String should match pattern" in detail
        assert "SECRET" not in detail

    def test_there_is_an_end_to_how_often_strangers_are_asked(
        self, api: httpx.Client, api_as: ApiAs, outside: Outside, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(asking, "ASKED_PER_HOUR", 1)
        asked: list[str] = []

        def answer(request: Request) -> Response:
            asked.append(request.url.path)
            return JSONResponse(self.MANIFEST)

        url = outside(answer)
        app = make_app(uid=uid, external_integration={"chat_tools_manifest_url": f"{url}/m", "webhook_url": url})
        answers = [
            api.post(f"/v1/apps/{app.id}/refresh-manifest"),
            api.post(f"/v1/apps/{app.id}/refresh-manifest"),
            api.post(f"/v1/apps/{app.id}/webhook/enable"),
            api.post("/v1/apps/enable", params={"app_id": app.id}),
            api.patch(f"/v1/apps/{app.id}", data={"app_data": "{}"}),
        ]
        assert [answer.status_code for answer in answers] == [200, 429, 429, 429, 429]
        assert answers[1].headers["retry-after"]
        assert asked == ["/m"]
        assert api_as(f"{uid}-2").post("/v1/apps/enable", params={"app_id": app.id}).status_code == 200

    def test_an_app_without_one_or_with_one_inside_is_400(self, api: httpx.Client, uid: str) -> None:
        for integration in (None, {}, {"chat_tools_manifest_url": "http://169.254.169.254/tools"}):
            app = make_app(uid=uid, external_integration=integration)
            assert api.post(f"/v1/apps/{app.id}/refresh-manifest").status_code == 400


class TestSetup:
    """Some apps need something before they are turned on."""

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            (JSONResponse({"is_setup_completed": True}), 200),
            (JSONResponse({"is_setup_completed": False}), 400),
            (JSONResponse({"is_setup_completed": "true"}), 400),
            (JSONResponse([]), 400),
            (Response("yes"), 400),
            (Response(b"[" * 100_000), 400),
            (JSONResponse({"is_setup_completed": True}, status_code=500), 400),
        ],
    )
    def test_only_an_app_that_says_it_is_set_up_is_turned_on(
        self, api: httpx.Client, outside: Outside, uid: str, answer: Response, status: int
    ) -> None:
        app = make_app(external_integration={"setup_completed_url": f"{outside(lambda _: answer)}/setup"})
        assert api.post(f"/v1/apps/enable?app_id={app.id}").status_code == status
        assert installs.is_enabled(app_id=app.id, uid=uid) is (status == 200)

    def test_it_is_told_for_whom(self, api: httpx.Client, outside: Outside, uid: str) -> None:
        asked: list[str] = []

        def answer(request: Request) -> Response:
            asked.append(str(request.url))
            return JSONResponse({"is_setup_completed": True})

        base = outside(answer)
        for path in ("/setup", "/setup?app=1"):
            app = make_app(external_integration={"setup_completed_url": base + path})
            assert api.post(f"/v1/apps/enable?app_id={app.id}").status_code == 200
        assert asked == [f"{base}/setup?uid={uid}", f"{base}/setup?app=1&uid={uid}"]


class TestSigningIn:
    """To an app, with an account here."""

    HOME: ClassVar[dict[str, Any]] = {
        "app_home_url": "https://app.example.com/home",
        "actions": [{"action": "read_tasks"}],
    }

    def test_the_page_shows_what_the_app_says_of_itself_and_runs_none_of_it(self, anybody: httpx.Client) -> None:
        evil = '"><script>alert(1)</script>'
        app = make_app(name=evil, description=evil, external_integration=self.HOME)
        page = anybody.get("/v1/oauth/authorize", params={"app_id": app.id, "state": evil})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "<script>alert" not in page.text
        assert page.text.count("<script") == 1
        assert "Read tasks" in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy

    def test_a_genuine_token_turns_the_app_on(self, stores: Stores, anybody: httpx.Client, uid: str) -> None:
        app = make_app(external_integration=self.HOME)
        said = {"firebase_id_token": stores.identity.id_token(uid), "app_id": app.id, "state": "s&1"}
        answer = anybody.post("/v1/oauth/token", data=said)
        assert answer.json() == {"uid": uid, "redirect_url": "https://app.example.com/home", "state": "s&1"}
        assert installs.is_enabled(app_id=app.id, uid=uid)

    def test_anything_else_does_not(self, stores: Stores, anybody: httpx.Client, uid: str) -> None:
        app, token = make_app(external_integration=self.HOME), stores.identity.id_token(uid)

        def status(**said: str) -> int:
            return anybody.post("/v1/oauth/token", data=said).status_code

        assert status(firebase_id_token=token[:-9], app_id=app.id) == 401
        assert status(firebase_id_token=stores.identity.id_token(uid, expires_in_s=-60), app_id=app.id) == 401
        assert status(firebase_id_token=token, app_id="never") == 404
        assert status(firebase_id_token=token, app_id=make_app().id) == 400
        assert status(firebase_id_token=token, app_id=make_app(private=True, external_integration=self.HOME).id) == 403
        assert status(firebase_id_token=token) == 422
        assert not installs.is_enabled(app_id=app.id, uid=uid)
        for app_id, expected in (("never", 404), (make_app().id, 400), ("", 422)):
            assert anybody.get("/v1/oauth/authorize", params={"app_id": app_id}).status_code == expected
