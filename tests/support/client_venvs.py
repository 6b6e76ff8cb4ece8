"""The public clients as their users have them: from PyPI, each in an environment of its own, pinned with hashes."""

import subprocess
import sys
import venv
from pathlib import Path

from common.core.ids import digest
from local.manifest import ROOT

_LOCKS = ROOT / "requirements" / "clients"
_ENVIRONMENTS = ROOT / ".cache" / "clients"


def installed(client: str) -> Path:
    """The `bin` folder of a client's environment, made on first use.

    Anew where its lock has changed, or the repository was moved: commands name their interpreter by its path.
    """
    lock = _LOCKS / f"{client}.txt"
    folder = _ENVIRONMENTS / f"{client}-{digest(lock.read_text(), sys.version, str(_ENVIRONMENTS))}"
    done = folder / "complete"
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(lock)], check=True)  # noqa: S603 - our own lock
        done.touch()
    return folder / "bin"
