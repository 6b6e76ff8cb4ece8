"""README's tree and the repository tell the same."""

import re
import tomllib
from collections.abc import Iterator

import pytest

from local.manifest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def tree() -> Iterator[str]:
    """Every path of the tree, relative to the root; folders end in a slash."""
    section = README.split("## The tree", 1)[1]
    folder = ""
    for line in section.split("```")[1].strip().splitlines():
        indent, name = re.match(r"( *)(\S+)", line).groups()  # type: ignore[union-attr]  # no line is empty
        if not indent:
            folder = name
        yield f"{folder}{name}" if indent else name


def entries(folder: str) -> Iterator[str]:
    """What is in a folder as the tree writes it, without what is hidden, generated or only marks a package."""
    for path in sorted((ROOT / folder).iterdir()):
        if path.name.startswith(("_", ".")) or path.name == "build":
            continue
        if path.is_dir() and any(path.rglob("*.*")):
            yield f"{folder}{path.name}/"
        elif path.suffix == ".py":
            yield f"{folder}{path.name}"


def test_every_path_in_the_tree_exists() -> None:
    for path in tree():
        assert (ROOT / path).exists(), path
        assert (ROOT / path).is_dir() == path.endswith("/"), path


@pytest.mark.parametrize("folder", ["", "common/", "functions/", "local/"])
def test_everything_there_is_stands_in_the_tree(folder: str) -> None:
    told = set(tree())
    told |= {f"{path.split('/')[0]}/" for path in told if "/" in path}  # docs/decisions/ stands for docs/ too
    assert set(entries(folder)) <= told


def test_the_layers_stand_in_the_order_in_which_imports_go() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [contract] = [each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    enforced = [name.strip() for layer in contract["layers"] for name in layer.split(":")]
    assert [path for path in tree() if path.startswith("common/") and path != "common/"] == [
        f"common/{name}/" for name in enforced
    ]


def test_every_command_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    assert named
    assert named <= targets
