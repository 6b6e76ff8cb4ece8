"""tools/setup.sh on machines that are not as it wishes: the last line says what helps."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.manifest import ROOT

_PYTHON = """#!/bin/sh
case "$*" in
  -V) echo Python 3.11.0 ;;
  "-c import sys"*) exit {version} ;;
  "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python; exit {venv} ;;
  *"pip "*) exit {pip} ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of the repository as it looks at."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup.sh", tmp_path / "tools")
    return tmp_path


def set_up(checkout: Path, python: Path) -> subprocess.CompletedProcess[str]:
    """Run it to its end, with this for Python."""
    return subprocess.run(  # noqa: S603 - our own
        [checkout / "tools" / "setup.sh"],
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("fails", "helps"),
    [("version", "make PYTHON=python3.12"), ("venv", "apt-get install python3-venv"), ("pip", "same command goes on")],
)
def test_what_fails_is_told_with_what_helps(checkout: Path, fails: str, helps: str) -> None:
    python = checkout / "python"
    python.write_text(_PYTHON.format(**{"version": 0, "venv": 0, "pip": 0, fails: 1}))
    python.chmod(0o755)
    ran = set_up(checkout, python)
    assert ran.returncode == 1
    assert helps in ran.stderr.splitlines()[-1]
    assert not (checkout / ".venv" / ".complete").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is kept from root")
def test_a_checkout_of_somebody_else_is_told_from_a_python_that_lacks_something(checkout: Path) -> None:
    python = checkout / "python"
    python.write_text(_PYTHON.format(version=0, venv=0, pip=0))
    python.chmod(0o755)
    checkout.chmod(0o555)
    try:
        ran = set_up(checkout, python)
    finally:
        checkout.chmod(0o755)
    assert ran.returncode == 1
    assert "may not write into" in ran.stderr.splitlines()[-1]
