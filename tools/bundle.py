"""Pack every function for its deployment: the parts of the code that it reaches, its pinned requirements, no more.

    python -m tools.bundle [--out build] [NAME ...]

A Cloud Function becomes a source archive as its builder wants it, a Cloud Run service one with a `Dockerfile`. The same
input makes the same bytes, on any machine: entries are sorted, have no time of their own and are not compressed, so an
archive's hash says whether anything needs to be deployed.
"""

import argparse
import hashlib
import zipfile
from pathlib import Path

from local.manifest import ROOT, Function, Manifest, load
from tools.reach import reach

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_PYTHON = "3.11"
_COMMANDS = {
    "service": (
        "exec python -m uvicorn main:{entry_point} --host 0.0.0.0 --port ${{PORT:-8080}}"
        " --no-access-log --log-level warning --timeout-graceful-shutdown 10"
    ),
    "server": "exec python main.py",
}
_DOCKERFILE = """\
FROM python:{python}-slim
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt
COPY . .
RUN python -m compileall -q .
USER nobody
CMD {command}
"""


def contents(manifest: Manifest, name: str) -> dict[str, bytes]:
    """What is in the archive of a function: path to bytes.

    Raises:
        FileNotFoundError: its requirements are not locked.
    """
    function = manifest.functions[name]
    folder = ROOT / "functions" / function.folder
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in reach(folder / "main.py").files
        if path.is_relative_to(ROOT / "common")
    }
    files["main.py"] = (folder / "main.py").read_bytes()
    files["requirements.txt"] = (folder / "requirements.txt").read_bytes()
    if function.is_service:
        files["Dockerfile"] = _dockerfile(function).encode()
    return files


def write(files: dict[str, bytes], target: Path) -> str:
    """Make the archive; its SHA-256, in hex."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = 3  # Unix: what makes the mode count
            entry.external_attr = _MODE
            archive.writestr(entry, files[path])
    return hashlib.sha256(target.read_bytes()).hexdigest()


def main() -> int:
    """Write the archives and say what they are."""
    manifest = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="functions; all of them where none is named")
    parser.add_argument("--out", type=Path, default=ROOT / "build")
    options = parser.parse_args()
    if unknown := set(options.names) - manifest.functions.keys():
        parser.error(f"no such function: {', '.join(sorted(unknown))}")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or manifest.functions:
        files = contents(manifest, name)
        target = options.out / f"{name}.zip"
        digest = write(files, target)
        print(f"{name:24} {len(files):4} files {target.stat().st_size / 1024:7.0f} KB  {digest[:16]}")
    return 0


def _dockerfile(function: Function) -> str:
    command = _COMMANDS[function.kind].format(entry_point=function.entry_point)
    return _DOCKERFILE.format(python=_PYTHON, command=command)


if __name__ == "__main__":
    raise SystemExit(main())
