"""`Idempotency-Key`: what was asked twice is done once, and answered the same."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from common.core.errors import RetryableError
from common.entry.api import errors
from common.entry.api.identity import User
from common.entry.api.once import OncePerKey
from local.http import HttpServer
from tests.support.stores import Stores


class Order(BaseModel):
    """What is asked for."""

    name: str


class Made(BaseModel):
    """What came of it."""

    number: int
    name: str


class Kitchen:
    """A service whose work is counted, and may be held up or fail."""

    def __init__(self) -> None:
        self.made = 0
        self.failures = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self.started = threading.Event()

    def app(self) -> FastAPI:
        app = FastAPI()
        errors.install(app)

        @app.post("/orders")
        def order(user: User, body: Order, once: OncePerKey) -> Made:
            return once(Made, lambda: self._make(body), uid=user)

        @app.post("/others")
        def other(user: User, body: Order, once: OncePerKey) -> Made:
            return once(Made, lambda: self._make(body), uid=user)

        return app

    def _make(self, order: Order) -> Made:
        self.started.set()
        assert self.go_on.wait(10)
        if self.failures:
            self.failures -= 1
            raise RetryableError("the oven is cold")
        self.made += 1
        return Made(number=self.made, name=order.name)


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
def address(stores: Stores, kitchen: Kitchen) -> Iterator[str]:
    server = HttpServer(kitchen.app())
    yield f"http://127.0.0.1:{stores.run(server.start())}"
    stores.run(server.stop())


@pytest.fixture
def client(stores: Stores, address: str, uid: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {stores.identity.id_token(uid)}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=20) as client:
        yield client


def _order(client: httpx.Client, key: str | None, *, name: str = "soup", path: str = "/orders") -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(path, json={"name": name}, headers=headers)


def test_without_a_key_everything_is_done_anew(client: httpx.Client) -> None:
    assert [_order(client, None).json()["number"] for _ in range(2)] == [1, 2]


def test_the_same_request_under_the_same_key_is_answered_again_and_not_done_again(client: httpx.Client) -> None:
    first, second = _order(client, "k"), _order(client, "k")
    assert (first.status_code, first.json()) == (200, {"number": 1, "name": "soup"})
    assert (second.status_code, second.json()) == (200, first.json())
    assert _order(client, "other key").json()["number"] == 2


def test_the_same_key_with_another_body_is_a_mistake(client: httpx.Client) -> None:
    _order(client, "k")
    answer = _order(client, "k", name="stew")
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["detail"]


def test_a_key_belongs_to_one_route_and_one_user(client: httpx.Client, stores: Stores, uid: str, address: str) -> None:
    assert _order(client, "k").json()["number"] == 1
    assert _order(client, "k", path="/others").json()["number"] == 2
    headers = {"Authorization": f"Bearer {stores.identity.id_token(uid + '-2')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False) as other:
        assert _order(other, "k").json()["number"] == 3


def test_while_the_first_is_under_way_the_second_is_a_conflict(client: httpx.Client, kitchen: Kitchen) -> None:
    kitchen.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(_order, client, "k")
        assert kitchen.started.wait(10)
        second = _order(client, "k")
        kitchen.go_on.set()
        assert first.result().status_code == 200
    assert second.status_code == 409
    assert second.json()["detail"]
    assert kitchen.made == 1


def test_what_failed_may_be_tried_again_under_the_same_key(client: httpx.Client, kitchen: Kitchen) -> None:
    kitchen.failures = 1
    assert _order(client, "k").status_code == 503
    assert _order(client, "k").json() == {"number": 1, "name": "soup"}


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_length(client: httpx.Client, key: str) -> None:
    assert _order(client, key).status_code == 422
