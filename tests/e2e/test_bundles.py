"""Every bundle, unpacked, in an environment that has nothing but its own requirements: it starts and answers."""

import ast
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.manifest import load
from tests.support.bundles import accepts, free_port, unpack
from tests.support.stores import Stores, running_stores
from tests.support.triggering import trigger
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

_STARTS_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with running_stores(tmp_path_factory.mktemp("stores")) as running:
        yield running


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unpacked")


@pytest.mark.parametrize("name", load().functions)
def test_it_starts_with_its_own_requirements_alone_and_answers_its_trigger(
    name: str, tmp_path: Path, unpacked: Path, stores: Stores
) -> None:
    bundle = unpack(name, unpacked)
    assert _unresolved(bundle.python, bundle.folder) == []
    port = free_port()
    with (tmp_path / "output").open("wb") as output:
        variables = {**stores.environment, **bundle.variables(port)}
        process = subprocess.Popen(  # noqa: S603 - our own bundle
            bundle.command(port), cwd=bundle.folder, env=variables, stdout=output, stderr=output
        )
    try:
        eventually(lambda: process.poll() is not None or accepts(port), within_s=_STARTS_WITHIN_S, what="listens")
        assert process.poll() is None, (tmp_path / "output").read_text()
        answer = trigger(name, bundle.function, f"http://127.0.0.1:{port}", stores)
        said = (tmp_path / "output").read_text()
        assert answer.is_success, said
        assert "Traceback" not in said
    finally:
        process.terminate()
        process.wait(timeout=20)


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
