"""Bundles as the platform has them: unpacked, with an interpreter that has their own requirements and nothing else."""

import compileall
import hashlib
import socket
import zipfile
from dataclasses import dataclass
from pathlib import Path

from local.manifest import Function, load
from tests.support.isolation import environment
from tools import bundle


@dataclass(frozen=True)
class Unpacked:
    """`archive` is what is deployed, `folder` where its code is, `python` the interpreter."""

    function: Function
    archive: Path
    folder: Path
    python: Path

    def command(self, port: int) -> list[str]:
        """What the platform runs: a service's own `CMD`, and functions-framework for a function."""
        if self.function.is_service:
            shell = (self.folder / "Dockerfile").read_text().splitlines()[-1].removeprefix("CMD ")
            return ["/bin/sh", "-c", shell]
        return [
            *[str(self.python), "-m", "functions_framework", f"--target={self.function.entry_point}"],
            *["--source=main.py", f"--signature-type={self.function.signature}", "--host=127.0.0.1", f"--port={port}"],
        ]

    def variables(self, port: int) -> dict[str, str]:
        """What the platform sets, besides the settings."""
        return {"PATH": f"{self.python.parent}:/usr/bin:/bin", "PORT": str(port), "HOME": str(self.folder)}


def unpack(name: str, folder: Path) -> Unpacked:
    """Pack the function of this name and unpack it in `folder`; what has the same lock there shares an environment."""
    manifest = load()
    archive, app = folder / f"{name}.zip", folder / name
    bundle.write(bundle.contents(manifest, name), archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(app)
    compileall.compile_dir(app, quiet=1)
    lock = app / "requirements.txt"
    own = folder / hashlib.sha256(lock.read_bytes()).hexdigest()
    python = own / "bin" / "python" if own.exists() else environment(lock, own)
    return Unpacked(manifest.functions[name], archive, app, python)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
