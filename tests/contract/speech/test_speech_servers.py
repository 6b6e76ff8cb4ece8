"""The servers that providers are tested against insist on the protocol: what a client does wrong is noted."""

import asyncio
import json
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.speech_servers.deepgram import DeepgramServer
from tests.support.speech_servers.serving import KEY, SpeechServer
from tests.support.speech_servers.soniox import SonioxServer
from tests.support.speech_servers.speechmatics import SpeechmaticsServer

LISTEN = "/v1/listen?model=nova-3&language=en&encoding=linear16&sample_rate=16000&interim_results=true&diarize=true"
SONIOX = {"model": "m", "audio_format": "pcm_s16le", "sample_rate": 16000, "num_channels": 1}
CONFIG = {"language": "en", "max_delay": 1.0, "additional_vocab": []}
AUDIO = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}
START = {"message": "StartRecognition", "audio_format": AUDIO, "transcription_config": CONFIG}


def say(server: SpeechServer, path: str, authorization: str, *messages: str | bytes) -> list[str]:
    """What the server notes of a client that says this."""

    async def client(url: str) -> None:
        headers = {"Authorization": authorization}
        async with connect(url + path, additional_headers=headers, proxy=None) as connection:
            for message in messages:
                await connection.send(message)
            async with asyncio.timeout(2):
                async for _ in connection:
                    pass

    with server.running() as url, suppress(ConnectionClosed, InvalidStatus):
        asyncio.run(client(url))
    return server.violations


@pytest.mark.parametrize(
    ("path", "messages"),
    [
        (LISTEN.replace("linear16", "opus"), []),
        (LISTEN.replace("16000", "8000"), []),
        (LISTEN + "&keywords=a", []),
        (LISTEN + "&colour=red", []),
        (LISTEN, [b"\0"]),
        (LISTEN, [b""]),
        (LISTEN, ['{"type": "Hello"}']),
    ],
)
def test_deepgram_insists_on_its_protocol(path: str, messages: list[str | bytes]) -> None:
    assert say(DeepgramServer(), path, f"Token {KEY}", *messages)


@pytest.mark.parametrize(
    "messages",
    [
        [b"\0\0"],
        [json.dumps(SONIOX | {"audio_format": "auto"})],
        [json.dumps(SONIOX | {"api_key": KEY})],
        [json.dumps(SONIOX | {"language_hints": ["xx"]})],
        [json.dumps(SONIOX), '{"type": "hello"}'],
    ],
)
def test_soniox_insists_on_its_protocol(messages: list[str | bytes]) -> None:
    assert say(SonioxServer(), "/transcribe-websocket", f"Bearer {KEY}", *messages)


@pytest.mark.parametrize(
    "messages",
    [
        [b"\0\0"],
        ['{"message": "Hello"}'],
        [json.dumps(START | {"audio_format": AUDIO | {"encoding": "mulaw"}})],
        [json.dumps(START | {"transcription_config": CONFIG | {"max_delay": 9}})],
        [json.dumps(START), b"\0\0", '{"message": "EndOfStream", "last_seq_no": 2}'],
    ],
)
def test_speechmatics_insists_on_its_protocol(messages: list[str | bytes]) -> None:
    assert say(SpeechmaticsServer(), "/v2", f"Bearer {KEY}", *messages)


@pytest.mark.parametrize(
    ("server", "path"), [(DeepgramServer(), LISTEN), (SpeechmaticsServer(), "/v2")], ids=["deepgram", "speechmatics"]
)
def test_nobody_is_let_in_without_the_key(server: SpeechServer, path: str) -> None:
    say(server, path, "Token of no worth")
    assert server.sessions == []
