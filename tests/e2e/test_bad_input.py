"""Bad input is told so in the contract's form, and nothing good is lost with it."""

import asyncio
import json
import wave
from io import BytesIO
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from local.demo.device import listening, stream
from tests.support.cloud import RunningCloud
from tests.support.inside import Inside
from tests.support.making import NOON
from tests.support.waiting import eventually

OPUS = "codec=opus_fs320&sample_rate=16000"


@pytest.fixture(scope="module")
def inside(cloud: RunningCloud) -> Inside:
    return cloud.inside


def close_code(cloud: RunningCloud, *, token: str | None, query: str = OPUS, frames: tuple[bytes, ...] = ()) -> int:
    """With which code the server ends the connection."""

    async def attempt() -> int:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        address = f"{cloud.url.replace('http', 'ws')}/v4/listen?{query}"
        async with connect(address, additional_headers=headers) as socket:
            for frame in frames:
                await socket.send(frame)
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(_to_the_end(socket), 20)
        assert closed.value.rcvd is not None, "closed without a close frame"
        return closed.value.rcvd.code

    return asyncio.run(attempt())


async def _to_the_end(socket: ClientConnection) -> None:
    while True:
        await socket.recv()


def test_an_expired_token_is_told_apart_from_a_bad_one(cloud: RunningCloud) -> None:
    assert close_code(cloud, token=cloud.token("u", expires_in_s=-60)) == 4001
    assert close_code(cloud, token="nonsense") == 1008  # noqa: S106 - not even one
    assert close_code(cloud, token=cloud.token("u")[:-4] + "AAAA") == 1008
    assert close_code(cloud, token=None) == 1008


def test_audio_nobody_can_decode_is_refused(cloud: RunningCloud) -> None:
    assert close_code(cloud, token=cloud.token("u"), query="codec=mp7&sample_rate=16000") == 1003
    assert close_code(cloud, token=cloud.token("u"), query="codec=pcm16&sample_rate=1") == 1003
    assert close_code(cloud, token=cloud.token("u"), query="codec=pcm16&sample_rate=many") == 1008


def test_a_frame_that_is_too_large_ends_the_stream_and_keeps_what_came_before(
    cloud: RunningCloud, inside: Inside, packets: list[bytes]
) -> None:
    frames = (*packets[:250], b"\0" * (64 * 1024 + 1))
    assert close_code(cloud, token=cloud.token("large"), frames=frames) == 1009
    [conversation_id] = eventually(lambda: list(inside.conversations("large")), within_s=10, what="a conversation")
    eventually(
        lambda: inside.stored_seconds("large", conversation_id) == pytest.approx(5.0, abs=0.1),
        within_s=10,
        what="the five seconds before the large frame",
    )


def test_a_socket_closed_in_the_middle_of_a_word_loses_nothing(
    cloud: RunningCloud, inside: Inside, packets: list[bytes]
) -> None:
    cloud.say("mid-word", packets[:333], speed=20)
    [conversation_id] = inside.conversations("mid-word")
    eventually(
        lambda: inside.stored_seconds("mid-word", conversation_id) == pytest.approx(333 * 0.02, abs=0.05),
        within_s=10,
        what="all that was sent",
    )


def test_an_empty_recording_deletes_its_document_and_announces_nothing(cloud: RunningCloud, inside: Inside) -> None:
    messages: list[Any] = []

    async def keep(message: Any) -> None:
        messages.append(message)

    silence = [bytes(640)] * 150

    async def play() -> None:
        parameters = "codec=pcm16&sample_rate=16000"
        async with listening(cloud.url, cloud.token("silent"), on_message=keep, parameters=parameters) as socket:
            await stream(socket, silence, speed=20)
            with cloud.client("silent") as api:
                answer = await asyncio.to_thread(api.post, "/v1/conversations", json={})
            assert answer.status_code == 404
            assert answer.json() == {"detail": "Conversation not found"}
            await asyncio.sleep(1)

    asyncio.run(play())
    types = [message["type"] for message in messages if isinstance(message, dict)]
    assert "memory_processing_started" not in types
    assert "memory_created" not in types
    eventually(lambda: not inside.conversations("silent"), within_s=20, what="no document")
    eventually(lambda: not inside.stored_seconds("silent", ""), within_s=20, what="no audio")


