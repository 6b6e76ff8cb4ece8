"""An environment that holds exactly what a lock names: a Python of its own, with links to the installed files."""

import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement


def locked(lock: Path) -> list[Requirement]:
    """What a lock pins for this machine."""
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    pinned = [Requirement(line.split("--hash")[0]) for line in lines if line.strip() and not line.startswith("#")]
    return [each for each in pinned if each.marker is None or each.marker.evaluate()]


def environment(lock: Path, folder: Path) -> Path:
    """Make it in `folder`; the path of its interpreter.

    Raises:
        RuntimeError: another version than the locked one is installed.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    [packages] = folder.glob("lib/python*/site-packages")
    for requirement in locked(lock):
        installed = distribution(requirement.name)
        if not requirement.specifier.contains(installed.version, prereleases=True):
            raise RuntimeError(f"{requirement} is locked, {installed.version} is installed")
        _link(installed, packages)
    return folder / "bin" / "python"


def _link(installed: Distribution, packages: Path) -> None:
    """Link the files, what the installer compiled of them too: the platform's start compiles nothing either."""
    for file in installed.files or ():
        source, target = Path(str(file.locate())), packages / file
        if ".." in file.parts or target.exists() or not source.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source.resolve())
