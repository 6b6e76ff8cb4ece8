"""The demo's output: the same facts on a terminal, in a pipe and without colour."""

import io
from typing import Any

import pytest
from rich.console import Console

from local.demo.report import Caption, Report, Search, Upload
from local.demo.show import Terminal

STRUCTURED: dict[str, Any] = {
    "emoji": "📅",
    "title": "Plans [bold]",
    "overview": "They plan [red]things[/red].",
    "category": "work",
    "action_items": [{"description": "Call the owner", "due_at": "2026-11-27T23:59:00Z"}],
    "events": [{"title": "Meeting", "start": "2027-10-03T10:00:00Z", "duration": 30}],
}
CAPTION = Caption(text="let us [talk]", speaker="SPEAKER_00", start=61.5, end=63.0, at_s=40.0, delay_s=3.2)


def shown(report: Report, *, terminal: bool) -> str:
    out = io.StringIO()
    view = Terminal(Console(file=out, force_terminal=terminal, width=100))
    view.starting(report)
    with view.working("starting"):
        view.ready("http://127.0.0.1:1", report)
    with view.streaming(report):
        view.sent(0.02)
        view.stored(5.0)
        view.caption(CAPTION)
        view.stopped()
    view.structured(report)
    view.searched(report)
    view.uploaded(report)
    view.done(report)
    return out.getvalue()


@pytest.fixture
def report() -> Report:
    return Report(
        file="meeting.ogg",
        seconds=85.7,
        packets=4283,
        speed=2.0,
        bundled=True,
        models={"speech": "pocketsphinx (local model)"},
        others=3,
        conversation={"id": "c", "status": "completed", "discarded": False, "structured": STRUCTURED},
        wer=0.06,
        search=Search("What now?", 1, 4),
        upload=Upload("gs://uploads/u/meeting.ogg", "c2", "completed", "Plans", 0.08),
        timing_s={"cloud_ready": 7.0, "total": 60.0},
    )


def test_everything_that_was_found_out_is_told(report: Report) -> None:
    text = shown(report, terminal=False)
    for fact in (
        "local model",
        "1:01.5",
        "📅 Plans [bold]",
        "They plan [red]things[/red].",
        "let us [talk]",
        "Call the owner, due Fri 27 Nov 2026, 23:59 UTC",
        "Meeting, Sun 03 Oct 2027, 10:00 UTC, 30 minutes",
        "0.060 (at most 0.25 allowed)",
        "found, number 1 of 4",
        "gs://uploads/u/meeting.ogg",
        "60.0 s",
        "✓",
    ):
        assert fact in text


def test_a_pipe_gets_plain_text(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b" not in shown(report, terminal=False)


def test_ci_gets_no_animation(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_cursor = "\x1b[?25l"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    assert hide_cursor in shown(report, terminal=True)
    monkeypatch.setenv("CI", "true")
    assert hide_cursor not in shown(report, terminal=True)


def test_no_color_means_no_colour(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("TERM", "xterm")
    green = "\x1b[1;32m"
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert green in shown(report, terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert green not in shown(report, terminal=True)


def test_a_problem_is_told_in_place_of_success(report: Report) -> None:
    report.search = Search("What now?", None, 3)
    text = shown(report, terminal=False)
    assert "✗ the search did not find it" in text
    assert "✓" not in text
