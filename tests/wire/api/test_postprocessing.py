"""Over HTTP: a second hearing is asked for, emotions are allowed, callbacks are signed, and usage says by whom."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from common.conversations.postprocess_callback import callback_address
from common.core import metering
from common.core.metering import Used
from common.core.settings import settings
from common.database import audio_blocks, conversations, hearings, users
from common.entry.accounting import accounted
from common.models.events import Postprocess
from common.speech import second_hearing
from common.speech.blocks import encode_block
from tests.support.making import a_block, a_conversation, a_segment
from tests.support.stores import Stores


def _forget() -> None:
    for cached in (settings, second_hearing.whisperx, second_hearing.hume):
        cached.cache_clear()


@pytest.fixture
def set_up(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both services are named."""
    del stores
    for name, value in {"POST_PROCESSING": "1", "FAL_KEY": "k", "PUBLIC_URL": "https://us.example"}.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield
    _forget()


def given(uid: str, **fields: object) -> None:
    segments = [a_segment("we talked about the budget", 1, 8)]
    conversations.create(a_conversation(status="completed", transcript_segments=segments, **fields), uid=uid)


def with_audio(uid: str) -> None:
    audio_blocks.put(a_block(0, 5), encode_block([bytes(3200)] * 50), uid=uid, conversation_id="c1")


PATH = "/v1/memories/c1/post-processing"


@pytest.mark.usefixtures("set_up")
def test_the_older_app_asks_for_it_with_its_recording(api: httpx.Client, uid: str) -> None:
    given(uid)
    with_audio(uid)
    answer = api.post(PATH, files={"file": ("a.wav", b"RIFF")}, data={"emotional_feedback": "true"})
    assert answer.status_code == 200
    assert answer.json()["postprocessing"] == {
        "status": "in_progress",
        "model": "fal_whisperx",
        "fail_reason": None,
    }
    assert api.post(PATH).status_code == 200, "asking again while nobody was asked yet is asking once"
    hearings.of(uid=uid, conversation_id="c1").change(
        "fal_whisperx", lambda current: current.model_copy(update={"state": "waiting"})
    )
    again = api.post(PATH)
    assert (again.status_code, again.json()) == (400, {"detail": "The conversation was post-processed before"})


@pytest.mark.usefixtures("set_up")
def test_what_cannot_be_heard_again_is_said_so(api: httpx.Client, uid: str) -> None:
    assert api.post(PATH).status_code == 404
    given(uid, discarded=True)
    assert api.post(PATH).json() == {"detail": "The conversation is discarded"}
    conversations.change(
        uid=uid, conversation_id="c1", decide=lambda current: current.model_copy(update={"discarded": False})
    )
    assert api.post(PATH).json() == {"detail": "No audio of the conversation is stored"}
    with_audio(uid)
    conversations.change(
        uid=uid, conversation_id="c1", decide=lambda current: current.model_copy(update={"is_locked": True})
    )
    assert api.post(PATH).status_code == 402


def test_where_nobody_can_it_says_so(api: httpx.Client, uid: str) -> None:
    given(uid)
    with_audio(uid)
    assert (answer := api.post(PATH)).status_code == 400
    assert answer.json() == {"detail": "Post-processing is not set up here"}


def test_whether_emotions_are_measured_is_the_users_choice(api: httpx.Client, uid: str) -> None:
    path = "/v1/users/emotional-feedback"
    assert api.get(path).json() == {"emotional_feedback": False}
    assert api.post(path, params={"value": True}).status_code == 200
    assert api.get(path).json() == {"emotional_feedback": True}
    assert users.find(uid=uid).emotional_feedback


@pytest.mark.usefixtures("set_up")
def test_a_callback_needs_an_address_of_ours_and_no_body_is_read(
    anybody: httpx.Client, uid: str, stores: Stores
) -> None:
    address = callback_address(Postprocess(uid=uid, conversation_id="c1", run=1, kind="hume"))
    assert address is not None
    path = address.removeprefix("https://us.example")
    hearings.start("hume", run=1, uid=uid, conversation_id="c1")
    for body in (b"", b'{"job_id": "x", "status": "COMPLETED", "predictions": []}', b"\xff" * 1000):
        assert anybody.post(path, content=body).status_code == 200
    assert anybody.post(path[:-1] + "x").status_code == 403
    assert anybody.post("/v1/hume/callback").status_code == 422
    stores.run(_settle())
    sent = {request.content for request in stores.tasks.received if uid.encode() in request.content}
    assert len(sent) == 1


async def _settle() -> None:
    await asyncio.sleep(0.3)


def test_usage_says_by_which_models(api: httpx.Client, uid: str) -> None:
    with accounted():
        metering.charge(uid)
        metering.count("language_model", "m (openai)", Used(calls=2, tokens_in=10, tokens_out=5, estimated=3))
        metering.count("speech", "deepgram", Used(calls=1, seconds=2.5))
    for period in ("today", "all_time"):
        models = api.get("/v1/users/me/usage", params={"period": period}).json()["models"]
        assert models == [
            {
                "kind": "language_model",
                "name": "m (openai)",
                "calls": 2,
                "tokens_in": 10,
                "tokens_out": 5,
                "tokens_estimated": 3,
                "audio_seconds": 0.0,
            },
            {
                "kind": "speech",
                "name": "deepgram",
                "calls": 1,
                "tokens_in": 0,
                "tokens_out": 0,
                "tokens_estimated": 0,
                "audio_seconds": 2.5,
            },
        ]
