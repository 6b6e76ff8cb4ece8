"""Functions as processes: started when they are wanted, restarted when they are gone, stopped for good."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from local.functions import Functions, FunctionTransport, function_url
from local.manifest import Function, load
from tests.support.stores import Stores


@asynccontextmanager
async def _functions(stores: Stores, logs: Path, **described: Function) -> AsyncIterator[Functions]:
    functions = Functions(described, environment=stores.environment, logs=logs)
    try:
        yield functions
    finally:
        await functions.stop()


def _run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await scenario()

    asyncio.run(bounded())


def _processes() -> list[psutil.Process]:
    """Function processes that live; one that was killed may not be reaped yet."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # a zombie is one of these
            if "local.child" in child.cmdline():
                found.append(child)
    return found


def test_a_function_lives_from_its_first_request_over_a_kill_to_the_stop(stores: Stores, tmp_path: Path) -> None:
    async def scenario() -> None:
        transport = FunctionTransport()
        async with (
            httpx.AsyncClient(transport=transport, timeout=30) as http,
            _functions(stores, tmp_path, finalize_conversation=load().functions["finalize_conversation"]) as functions,
        ):
            waiting = asyncio.create_task(http.post(function_url("finalize_conversation"), content=b"{}"))
            await asyncio.sleep(0.05)
            assert not waiting.done(), "what is asked for before there are functions waits"
            impatient = asyncio.create_task(http.post(function_url("finalize_conversation"), content=b"{}"))
            await asyncio.sleep(0.05)
            impatient.cancel()
            await asyncio.wait([impatient])
            assert not waiting.done(), "also where somebody else has given up"
            assert _processes() == []
            transport.serve(functions)
            assert (await waiting).status_code == 200
            ports = await asyncio.gather(*(functions.port("finalize_conversation") for _ in range(5)))
            assert len(set(ports)) == len(_processes()) == 1, "one process, however many ask at once"
            os.kill(_processes()[0].pid, signal.SIGKILL)
            while _processes():  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.01)
            again = await http.post(function_url("finalize_conversation"), content=b"{}")
            assert again.json()["detail"]
            missing = await http.post(function_url("nobody"))
            assert missing.status_code == 404
        assert _processes() == []

    _run(scenario)


def test_a_function_leaves_nothing_in_the_users_home(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)

    async def scenario() -> None:
        async with (
            _functions(stores, tmp_path, finalize_conversation=load().functions["finalize_conversation"]) as functions,
            httpx.AsyncClient() as http,
        ):
            port = await functions.port("finalize_conversation")
            assert (await http.post(f"http://127.0.0.1:{port}/", content=b"{}")).status_code == 200
            await asyncio.sleep(1)  # its server opens what it opens beside
            assert list(home.rglob("*")) == []

    _run(scenario)


def test_one_that_does_not_start_says_where_to_look(stores: Stores, tmp_path: Path) -> None:
    broken = load().functions["sweep"].model_copy(update={"entry_point": "no_such_function"})

    async def scenario() -> None:
        async with _functions(stores, tmp_path, broken=broken) as functions:
            with pytest.raises(RuntimeError, match=r"broken does not start; see .*broken\.log"):
                await functions.port("broken")
            with pytest.raises(KeyError):
                await functions.port("never-heard-of")

    _run(scenario)
    assert "no_such_function" in (tmp_path / "broken.log").read_text()


_TOGETHER = """
import threading

waiting = threading.Barrier(16)


def main(request):
    waiting.wait(20)
    return "ok"
"""


def test_one_works_on_as_many_requests_at_once_as_it_is_said_to(stores: Stores, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(_TOGETHER)
    described = load().functions["deliver_webhook"].model_copy(update={"folder": str(tmp_path), "concurrency": 16})

    async def scenario() -> None:
        transport = FunctionTransport()
        async with (
            httpx.AsyncClient(transport=transport, timeout=40) as http,
            _functions(stores, tmp_path, together=described) as functions,
        ):
            transport.serve(functions)
            answers = await asyncio.gather(*(http.post(function_url("together")) for _ in range(16)))
            assert {answer.status_code for answer in answers} == {200}

    _run(scenario)


_TELLS = """
import os


def main(request):
    return " ".join(sorted({"ADMIN_KEY", "FAL_KEY", "DATA_KEY_SECRET", "OPENAI_API_KEY"} & set(os.environ)))
"""


def test_it_is_given_the_secrets_that_the_manifest_names_and_no_others(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.py").write_text(_TELLS)
    for name in ("ADMIN_KEY", "FAL_KEY", "DATA_KEY_SECRET", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "a secret")
    reads = load().functions["describe_photo"].model_copy(update={"folder": str(tmp_path)})
    reads_nothing = reads.model_copy(update={"roles": [], "secrets": ["FAL_KEY"]})

    async def scenario() -> None:
        transport = FunctionTransport()
        async with (
            httpx.AsyncClient(transport=transport, timeout=40) as http,
            _functions(stores, tmp_path, reads=reads, reads_nothing=reads_nothing) as functions,
        ):
            transport.serve(functions)
            assert (await http.post(function_url("reads"))).text == "DATA_KEY_SECRET OPENAI_API_KEY"
            assert (await http.post(function_url("reads_nothing"))).text == "FAL_KEY"

    _run(scenario)
