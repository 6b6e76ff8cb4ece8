"""What is told to the user's devices and addresses, over real HTTP."""

import httpx
import pytest

from common.database import fcm_tokens, users
from tests.wire.api.conftest import ApiAs

HOOK = "/v1/users/developer/webhook"


def _register(api: httpx.Client, token: str, **headers: str) -> httpx.Response:
    return api.post("/v1/users/fcm-token", json={"fcm_token": token, "time_zone": "Asia/Tokyo"}, headers=headers)


class TestDevices:
    """Reached under one token, one user per token."""

    def test_a_device_is_kept_with_its_zone(self, api: httpx.Client, uid: str) -> None:
        answer = _register(api, "t1", **{"X-App-Platform": "ios", "X-Device-Id-Hash": "abc"})
        assert (answer.status_code, answer.json()) == (200, {"status": "Ok"})
        [device] = fcm_tokens.list_all(uid=uid)
        assert (device.id, device.token, device.time_zone) == ("ios_abc", "t1", "Asia/Tokyo")
        assert users.find(uid=uid).time_zone == "Asia/Tokyo"

    def test_a_new_token_replaces_the_devices_old_one(self, api: httpx.Client, uid: str) -> None:
        for token in ("t2", "t3"):
            _register(api, token, **{"X-App-Platform": "ios", "X-Device-Id-Hash": "abc"})
        assert [device.token for device in fcm_tokens.list_all(uid=uid)] == ["t3"]

    def test_clients_that_do_not_name_the_device_are_told_apart_by_token(self, api: httpx.Client, uid: str) -> None:
        for token in ("t4", "t5", "t4"):
            assert _register(api, token).status_code == 200
        assert sorted(device.token for device in fcm_tokens.list_all(uid=uid)) == ["t4", "t5"]

    def test_a_device_that_changes_hands_tells_only_its_new_user(
        self, api: httpx.Client, api_as: ApiAs, uid: str
    ) -> None:
        _register(api, f"token of {uid}")
        _register(api_as(f"{uid}-2"), f"token of {uid}")
        assert fcm_tokens.list_all(uid=uid) == []
        assert len(fcm_tokens.list_all(uid=f"{uid}-2")) == 1

    @pytest.mark.parametrize("name", ["a/b", "", "x" * 129, "a b"])
    def test_a_header_that_is_no_name_is_422(self, api: httpx.Client, name: str) -> None:
        assert _register(api, "t6", **{"X-Device-Id-Hash": name}).status_code == 422


class TestWebhooks:
    """Addresses of the user's own."""

    def test_an_address_is_told_until_it_is_taken_back(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        url = "https://example.org:8443/hook?key=1"
        answer = api.post(f"{HOOK}/memory_created", json={"url": f" {url} "})
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert api.get(f"{HOOK}/memory_created").json() == {"url": url}
        assert api.get("/v1/users/developer/webhooks/status").json()["memory_created"] is True
        assert api_as(f"{uid}-2").get(f"{HOOK}/memory_created").json() == {"url": ""}
        api.post(f"{HOOK}/memory_created", json={"url": ","})
        assert api.get(f"{HOOK}/memory_created").json() == {"url": ""}
        assert api.get("/v1/users/developer/webhooks/status").json()["memory_created"] is False

    def test_it_is_switched_with_204_and_kept_meanwhile(self, api: httpx.Client) -> None:
        api.post(f"{HOOK}/day_summary", json={"url": "http://localhost:9/x"})
        for verb, told in (("disable", False), ("enable", True)):
            answer = api.post(f"{HOOK}/day_summary/{verb}", content=b"")
            assert (answer.status_code, answer.content) == (204, b"")
            assert api.get("/v1/users/developer/webhooks/status").json()["day_summary"] is told
            assert api.get(f"{HOOK}/day_summary").json() == {"url": "http://localhost:9/x"}

    def test_one_that_is_switched_on_without_an_address_tells_nothing_until_it_has_one(self, api: httpx.Client) -> None:
        assert api.post(f"{HOOK}/day_summary/enable", content=b"").status_code == 204
        assert api.get("/v1/users/developer/webhooks/status").json()["day_summary"] is False
        api.post(f"{HOOK}/day_summary", json={"url": "http://localhost:9/x"})
        assert api.get("/v1/users/developer/webhooks/status").json()["day_summary"] is True

    def test_audio_takes_seconds_after_a_comma(self, api: httpx.Client) -> None:
        for url in ("https://example.org/a,10", "https://example.org/a", "https://example.org/a,"):
            assert api.post(f"{HOOK}/audio_bytes", json={"url": url}).status_code == 200
            assert api.get(f"{HOOK}/audio_bytes").json() == {"url": url}
        for url in ("https://example.org/a,0", "https://example.org/a,x", "https://example.org/a,3601"):
            assert api.post(f"{HOOK}/audio_bytes", json={"url": url}).status_code == 422

    @pytest.mark.parametrize(
        "url",
        [
            "example.org",
            "ftp://example.org/",
            "https://",
            "https://ann:secret@example.org/",
            "https://ann@example.org/",
            "https://example.org/a b",
            "https://example.org/\n",
            "https://example.org:99999/",
            "https://[::1/",
            "javascript:alert(1)",
            "https://example.org/" + "x" * 2000,
            "https://example.org/\0",
            "https://169.254.169.254/latest/meta-data/",
            "https://metadata.google.internal/",
            "https://[::ffff:10.0.0.1]/",
            "https://2852039166/",
            "https://10.0.0.1/",
            "https://example.org../",
        ],
    )
    def test_what_is_no_address_is_422(self, api: httpx.Client, url: str) -> None:
        answer = api.post(f"{HOOK}/memory_created", json={"url": f"{url}\x01" if url.endswith("\n") else url})
        assert answer.status_code == 422
        assert answer.json()["detail"]
        assert api.get(f"{HOOK}/memory_created").json() == {"url": ""}
