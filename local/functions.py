"""The functions as processes: one each, as the platform would start them, on the first thing they are wanted for."""

import asyncio
import contextlib
import math
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from common.core import clock
from common.core.logs import get_logger
from common.core.settings import Settings
from local.manifest import ROOT, Function
from local.operations import Operations
from local.trouble import Trouble

HOST_SUFFIX = ".functions.internal"
"""Functions are addressed by name, so that a task still finds its function after a restart on other ports."""
_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 15.0
_FEWEST_THREADS = 8
"""Here is one process of each function, where the platform would start more."""
_SECRETS = frozenset(
    name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
)
_SEALING = frozenset({"DATA_KEY_SECRET", "FORMER_DATA_KEY_SECRET"})
"""Whoever reads what users have said opens what is sealed (terraform/main.tf)."""


class FunctionProcess:
    """One function's process; restarted when it is wanted and gone.

    Args:
        name: as in the manifest.
        function: what the manifest says.
        environment: the variables that lead its clients to the local cloud.
        logs: folder for what it prints.
        operations: where starts are counted, and the seconds that they take.
    """

    def __init__(
        self,
        name: str,
        function: Function,
        *,
        environment: Mapping[str, str],
        logs: Path,
        operations: Operations,
    ) -> None:
        self.name = name
        self._operations = operations
        self.function = function
        self._environment = environment
        self._log = logs / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._port = 0
        self._starting = asyncio.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its process is given besides ours."""
        # Of its own accord the framework works on four requests per CPU, and what comes beside them waits.
        threads = str(max(_FEWEST_THREADS, self.function.concurrency))
        given = {**self._environment, "THREADS": threads, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        return {name: value for name, value in given.items() if name not in self._withheld}

    @property
    def _withheld(self) -> frozenset[str]:
        """Secrets that the manifest does not name, which are not there where it is deployed."""
        return _SECRETS - set(self.function.secrets) - (_SEALING if "firestore" in self.function.roles else frozenset())

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    async def port(self) -> int:
        """Where it listens, once it does.

        Raises:
            RuntimeError: it does not start; its log says why.
        """
        async with self._starting:
            if not self.running:
                await self._start()
            return self._port

    async def stop(self) -> None:
        """SIGTERM, then, after the platform's grace and a little, SIGKILL to all it started."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _STOP_WITHIN_S)
        except TimeoutError:
            _signal_group(process.pid, signal.SIGKILL)
            await process.wait()

    async def _start(self) -> None:
        began = clock.monotonic()
        self._port = _free_port()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command(),
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if name not in self._withheld}
                | self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = clock.monotonic() + _READY_WITHIN_S
        while clock.monotonic() < deadline and self._process.returncode is None:
            if await _accepts(self._port):
                get_logger().info("function_started", function=self.name, pid=self._process.pid)
                self._operations.count(f"starts.{self.name}")
                self._operations.count(f"start_seconds.{self.name}", clock.monotonic() - began)
                return
            await asyncio.sleep(0.05)
        await self.stop()
        raise RuntimeError(f"{self.name} does not start; see {self._log.name}")

    def _command(self) -> list[str]:
        source = ROOT / "functions" / self.function.folder
        child = [sys.executable, "-m", "local.child", str(self._port), str(source), self.function.entry_point]
        return [*child, self.function.kind if self.function.is_service else self.function.signature]


class Functions:
    """All functions of the manifest, by name."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        *,
        environment: Mapping[str, str],
        logs: Path,
        operations: Operations | None = None,
    ) -> None:
        counted = operations or Operations()
        self._processes = {
            name: FunctionProcess(name, function, environment=environment, logs=logs, operations=counted)
            for name, function in functions.items()
        }

    async def start_services(self) -> None:
        """Start what clients connect to; the rest starts when it is wanted."""
        await asyncio.gather(*(process.port() for process in self._processes.values() if process.function.is_service))

    async def port(self, name: str) -> int:
        """Where a function listens; starts it if need be.

        Raises:
            KeyError: there is no such function.
        """
        return await self._processes[name].port()

    async def stop(self) -> None:
        """Stop all that run."""
        await asyncio.gather(*(process.stop() for process in self._processes.values()))


class FunctionTransport(httpx.AsyncHTTPTransport):
    """Leads requests for `http://{name}.functions.internal/` to the function's process, and the rest to the network.

    Counts in `operations` who is called how often, and for how many real seconds; with `trouble` answers are lost.
    """

    def __init__(self, operations: Operations | None = None, *, trouble: Trouble | None = None) -> None:
        self._operations = operations or Operations()
        self._trouble = trouble
        super().__init__(limits=httpx.Limits(max_connections=None, max_keepalive_connections=64))
        self._functions: asyncio.Future[Functions] = asyncio.get_running_loop().create_future()

    def serve(self, functions: Functions) -> None:
        """Lead requests to these; what was asked for before has waited."""
        self._functions.set_result(functions)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; starts the function if need be."""
        host = request.url.host
        if host.endswith(HOST_SUFFIX):
            name = host.removesuffix(HOST_SUFFIX).replace("-", "_")
            try:
                # Whoever gives up waiting must not take the future away from the others, and from `serve`.
                port = await (await asyncio.shield(self._functions)).port(name)
            except KeyError:
                return httpx.Response(404, request=request)
            request.url = request.url.copy_with(host="127.0.0.1", port=port)
            began = clock.monotonic()
            try:
                answer = await super().handle_async_request(request)
            finally:
                count_call(self._operations, name, seconds=clock.monotonic() - began)
            if self._trouble is None or not self._trouble.strikes:
                return answer
            await answer.aclose()
            return httpx.Response(503, request=request)
        return await super().handle_async_request(request)


def count_call(operations: Operations, name: str, *, seconds: float) -> None:
    """Count a request that a function or a service has answered, and its time in steps of 100 ms, as it is billed."""
    operations.count(f"calls.{name}")
    operations.count(f"seconds.{name}", math.ceil(10 * seconds) / 10)


def function_url(name: str) -> str:
    """The address by which the local cloud reaches a function."""
    return f"http://{name.replace('_', '-')}{HOST_SUFFIX}/"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
