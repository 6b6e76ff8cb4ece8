import asyncio
import json
from itertools import islice
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from common.speech.codecs import frame_decoder
from common.speech.files import decode_file
from common.speech.opus import OpusEncoder
from local.demo.script import RECORDING, read_script
from local.demo.wer import word_error_rate
from local.process import ReadyProcess


@pytest.fixture(scope="module")
def meeting() -> bytes:
    with RECORDING.open("rb") as file:
        return b"".join(decode_file(file))


def stream(server: ReadyProcess, query: str = "?language=en") -> connect:
    return connect(f"ws{server.url.removeprefix('http')}/v1/stream{query}", proxy=None)


async def messages(connection: ClientConnection) -> list[dict[str, Any]]:
    """Everything until the server closes."""
    received = []
    try:
        while True:
            received.append(json.loads(await connection.recv()))
    except ConnectionClosed:
        return received


def words(received: list[dict[str, Any]]) -> str:
    return " ".join(entry["text"] for message in received for entry in message.get("utterances", ()))


async def play(server: ReadyProcess, pcm: bytes, *, step: int = 32_000) -> list[dict[str, Any]]:
    async with stream(server) as connection:
        listening = asyncio.create_task(messages(connection))
        for start in range(0, len(pcm), step):
            await connection.send(pcm[start : start + step])
        await connection.send('{"type":"finish"}')
        received = await listening
        assert connection.close_code == 1000
        return received


