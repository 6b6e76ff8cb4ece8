"""A captured conversation took place where the app said that the user is."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.conversations.structure import structure_conversation
from common.core import clock
from common.core.settings import settings
from common.database import conversations, segment_batches, users
from common.models.attachments import Geolocation
from common.users.places import KEPT_S, remember_place
from tests.support.making import a_batch, a_conversation, a_segment
from tests.support.webhook_receiver import Receiver, answering, receiving

pytestmark = pytest.mark.usefixtures("stores", "first_words")

HERE = Geolocation(latitude=52.5, longitude=13.4, address="Berlin")
ELSEWHERE = Geolocation(latitude=1, longitude=2)


def _processed(uid: str, **fields: Any) -> Geolocation | None:
    began = clock.now()
    conversations.create(
        a_conversation(**{"status": "processing", "run": 1, "created_at": began, "started_at": began, **fields}),
        uid=uid,
    )
    batch = a_batch(0, 10, a_segment("we discussed the quarterly budget and the hiring plan", 1, 5))
    segment_batches.put(batch, uid=uid, conversation_id="c1")
    assert structure_conversation(uid=uid, conversation_id="c1", run=1) == "completed"
    return conversations.get(uid=uid, conversation_id="c1").geolocation


def test_the_last_place_is_where_it_took_place(uid: str) -> None:
    remember_place(HERE, uid=uid)
    assert _processed(uid) == HERE


def test_a_place_of_long_ago_says_nothing(uid: str) -> None:
    remember_place(HERE, uid=uid)
    long_ago = clock.now() - clock.duration(KEPT_S + 60)
    users.reference(uid=uid).update({"last_geolocation.captured_at": long_ago})
    assert _processed(uid) is None


def test_a_conversation_that_has_a_place_keeps_it(uid: str) -> None:
    remember_place(HERE, uid=uid)
    assert _processed(uid, geolocation=ELSEWHERE) == ELSEWHERE


def test_a_recording_that_was_uploaded_may_be_from_anywhere(uid: str) -> None:
    remember_place(HERE, uid=uid)
    assert _processed(uid, capture={"kind": "upload"}) is None


NAMED = Geolocation(latitude=52.5, longitude=13.4)
GOOGLE = {
    "status": "OK",
    "results": [{"formatted_address": "Alexanderplatz 1, Berlin", "place_id": "p1", "types": ["premise", "street"]}],
}
NOMINATIM = {"display_name": "Alexanderplatz, Berlin", "type": "square", "place_id": 7}


@pytest.fixture
def geocoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Receiver]]:
    """Sets one up that answers so."""
    with receiving() as receiver:

        def configured(name: str, said: bytes, status: str = "200 OK") -> Receiver:
            monkeypatch.setenv("GEOCODER", name)
            monkeypatch.setenv("GEOCODER_URL", receiver.url.removesuffix("/hook"))
            monkeypatch.setenv("GEOCODER_KEY", "our-key")
            settings.cache_clear()
            receiver.answers = [answering(said, status)]
            return receiver

        yield configured
    monkeypatch.undo()
    settings.cache_clear()


def test_google_says_what_is_there(uid: str, geocoder: Callable[..., Receiver]) -> None:
    asked = geocoder("google", json.dumps(GOOGLE).encode())
    remember_place(NAMED, uid=uid)
    assert _processed(uid) == Geolocation(
        latitude=52.5,
        longitude=13.4,
        address="Alexanderplatz 1, Berlin",
        google_place_id="p1",
        location_type="premise",
    )
    [request] = asked.received
    assert request.target.startswith("/maps/api/geocode/json?")
    assert request.query == {"latlng": "52.5,13.4", "key": "our-key"}


def test_nominatim_says_what_is_there(uid: str, geocoder: Callable[..., Receiver]) -> None:
    asked = geocoder("nominatim", json.dumps(NOMINATIM).encode())
    found = _processed(uid, geolocation=NAMED, capture={"kind": "external"})
    assert found is not None
    assert (found.address, found.location_type, found.google_place_id) == ("Alexanderplatz, Berlin", "square", None)
    [request] = asked.received
    assert request.target.startswith("/reverse?")
    assert request.query == {"lat": "52.5", "lon": "13.4", "format": "jsonv2"}
    assert request.headers["user-agent"] == "earshot"


def test_what_has_an_address_is_told_to_nobody(uid: str, geocoder: Callable[..., Receiver]) -> None:
    asked = geocoder("google", b"{}")
    remember_place(HERE, uid=uid)
    assert _processed(uid) == HERE
    assert not asked.received


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"nonsense", "200 OK"),
        (b"[]", "200 OK"),
        (b'{"status": "OK", "results": []}', "200 OK"),
        (b'{"status": "OK", "results": ["x"]}', "200 OK"),
        (b'{"status": "OK", "results": [{"formatted_address": 7}]}', "200 OK"),
        (b'{"status": "REQUEST_DENIED"}', "200 OK"),
        (b"{}", "500 Internal Server Error"),
    ],
)
def test_a_geocoder_that_fails_costs_the_address_and_no_more(
    uid: str, geocoder: Callable[..., Receiver], said: bytes, status: str
) -> None:
    geocoder("google", said, status)
    remember_place(NAMED, uid=uid)
    assert _processed(uid) == NAMED
