"""FCM's adapter over real sockets: what it asks, what it makes of good answers, bad ones and none."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from common.core import clock
from common.notifications.fcm import FcmPusher, default_access
from common.notifications.ports import Outcome
from tests.contract.llm.provider_server import ProviderServer, Reply, credentials
from tests.support.stores import free_port
from tests.support.webhook_receiver import Receiver, answering, receiving

TAKEN = b'{"name": "projects/p/messages/1"}'
_FCM = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
SENT, GONE, REFUSED, LATER = Outcome.SENT, Outcome.GONE, Outcome.REFUSED, Outcome.LATER


def _refusal(code: str) -> bytes:
    return json.dumps({"error": {"details": [{"@type": _FCM, "errorCode": code}]}}).encode()


def _messages(count: int = 1) -> list[dict[str, Any]]:
    return [{"token": f"t{number}", "data": {"a": "b"}} for number in range(count)]


@pytest.fixture
def fcm() -> Iterator[Receiver]:
    with receiving() as receiver:
        receiver.answers = [answering(TAKEN)]
        yield receiver


def _pusher(fcm: Receiver, *, timeout_s: float = 5.0) -> FcmPusher:
    return FcmPusher("p", url=f"http://127.0.0.1:{fcm.port}", access=None, timeout_s=timeout_s)


def test_each_message_is_a_request_of_its_own(fcm: Receiver) -> None:
    assert _pusher(fcm).push(_messages(3)) == [SENT, SENT, SENT]
    assert {received.target for received in fcm.received} == {"/v1/projects/p/messages:send"}
    asked = sorted((json.loads(received.body) for received in fcm.received), key=lambda body: body["message"]["token"])
    assert asked == [{"message": message} for message in _messages(3)]
    assert "authorization" not in fcm.received[0].headers


def test_nothing_to_send_asks_nobody(fcm: Receiver) -> None:
    assert _pusher(fcm).push([]) == []
    assert fcm.connections == 0


def test_what_passes_is_tried_again_at_once(fcm: Receiver) -> None:
    fcm.answers = [answering(_refusal("UNAVAILABLE"), "503 Service Unavailable"), answering(TAKEN)]
    assert _pusher(fcm).push(_messages()) == [SENT]
    assert len(fcm.received) == 2


def test_it_is_tried_three_times_and_then_later(fcm: Receiver) -> None:
    fcm.answers = [answering(b"", "500 Internal Server Error")]
    assert _pusher(fcm).push(_messages()) == [LATER]
    assert len(fcm.received) == 3


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param(answering(_refusal("UNREGISTERED"), "404 Not Found"), GONE, id="gone"),
        pytest.param(answering(b"{}", "400 Bad Request"), REFUSED, id="refused"),
    ],
)
def test_what_does_not_pass_is_asked_once(
    fcm: Receiver, answer: Callable[[socket.socket], None], outcome: Outcome
) -> None:
    fcm.answers = [answer]
    assert _pusher(fcm).push(_messages()) == [outcome]
    assert len(fcm.received) == 1


def test_one_devices_end_is_not_anothers(fcm: Receiver) -> None:
    def by_token(connection: socket.socket) -> None:
        gone = b'"t1"' in fcm.received[-1].body
        answer = answering(_refusal("UNREGISTERED"), "404 Not Found") if gone else answering(TAKEN)
        answer(connection)

    fcm.answers = [by_token]
    pusher = _pusher(fcm)
    assert [pusher.push([message])[0] for message in _messages(3)] == [SENT, GONE, SENT]


class TestPatience:
    """What FCM asks for, and what it would take for ever."""

    def test_a_short_pause_is_waited_for(self, fcm: Receiver) -> None:
        fcm.answers = [answering(b"", "503 Service Unavailable", "Retry-After: 1\r\n"), answering(TAKEN)]
        began = time.monotonic()
        assert _pusher(fcm).push(_messages()) == [SENT]
        assert time.monotonic() - began >= 1

    def test_a_long_one_is_kept_by_not_asking(self, fcm: Receiver) -> None:
        fcm.answers = [answering(_refusal("QUOTA_EXCEEDED"), "429 Too Many Requests", "Retry-After: 30\r\n")]
        pusher = _pusher(fcm)
        began = time.monotonic()
        assert [pusher.push(_messages()), pusher.push(_messages())] == [[LATER], [LATER]]
        assert time.monotonic() - began < 3
        assert len(fcm.received) == 1

    def test_a_quota_without_a_time_counts_as_a_minute(self, fcm: Receiver) -> None:
        fcm.answers = [answering(_refusal("QUOTA_EXCEEDED"), "429 Too Many Requests")]
        pusher = _pusher(fcm)
        assert [pusher.push(_messages()), pusher.push(_messages())] == [[LATER], [LATER]]
        assert len(fcm.received) == 1

    def test_it_asks_again_when_the_pause_is_over(self, fcm: Receiver) -> None:
        fcm.answers = [answering(b"", "429 Too Many Requests", "Retry-After: 1\r\n"), answering(TAKEN)]
        pusher = _pusher(fcm, timeout_s=0.9)
        assert pusher.push(_messages()) == [LATER]
        time.sleep(1.1)
        assert pusher.push(_messages()) == [SENT]


def _silent(connection: socket.socket) -> None:
    connection.settimeout(10)
    connection.recv(1)  # until the other side gives up


def _dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.05)


def _dripping_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X: y\r\n")
        time.sleep(0.05)


def _endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    while True:
        connection.sendall(b" " * 65536)


def _late(connection: socket.socket) -> None:
    time.sleep(0.5)
    answering(TAKEN)(connection)


def _half(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


def _closing(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def _nonsense(connection: socket.socket) -> None:
    connection.sendall(b"\x16\x03\x01 what?\r\n\r\n")


@pytest.mark.parametrize("answer", [_silent, _dripping, _dripping_head, _endless, _half, _closing, _nonsense])
def test_whoever_does_not_answer_properly_costs_the_time_limit_at_most(
    fcm: Receiver, answer: Callable[[socket.socket], None]
) -> None:
    fcm.answers = [answer]
    began = time.monotonic()
    assert _pusher(fcm, timeout_s=1.0).push(_messages(2)) == [LATER, LATER]
    assert time.monotonic() - began < 3


def test_nobody_there_is_later() -> None:
    pusher = FcmPusher("p", url=f"http://127.0.0.1:{free_port()}", access=None, timeout_s=1.0)
    assert pusher.push(_messages()) == [LATER]


def test_the_time_is_real_however_fast_the_clock_runs(fcm: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIME_SCALE", "1000")
    clock.scale.cache_clear()
    try:
        fcm.answers = [_late]
        assert _pusher(fcm, timeout_s=5.0).push(_messages()) == [SENT]
    finally:
        monkeypatch.undo()
        clock.scale.cache_clear()


def test_many_devices_are_asked_side_by_side_but_not_all_at_once(fcm: Receiver) -> None:
    at_once, most, lock = [0], [0], threading.Lock()

    def slowly(connection: socket.socket) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.1)
        with lock:
            at_once[0] -= 1
        answering(TAKEN)(connection)

    fcm.answers = [slowly]
    assert _pusher(fcm).push(_messages(24)) == [SENT] * 24
    assert 1 < most[0] <= 8


class TestCredentials:
    """Google's own, found where its libraries find them."""

    @pytest.fixture
    def google(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderServer]:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        pem = key.private_bytes(encoding, form, serialization.NoEncryption())
        with ProviderServer().serving() as serving:
            (tmp_path / "account.json").write_text(json.dumps(credentials(serving.address, pem)))
            monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
            yield serving

    def test_each_request_carries_the_token(self, google: ProviderServer) -> None:
        google.script.append(Reply(body=TAKEN))
        pusher = FcmPusher("p", url=google.address, access=default_access(), timeout_s=5.0)
        assert pusher.push(_messages()) == [SENT]
        assert google.requests[0].headers["authorization"] == "Bearer local-access"

    def test_whoever_is_not_known_has_a_new_token_made_for_the_next_time(self, fcm: Receiver) -> None:
        class Tokens:
            made = 0

            def header(self, *, renew: bool) -> str:
                self.made += renew
                return f"Bearer {self.made}"

        fcm.answers = [answering(b"", "401 Unauthorized"), answering(TAKEN)]
        pusher = FcmPusher("p", url=f"http://127.0.0.1:{fcm.port}", access=Tokens(), timeout_s=5.0)
        assert [pusher.push(_messages()) for _ in range(3)] == [[LATER], [SENT], [SENT]]
        assert [each.headers["authorization"] for each in fcm.received] == ["Bearer 0", "Bearer 1", "Bearer 1"]

    def test_without_credentials_it_is_later_and_nobody_is_asked(
        self, fcm: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nothing.json"))
        pusher = FcmPusher("p", url=f"http://127.0.0.1:{fcm.port}", access=default_access(), timeout_s=5.0)
        assert pusher.push(_messages()) == [LATER]
        assert fcm.connections == 0