def test_the_bundled_recording_is_understood_through_opus_packets(model_server: ReadyProcess, meeting: bytes) -> None:
    encoder, decoder = OpusEncoder(), frame_decoder("opus_fs320", 16_000)
    packets = [encoder.encode(meeting[start : start + 640]) for start in range(0, len(meeting) // 640 * 640, 640)]
    received = asyncio.run(play(model_server, b"".join(map(decoder.decode, packets))))
    rate = word_error_rate(" ".join(turn.text for turn in read_script()), words(received))
    print(f"word error rate of the bundled recording: {rate:.3f}")
    assert rate <= 0.2
    utterances = [entry for message in received for entry in message.get("utterances", ())]
    assert all(entry["end"] - entry["start"] <= 15.1 for entry in utterances)
    assert all(0 < entry["confidence"] <= 1 for entry in utterances)
    assert [entry["speaker"] for entry in utterances] == [0, 1] * 10, "and both speakers are told apart"
    assert received[-1] == {"type": "finished", "until": pytest.approx(len(packets) * 0.02)}


def test_silence_is_told_about_once_a_second(model_server: ReadyProcess) -> None:
    async def listen() -> list[float]:
        async with stream(model_server) as connection:
            for _ in range(50):
                await connection.send(bytes(3200))
            return [json.loads(await connection.recv())["until"] for _ in range(4)]

    told = asyncio.run(listen())
    assert all(later - earlier >= 0.99 for earlier, later in zip([0.0, *told], told, strict=False))


def test_speech_without_pauses_is_cut_at_15_seconds(model_server: ReadyProcess, meeting: bytes) -> None:
    # The quiet second halves of 0.1 s windows are taken out, so that no pause is left.
    loud = b"".join(
        piece
        for piece in (meeting[start : start + 3200] for start in range(0, len(meeting), 3200))
        if max(memoryview(piece[: len(piece) // 2 * 2]).cast("h"), default=0) > 1500
    )[: 40 * 32_000]
    received = asyncio.run(play(model_server, loud))
    utterances = [entry for message in received for entry in message.get("utterances", ())]
    assert len(utterances) >= 2
    assert all(entry["end"] - entry["start"] <= 15.1 for entry in utterances)


def test_a_flush_has_what_was_sent_heard_to_its_end_and_the_stream_goes_on(
    model_server: ReadyProcess, meeting: bytes
) -> None:
    async def converse() -> None:
        async with stream(model_server) as connection:
            for sent_before, sent in ((0, 9 * 32_000), (9 * 32_000, 10 * 32_000)):
                await connection.send(meeting[sent_before:sent])
                await connection.send('{"type":"flush"}')
                until = 0.0
                async with asyncio.timeout(30):
                    while until < sent / 32_000:
                        until = float(json.loads(await connection.recv())["until"])
                assert until == pytest.approx(sent / 32_000)

    asyncio.run(converse())


@pytest.mark.parametrize("message", ["", "{", "[]", '{"type":"stop"}', '"finish"'])
def test_a_message_that_is_not_understood_ends_the_stream_with_its_reason(
    model_server: ReadyProcess, message: str
) -> None:
    async def send() -> tuple[list[dict[str, Any]], int | None]:
        async with stream(model_server) as connection:
            await connection.send(message)
            return await messages(connection), connection.close_code

    received, code = asyncio.run(send())
    assert [entry["type"] for entry in received] == ["error"]
    assert received[0]["message"]
    assert code == 1011


def test_another_language_is_refused_before_the_stream_opens(model_server: ReadyProcess) -> None:
    async def open_french() -> None:
        async with stream(model_server, "?language=fr"):
            pass

    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(open_french())
    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body)["error"]["param"] == "language"


def test_clients_that_vanish_leave_room_for_others(model_server: ReadyProcess, meeting: bytes) -> None:
    async def vanish() -> None:
        connection = await stream(model_server)
        await connection.send(meeting[: 20 * 32_000])
        connection.transport.abort()

    async def vanish_often() -> None:
        await asyncio.gather(*(vanish() for _ in range(6)))

    asyncio.run(vanish_often())
    assert "morning" in words(asyncio.run(play(model_server, meeting[: 3 * 32_000])))


def test_a_client_that_does_not_listen_is_not_read_without_end(model_server: ReadyProcess, meeting: bytes) -> None:
    """A quarter of an hour of speech at once: the server takes what its own and the kernel's buffers hold."""
    seconds = 900

    async def push() -> int:
        async with stream(model_server) as connection:
            sent = 0
            try:
                async with asyncio.timeout(4.0):
                    for start in islice(range(0, 20 * len(meeting), 32_000), seconds):
                        await connection.send(meeting[start % len(meeting) : start % len(meeting) + 32_000])
                        sent += 1
            except TimeoutError:
                connection.transport.abort()
            return sent

    assert asyncio.run(push()) < seconds


def transcribe(http: httpx.Client, body: bytes, language: str = "en") -> httpx.Response:
    return http.post("/v1/transcribe", params={"language": language}, content=body)


def test_a_recording_is_answered_whole(http: httpx.Client, meeting: bytes) -> None:
    answer = transcribe(http, meeting[: 10 * 32_000]).json()
    assert answer["until"] == 10.0
    assert answer["model"] == "pocketsphinx en-us (local model)"
    assert set(answer["utterances"][0]) == {"text", "start", "end", "speaker", "confidence"}
    assert "good morning" in answer["utterances"][0]["text"]
    assert [entry["speaker"] for entry in answer["utterances"]] == [0, 1, 0]


@pytest.mark.parametrize(
    ("body", "language", "status"),
    [(b"\0" * 641, "en", 400), (b"", "de", 400), (b"", "", 400), (bytes(6 * 60 * 32_000 + 2), "en", 413)],
)
def test_a_recording_that_cannot_be_taken_is_refused(
    http: httpx.Client, body: bytes, language: str, status: int
) -> None:
    response = transcribe(http, body, language)
    assert response.status_code == status
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_a_recording_of_unannounced_length_is_cut_off_at_the_limit(http: httpx.Client) -> None:
    response = http.post("/v1/transcribe", content=(bytes(2**20) for _ in range(12)))
    assert response.status_code == 413


def test_the_same_recording_is_always_answered_the_same(http: httpx.Client, meeting: bytes) -> None:
    """Whatever a worker heard before, another voice for example."""
    first = transcribe(http, meeting[: 10 * 32_000]).json()
    transcribe(http, meeting[20 * 32_000 : 30 * 32_000])
    assert transcribe(http, meeting[: 10 * 32_000]).json() == first
