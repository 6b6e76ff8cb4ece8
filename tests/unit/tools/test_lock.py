"""What each function installs follows from what it imports."""

import sys

import pytest

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
