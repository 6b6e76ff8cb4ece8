"""What the command prints, and how it asks."""

import io
from argparse import Namespace
from datetime import UTC, datetime

import pytest

from operate.asking import UnconfirmedError, confirm
from operate.outcome import Outcome, tell


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_people_are_told_in_lines_and_columns(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    rows: list[dict[str, object]] = [{"uid": "ada", "at": at}, {"uid": "b", "at": None}]
    tell(Outcome({"keys_made": 2, "failed": [], "by": {"a": 1}, "done": True}, rows=rows), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "uid  at",
        "ada  2026-05-04T12:00:00Z",
        "b    -",
        "keys made: 2",
        "failed: none",
        "by: a 1",
        "done: yes",
    ]


def test_programs_are_told_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Outcome({"n": 1}, rows=[{"at": datetime(2026, 5, 4, tzinfo=UTC)}], lines=["for people"]), as_json=True)
    assert capsys.readouterr().out == '{"n": 1, "rows": [{"at": "2026-05-04T00:00:00Z"}]}\n'


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "ADA\n"])
def test_only_the_word_that_is_asked_for_lets_it_be_done(
    typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    with pytest.raises(UnconfirmedError, match="Nothing was done"):
        confirm("Delete Ada", word="ada", asked=Namespace(yes=False))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Delete Ada in earshot-local")
    monkeypatch.setattr("sys.stdin", Terminal("ada\n"))
    confirm("Delete Ada", word="ada", asked=Namespace(yes=False))


def test_where_nobody_can_answer_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ada\n"))
    with pytest.raises(UnconfirmedError, match="--yes"):
        confirm("Delete Ada", word="ada", asked=Namespace(yes=False))
    confirm("Delete Ada", word="ada", asked=Namespace(yes=True))
