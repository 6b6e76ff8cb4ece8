"""Packages from npm for tests that need Google's own JavaScript clients, as a lock file pins them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from common.core.ids import digest
from local.manifest import ROOT

_OLDEST = 20
_UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")


def installed(folder: Path) -> Path:
    """The `node_modules` of a folder's lock, kept in `.cache`; skips the test where they cannot be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("the rules are tested with Google's JavaScript library, which needs node and npm")
    version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout  # noqa: S603
    if int(version.lstrip("v").split(".")[0]) < _OLDEST:
        pytest.skip(f"node is {version.strip()}, and the packages need {_OLDEST}")
    lock = folder / "package-lock.json"
    home = ROOT / ".cache" / "node" / f"{folder.name}-{digest(lock.read_text(), version)}"
    done = home / "complete"
    if not done.exists():
        home.mkdir(parents=True, exist_ok=True)
        for each in (lock, folder / "package.json"):
            shutil.copy(each, home)
        _install(npm, home)
        done.touch()
    return home / "node_modules"


def run(script: Path, *arguments: str, said: str, modules: Path, timeout_s: float) -> str:
    """What a script answers on stdout to what it is told on stdin."""
    done = subprocess.run(  # noqa: S603 - our own script
        [shutil.which("node") or "node", str(script), *arguments],
        check=False,
        input=said,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, "NODE_PATH": str(modules)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _install(npm: str, home: Path) -> None:
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=home)  # noqa: S603 - as locked
    if done.returncode and any(code in done.stderr for code in _UNREACHABLE):
        pytest.skip("npm cannot reach its registry")
    assert done.returncode == 0, done.stderr[-2000:]
