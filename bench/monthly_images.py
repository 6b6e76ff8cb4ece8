"""How large the images of the functions are, about: what their packages weigh when they are packed."""

import re
import zlib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from local import manifest
from local.manifest import ROOT

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def image_bytes() -> dict[str, int]:
    """Per function the packed size of what its `requirements.txt` names, as far as it is installed here."""
    return {
        name: sum(
            _packed(package)
            for package in _PINNED.findall((ROOT / "functions" / function.folder / "requirements.txt").read_text())
        )
        for name, function in manifest.load().functions.items()
    }


@cache
def _packed(package: str) -> int:
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return 0
    paths = (Path(str(file.locate())) for file in files)
    return sum(len(zlib.compress(path.read_bytes())) for path in paths if path.is_file())
