"""How a client gets in: the three paths, signing in by the first message, and who asks for something else."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from common.entry.listening import signing_in
from tests.support.stores import Stores
from tests.wire.live import kept
from tests.wire.live.conftest import Connect
from tests.wire.live.device import PCM, Device, frames
from tests.wire.live.raw import BINARY, TEXT, RawClient, frame, request

WEB = "/v4/web/listen"


@pytest.fixture
def browser(device: Connect) -> Device:
    """A connection that has not said who it is."""
    return device(bearer=None, path=WEB)


def _answers(app: Device) -> list[bool]:
    return [event["success"] for event in app.events("auth_response")]


class TestFirstMessage:
    """A browser cannot set headers: it says who it is."""

    def test_who_says_it_is_answered_and_heard(self, stores: Stores, browser: Device, uid: str) -> None:
        browser.tell("auth", token=stores.identity.id_token(uid))
        browser.say(1, 2)
        browser.until_heard(1, 2)
        assert browser.messages[0] == {"type": "auth_response", "success": True}
        assert _answers(browser) == [True]
        assert kept.said(uid, browser.until_stored(2)) == [1, 2]

    def test_audio_that_does_not_wait_for_the_answer_is_kept(self, stores: Stores, browser: Device, uid: str) -> None:
        browser.say(1)
        browser.tell("auth", token=stores.identity.id_token(uid))
        browser.say(2, 3)
        browser.until_heard(1, 2, 3)
        assert kept.said(uid, browser.until_stored(3)) == [1, 2, 3], "what came before the token, too"

    def test_so_much_that_it_must_wait_on_the_wire_is_kept_too(self, stores: Stores, browser: Device, uid: str) -> None:
        browser.tell("auth", token=stores.identity.id_token(uid))
        browser.say(*range(1, 41))
        browser.until_heard(*range(1, 41))
        assert kept.said(uid, browser.until_stored(40)) == list(range(1, 41))

    @pytest.mark.parametrize(
        ("message", "reason"),
        [
            ('{"type": "auth", "token": "garbage"}', ""),
            ('{"type": "auth", "token": "\\ud800"}', "The token is not valid"),
            ('{"type": "auth"}', "the first message must be auth"),
            ('{"type": "auth", "token": 5}', "the first message must be auth"),
            ('{"type": "hello", "token": "x"}', "the first message must be auth"),
            ("[]", "the first message must be auth"),
            ("hello", "the first message must be auth"),
            ("[" * 100_000, "the first message must be auth"),
        ],
    )
    def test_who_says_something_else_is_told_no_and_let_go(self, browser: Device, message: str, reason: str) -> None:
        browser.send(message)
        code, said = browser.closed()
        assert code == 1008
        assert reason in said
        assert browser.messages == [{"type": "auth_response", "success": False}], "nothing of anybody's"

    def test_a_token_that_is_over_is_4001(self, stores: Stores, browser: Device, uid: str) -> None:
        browser.tell("auth", token=stores.identity.id_token(uid, expires_in_s=-60))
        assert browser.closed() == (4001, "The token has expired")
        assert _answers(browser) == [False]

    @pytest.mark.parametrize("audio", [False, True])
    def test_who_says_nothing_in_time_is_let_go(
        self, device: Connect, monkeypatch: pytest.MonkeyPatch, uid: str, *, audio: bool
    ) -> None:
        assert signing_in.FIRST_MESSAGE_S == 5.0
        monkeypatch.setattr(signing_in, "FIRST_MESSAGE_S", 0.4)
        browser = device(bearer=None, path=WEB)
        began = time.monotonic()
        if audio:
            with suppress(ConnectionClosed):
                browser.say(*range(1, 101))
        assert browser.closed() == (1008, "auth timeout")
        assert time.monotonic() - began < 4
        assert kept.ids(uid) == []

    def test_a_header_does_not_count_here(self, device: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(signing_in, "FIRST_MESSAGE_S", 0.3)
        assert device(path=WEB).closed() == (1008, "auth timeout")

    def test_a_first_message_does_not_count_elsewhere(self, stores: Stores, device: Connect, uid: str) -> None:
        app = device(bearer=None)
        with suppress(ConnectionClosed):
            app.tell("auth", token=stores.identity.id_token(uid))
        assert app.closed()[0] == 1008
        assert app.messages == []


class TestPaths:
    """One service, three names."""

    def test_the_older_path_is_the_same(self, device: Connect, uid: str) -> None:
        app = device(path="/v3/listen")
        app.say(1, 2)
        app.until_heard(1, 2)
        assert kept.said(uid, app.until_stored(2)) == [1, 2]

    @pytest.mark.parametrize("path", ["/v2/listen", "/", "/v4/listen/", "/v4/listen/x", "//v4/listen"])
    def test_who_asks_for_another_is_told_so_before_any_upgrade(self, device: Connect, path: str) -> None:
        with pytest.raises(InvalidStatus) as refused:
            device(path=path)
        response = refused.value.response
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/json"
        assert json.loads(response.body or b"") == {"detail": "Not Found"}


class TestPlainRequests:
    """Not everybody wants a socket."""

    def test_the_platform_asks_whether_it_is_well(self, instance: str) -> None:
        response = httpx.get(f"{instance}/healthz")
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
        assert response.headers["content-type"] == "application/json"

    def test_a_browser_that_opens_the_address_is_told_what_is_missing(self, instance: str) -> None:
        response = httpx.get(f"{instance}/v4/listen", headers={"Authorization": "Bearer x"})
        assert response.status_code == 426
        assert response.headers["upgrade"] == "websocket"
        assert response.json() == {"detail": "A WebSocket is expected here"}

    def test_an_unknown_address_is_404(self, instance: str) -> None:
        response = httpx.get(f"{instance}/v1/memories")
        assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


@pytest.fixture
def raw(instance: str) -> Iterator[RawClient]:
    with closing(RawClient(instance)) as client:
        yield client


class TestHandshake:
    """Every client has a style of its own."""

    @pytest.mark.parametrize("connection", ["keep-alive, Upgrade", "upgrade,keep-alive", "Upgrade"])
    def test_whatever_else_is_said_of_the_connection(
        self, stores: Stores, raw: RawClient, uid: str, connection: str
    ) -> None:
        raw.send(request(f"/v4/listen?{PCM}", token=stores.identity.id_token(uid), connection=connection))
        assert raw.answer().startswith(b"HTTP/1.1 101 ")
        assert json.loads(raw.until(TEXT))["status"] == "initiating"

    def test_who_does_not_ask_for_an_upgrade_gets_none(self, raw: RawClient) -> None:
        raw.send(request("/v4/listen", token=None, connection="keep-alive"))
        assert raw.answer().startswith(b"HTTP/1.1 426 ")

    @pytest.mark.parametrize(
        "asked",
        [b"GET //[ HTTP/1.1", b"GET /\xff\xfe HTTP/1.1", b"POST /v4/listen HTTP/1.1", b"hello", b"GET / HTTP/9"],
    )
    def test_what_is_no_request_is_refused_and_disturbs_nobody(
        self, raw: RawClient, device: Connect, asked: bytes
    ) -> None:
        raw.send(asked + b"\r\nHost: localhost\r\n\r\n")
        assert raw.answer()[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 404", b""}
        app = device()
        app.say(1)
        app.until_heard(1)

    def test_a_request_that_comes_in_pieces_with_its_first_frames_is_served(
        self, stores: Stores, raw: RawClient, uid: str
    ) -> None:
        asked = request(f"/v4/listen?{PCM}", token=stores.identity.id_token(uid))
        raw.send(asked[:30])
        time.sleep(0.1)
        raw.send(asked[30:] + b"".join(frame(BINARY, audio) for audio in frames(7)))
        assert raw.answer().startswith(b"HTTP/1.1 101 ")

        def told() -> Any:
            message = json.loads(raw.until(TEXT))
            return isinstance(message, list) and message[0]["text"] == "7"

        kept.soon(told, what="the number that came with the handshake")
