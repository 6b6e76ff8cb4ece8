"""What apps are told holds no numbers of cards and the like, unless the settings say otherwise."""

import json
from collections.abc import Iterator

import pytest

from common.apps.payloads import Payload
from common.apps.redacted import redacted
from common.core.settings import settings

SEGMENTS = [
    {"id": "s1", "text": "it is four one one one one one one one"},
    {"id": "s2", "text": "one one one one one one one one"},
]
TOLD = Payload(body=json.dumps({"session_id": "u", "segments": SEGMENTS}).encode(), content_type="application/json")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("REDACT", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def _texts(payload: Payload) -> list[str]:
    return [segment["text"] for segment in json.loads(payload.body)["segments"]]


def test_a_number_that_two_segments_hold_is_kept_from_an_app() -> None:
    assert _texts(redacted(TOLD, app_id="a")) == ["it is [card number]", "[card number]"]


def test_an_address_of_the_users_own_is_told_everything() -> None:
    assert redacted(TOLD, app_id=None) == TOLD


def test_the_settings_may_say_the_opposite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDACT", "developers")
    settings.cache_clear()
    assert redacted(TOLD, app_id="a") == TOLD
    assert _texts(redacted(TOLD, app_id=None)) == ["it is [card number]", "[card number]"]


def test_audio_stays_as_it_is() -> None:
    audio = Payload(body=b"\x00\x01", content_type="application/octet-stream")
    assert redacted(audio, app_id="a") == audio
