"""Every bundle, unpacked, in an environment that has nothing but its own requirements: it starts and answers."""

import ast
import json
import os
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from google.pubsub_v1 import PubsubMessage

from common.core import clock
from common.database.clients import firestore_client
from local.environment import BUCKETS, PROJECT, REGION
from local.events import document_event, message_event, object_event
from local.manifest import Function, load
from tests.support.isolation import environment
from tests.support.stores import Stores, running_stores
from tests.support.waiting import eventually
from tools import bundle

pytestmark = pytest.mark.long

MANIFEST = load()
SUBJECT = {"uid": "nobody", "conversation_id": "nothing", "run": 1, "discarded": False}
_STARTS_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with running_stores(tmp_path_factory.mktemp("stores")) as running:
        yield running


@pytest.fixture(params=MANIFEST.functions)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def unpacked(name: str, tmp_path: Path) -> Path:
    """The folder that the bundle becomes."""
    archive = tmp_path / f"{name}.zip"
    bundle.write(bundle.contents(MANIFEST, name), archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "app")
    return tmp_path / "app"


def test_it_starts_with_its_own_requirements_alone_and_answers_its_trigger(
    name: str, unpacked: Path, tmp_path: Path, stores: Stores
) -> None:
    function = MANIFEST.functions[name]
    python = environment(unpacked / "requirements.txt", tmp_path / "environment")
    assert _unresolved(python, unpacked) == []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        **stores.environment,
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "PORT": str(port),
        "HOME": str(tmp_path),
    }
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own bundle
            ["/bin/sh", "-c", _command(function, unpacked, port)],
            cwd=unpacked,
            env=variables,
            stdout=output,
            stderr=output,
        )
    try:
        eventually(lambda: _answers(port, process), within_s=_STARTS_WITHIN_S, what=f"{name} listens")
        status = _trigger(name, function, f"http://127.0.0.1:{port}", stores)
        said = (tmp_path / "output").read_text()
        assert status < 400, said
        assert "Traceback" not in said
    finally:
        process.terminate()
        process.wait(timeout=20)


def _command(function: Function, folder: Path, port: int) -> str:
    """What the platform runs: a service's own `CMD`, and functions-framework for a function."""
    if function.is_service:
        return (folder / "Dockerfile").read_text().splitlines()[-1].removeprefix("CMD ")
    return (
        f"exec python -m functions_framework --target {function.entry_point} --source main.py"
        f" --signature-type {function.signature} --host 127.0.0.1 --port {port}"
    )


def _unresolved(python: Path, folder: Path) -> list[str]:
    """Modules that a file of the bundle imports, wherever it does, and that its environment does not have."""
    wanted = {module for file in folder.rglob("*.py") for module in _absolute(file)}
    program = (
        "import importlib, json, sys\n"
        "def found(name):\n"
        "    try: importlib.import_module(name)\n"
        "    except ModuleNotFoundError: return False\n"
        "    return True\n"
        "print(json.dumps([name for name in json.load(sys.stdin) if not found(name)]))\n"
    )
    answer = subprocess.run(  # noqa: S603 - our own bundle
        [str(python), "-c", program],
        input=json.dumps(sorted(wanted)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(answer.stdout.splitlines()[-1]))


def _absolute(file: Path) -> set[str]:
    """The modules that a file names as such; what it takes from a module may be no module."""
    tree = ast.parse(file.read_text())
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "it ended before it listened"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _trigger(name: str, function: Function, address: str, stores: Stores) -> int:
    """Let it have what its trigger brings, about something that does not exist; the status of its answer."""
    trigger = function.trigger
    headers, body = {"Content-Type": "application/json"}, json.dumps(SUBJECT).encode()
    if trigger.http is not None:
        path = "/healthz" if function.kind == "server" else "/v1/health"
        return httpx.get(f"{address}{path}", timeout=30, trust_env=False).status_code
    if trigger.firestore is not None:
        parts = [part if "{" not in part else "nothing" for part in trigger.firestore.document.split("/")]
        document = firestore_client().document("/".join(parts))
        document.set({"id": "nothing"})
        headers, body = document_event(stores.changes[-1], event=trigger.firestore.event, region=REGION)
        document.delete()
    elif trigger.storage is not None:
        moment = clock.now().isoformat()
        headers, body = object_event(
            {"bucket": BUCKETS[trigger.storage.bucket], "name": "nobody/nothing", "timeCreated": moment, "size": "0"}
        )
    elif trigger.pubsub is not None:
        message = PubsubMessage(data=body, message_id="1", publish_time=clock.now())
        topic = f"projects/{PROJECT}/topics/{trigger.pubsub.topic}"
        headers, body = message_event(topic, PubsubMessage.pb(message), function=name)
    return httpx.post(address, headers=headers, content=body, timeout=60, trust_env=False).status_code
