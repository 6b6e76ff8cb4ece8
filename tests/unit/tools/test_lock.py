"""What each function installs follows from what it imports."""

import sys
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from local.manifest import ROOT, load
from tools import lock


def test_no_functions_requirements_are_stale(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lock", "--check"])
    assert lock.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("function", "needs", "not_needed"),
    [
        ("api", {"fastapi", "pinecone", "python-multipart", "mcp", "uvicorn", "httptools"}, {"functions-framework"}),
        (
            "listen",
            {"google-cloud-storage", "google-cloud-speech", "picows"},
            {"functions-framework", "fastapi"},
        ),
        ("finalize_conversation", {"google-cloud-tasks", "functions-framework"}, {"google-genai", "av"}),
        ("purge_conversation", {"pinecone"}, {"google-genai", "av"}),
    ],
)
def test_a_function_installs_what_it_reaches_and_no_more(function: str, needs: set[str], not_needed: set[str]) -> None:
    wanted = set(lock.requirements_in(load(), function).split("\n"))
    installed = {line.split("[")[0] for line in wanted}
    assert needs <= installed
    assert not not_needed & installed


def test_locks_are_pinned_with_hashes_and_name_no_index() -> None:
    for path in (*(ROOT / "functions").glob("*/requirements.txt"), *(ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        assert "://" not in text, path
        assert "--index" not in text, path
        assert "--hash=sha256:" in text, path


@pytest.mark.parametrize("python", ["3.11.0", "3.11.2", "3.11.9", "3.12.0", "3.13.0", "3.14.0"])
def test_what_a_laptop_installs_is_complete_on_every_python_that_is_good_enough(python: str) -> None:
    here = {name: str(value) for name, value in default_environment().items()}
    on_it = {**here, "python_full_version": python, "python_version": python.rpartition(".")[0]}
    lines = (ROOT / "requirements" / "dev.txt").read_text().replace("\\\n", " ").splitlines()
    pinned = [Requirement(line.partition("--hash")[0]) for line in lines]
    there = {
        canonicalize_name(each.name): each for each in pinned if each.marker is None or each.marker.evaluate(on_it)
    }
    missing = set()
    for name, each in there.items():
        try:
            wanted = [Requirement(line) for line in distribution(name).requires or ()]
        except PackageNotFoundError:  # of another Python than this one
            continue
        for extra in ("", *each.extras):
            among = {**on_it, "extra": extra}
            needed = {canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate(among)}
            missing |= {f"{name} needs {one}" for one in needed - there.keys()}
    assert missing == set()