def test_the_stop_button_pressed_twice_at_once_gives_the_same_conversation_twice(
    cloud: RunningCloud, packets: list[bytes]
) -> None:
    cloud.say("twice", packets[:700], speed=10)

    async def press() -> list[tuple[int, str]]:
        with cloud.client("twice") as one, cloud.client("twice") as two:
            answers = await asyncio.gather(
                *(asyncio.to_thread(api.post, "/v1/conversations", json={}) for api in (one, two))
            )
        return [(answer.status_code, answer.json()["conversation"]["id"]) for answer in answers]

    first, second = asyncio.run(press())
    assert first == second
    assert first[0] == 200


def test_without_a_conversation_in_progress_the_stop_button_says_so(cloud: RunningCloud) -> None:
    with cloud.client("nobody") as api:
        answer = api.post("/v1/conversations", json={})
    assert (answer.status_code, answer.json()) == (404, {"detail": "No conversation in progress"})


def test_an_upload_that_is_no_audio_fails_visibly_and_leaves_a_dead_letter(inside: Inside) -> None:
    letters = inside.listen_to("dead-letter")
    inside.upload("uploader", "noise.mp3", b"this is no audio at all" * 100)
    eventually(lambda: letters.pull().messages, within_s=30, what="a dead letter")
    assert letters.messages[0]["step"] == "transcribe_upload"
    [conversation] = inside.conversations("uploader").values()
    assert conversation["status"] == "failed"
    assert conversation["failure"]["reason"]


def test_an_upload_without_any_sound_in_it_becomes_no_conversation(inside: Inside) -> None:
    sound = BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(32_000 * 3))
    inside.upload("quiet", "quiet.wav", sound.getvalue())
    eventually(lambda: inside.conversations("quiet"), within_s=30, what="the recording is looked at")
    eventually(lambda: not inside.conversations("quiet"), within_s=60, what="no document is left")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/conversations?limit=0", 422),
        ("GET", "/v1/conversations?limit=100000", 422),
        ("GET", "/v1/conversations?statuses=wrong", 422),
        ("GET", "/v1/conversations?start_date=2026-02-02T00:00:00Z&end_date=2026-01-01T00:00:00Z", 400),
        ("POST", "/v1/conversations/search", 422),
        ("DELETE", "/v1/conversations/none", 404),
        ("PATCH", "/v1/conversations/none/title?title=x", 404),
        ("GET", "/v9/nothing", 404),
        ("GET", "/v4/listen", 426),
        ("GET", "/v1/nothing", 404),
    ],
)
def test_every_error_over_http_has_a_detail(cloud: RunningCloud, method: str, path: str, status: int) -> None:
    with cloud.client("curious") as api:
        answer = api.request(method, path)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_what_cannot_be_read_fails_without_its_words_in_an_answer_or_a_log(cloud: RunningCloud, inside: Inside) -> None:
    words = "words of somebody that nobody logs"
    document = inside.firestore.document("users", "unreadable", "conversations", "c1")
    document.set({"id": "c1", "status": "completed", "structured": words, "created_at": NOON})
    logs = cloud.data / "logs"
    with cloud.client("unreadable") as api:
        answer = api.get("/v1/conversations/c1")
        assert (answer.status_code, answer.json()) == (500, {"detail": "Internal error"})
    eventually(lambda: "step_crashed" in (logs / "index_conversation.log").read_text(), within_s=30, what="a follower")
    document.delete()
    lines = [line for log in logs.iterdir() for line in log.read_text().splitlines()]
    assert any(json.loads(line)["message"] == "request_failed" for line in lines if line.startswith("{"))
    assert not [line for line in lines if words in line]
