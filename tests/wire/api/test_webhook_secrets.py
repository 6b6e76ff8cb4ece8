"""What signs webhooks, and how an app's address does, over real HTTP: for their owner alone."""

import httpx
import pytest

from common.core import clock
from common.database import apps, webhook_health
from common.models.webhook import WebhookHealth
from tests.support.apps import make_app
from tests.support.webhook_receiver import answering, receiving
from tests.wire.api.conftest import ApiAs


def test_a_secret_is_shown_and_changed(api: httpx.Client, uid: str) -> None:
    app = make_app(uid=uid)
    path = f"/v1/apps/{app.id}/webhook/secret"
    shown = api.get(path).json()
    assert shown["secret"].startswith("whsec_")
    assert shown["previous_secret"] is None
    assert api.get(path).json() == shown
    changed = api.post(path).json()
    assert changed["previous_secret"] == shown["secret"] != changed["secret"]
    assert api.get(path).json() == changed


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "secret"), ("POST", "secret"), ("GET", "health"), ("POST", "enable")]
)
def test_others_see_and_change_nothing_of_it(api: httpx.Client, method: str, path: str) -> None:
    app = make_app()
    assert api.request(method, f"/v1/apps/{app.id}/webhook/{path}").status_code == 403
    assert api.request(method, f"/v1/apps/nobodys/webhook/{path}").status_code == 404


def test_a_users_own_secret_is_another_for_everybody(api: httpx.Client, api_as: ApiAs, uid: str) -> None:
    path = "/v1/users/developer/webhook-secret"
    mine, other = api.get(path).json(), api_as(f"{uid}-2").get(path).json()
    assert mine["secret"] != other["secret"]
    assert api.post(path).json()["previous_secret"] == mine["secret"]
    assert api_as(f"{uid}-2").get(path).json() == other


def test_secrets_are_no_part_of_an_export(api: httpx.Client) -> None:
    path = "/v1/users/developer/webhook-secret"
    secrets = [api.get(path).json()["secret"], api.post(path).json()["secret"]]
    exported = api.get("/v1/users/export").text
    assert not any(secret in exported for secret in secrets)


def test_an_app_that_was_disabled_is_turned_on_by_its_maker_once_it_answers(api: httpx.Client, uid: str) -> None:
    with receiving() as receiver:
        receiver.answers = [answering(status="500 Oops"), answering()]
        app = make_app(
            uid=uid,
            disabled=True,
            disabled_reason="webhook_failing",
            external_integration={"triggers_on": "transcript_processed", "webhook_url": receiver.url},
        )
        failing = WebhookHealth(id=webhook_health.CURRENT, failing_since=clock.now(), last_error="status 500")
        webhook_health.of_app(app.id).put(failing)
        assert api.get(f"/v1/apps/{app.id}/webhook/health").json()["last_error"] == "status 500"
        assert api.post("/v1/apps/enable", params={"app_id": app.id}).status_code == 400
        assert api.post(f"/v1/apps/{app.id}/webhook/enable").status_code == 400
        assert api.post(f"/v1/apps/{app.id}/webhook/enable").status_code == 200
    assert not apps.get(app.id).disabled
    assert api.get(f"/v1/apps/{app.id}/webhook/health").json()["failing_since"] is None
