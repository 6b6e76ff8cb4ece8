"""omi-sdk from PyPI: the device's packets through its decoder and `transcribe`, with our own ear behind the relay."""

import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from common.speech.opus import library
from local.demo.device import listening, opus_packets
from local.demo.script import RECORDING
from tests.support.client_venvs import installed
from tests.support.cloud import RunningCloud

pytestmark = pytest.mark.long

DRIVER = Path(__file__).parent / "drivers" / "omi_sdk.py"
ENOUGH_WORDS = 20


def test_the_sdks_audio_is_heard(cloud: RunningCloud, uid: str, tmp_path: Path) -> None:
    packets = opus_packets(RECORDING)[:1500]
    lines = [(number.to_bytes(2, "little") + b"\x00" + packet).hex() for number, packet in enumerate(packets)]
    (tmp_path / "packets").write_text("\n".join(lines))

    async def relay(sdk: ServerConnection) -> None:
        """Deepgram's protocol on one side, `/v4/listen` on the other."""
        assert sdk.request is not None
        assert sdk.request.headers["Authorization"] == "Token a-key"

        async def tell(message: object) -> None:
            for segment in message if isinstance(message, list) else ():
                await sdk.send(json.dumps({"channel": {"alternatives": [{"transcript": segment["text"]}]}}))

        parameters = "codec=pcm16&sample_rate=16000"
        async with listening(cloud.url, cloud.token(uid), on_message=tell, parameters=parameters) as device:
            async for pcm in sdk:
                await device.send(pcm)

    async def run() -> list[str]:
        async with serve(relay, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            process = await asyncio.create_subprocess_exec(
                str(installed("omi-sdk") / "python"),
                str(DRIVER),
                str(library()._name),
                str(tmp_path / "packets"),
                f"ws://127.0.0.1:{port}",
                stdout=asyncio.subprocess.PIPE,
            )
            assert process.stdout is not None
            words: list[str] = []
            try:
                async with asyncio.timeout(120):
                    while len(words) < ENOUGH_WORDS:
                        line = (await process.stdout.readline()).decode()
                        assert line, "the SDK has ended"
                        words += line.split()[1:] if line.startswith("heard") else []
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()
            return words

    assert len(asyncio.run(run())) >= ENOUGH_WORDS
    with cloud.client(uid) as app:
        [conversation] = app.get("/v1/conversations", params={"statuses": "in_progress"}).json()
        assert conversation["source"] == "omi"
