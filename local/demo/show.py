"""What people see of the demo: live captions, the structured conversation, the search, the timing."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from local.demo.report import MOST_WER, Caption, Report
from local.demo.view import View

_TIMINGS = {
    "cloud_ready": "local cloud started and ready",
    "stream": "recording streamed",
    "first_caption_after_speech_began": "speech begins → first caption",
    "caption_after_its_last_word_median": "an utterance ends → its caption (median)",
    "completed_after_last_word": "last word → conversation completed",
    "findable_after_completed": "completed → found by the search",
    "uploaded_file_to_completed": "uploaded file → conversation completed",
    "total": "all of it",
}


class Terminal(View):
    """Rich output; without animation where nobody watches (no terminal, or CI), without colour under NO_COLOR.

    Args:
        console: where to write.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._animated = console.is_terminal and not console.is_dumb_terminal and not os.environ.get("CI")
        self._step = 0
        self._progress: Progress | None = None
        self._bar = TaskID(0)
        self._stored = 0.0

    def starting(self, report: Report) -> None:
        """Say what will be streamed, and how modest the models are."""
        self._print(Text("Earshot: from speech to a conversation you can find, all on this machine", style="bold"))
        facts = Table.grid(padding=(0, 2))
        facts.add_row("  recording", Text(f"{report.file}, {_clock(report.seconds)} of audio"))
        facts.add_row("  packets", f"{report.packets} of 20 ms, Opus, at {report.speed:g} x real time")
        for role, model in report.models.items():
            facts.add_row(f"  {role}", Text(model, style="yellow" if "local model" in model else ""))
        self._print(facts)
        self._heading("A local cloud, on an empty data folder of its own")

    def working(self, what: str) -> AbstractContextManager[object]:
        """A spinner, or nothing where it could not spin."""
        return self._console.status(f"{what} …") if self._animated else nullcontext()

    def ready(self, url: str, report: Report) -> None:
        """Say where."""
        self._say(f"ready after {report.timing_s['cloud_ready']:.1f} s at {url}")
        self._say(f"{report.others} other conversations stored as text, so that the search has to choose")

    @contextmanager
    def streaming(self, report: Report) -> Iterator[None]:
        """Captions run through; below them stands how far the stream is."""
        self._heading("WebSocket /v4/listen: live captions (said at, arrived after, text)")
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=30),
            TextColumn(f"{{task.fields[at]}} of {_clock(report.seconds)}, stored until {{task.fields[stored]}}"),
            console=self._console,
            transient=True,
            disable=not self._animated,
        )
        self._bar = self._progress.add_task("streaming", total=report.seconds, at=_clock(0), stored=_clock(0))
        with self._progress:
            yield
        self._progress = None
        self._say(f"{len(report.captions)} captions; {_clock(report.stored_until_s)} of audio stored")

    def sent(self, second: float) -> None:
        """Move the bar."""
        if self._progress is not None:
            self._progress.update(self._bar, completed=second, at=_clock(second))

    def stored(self, until_s: float) -> None:
        """Note on the bar what is safe."""
        if self._progress is not None:
            self._progress.update(self._bar, stored=_clock(until_s))

    def caption(self, caption: Caption) -> None:
        """One line each."""
        line = Text("  ")
        line.append(f"{_clock(caption.start)}  ", style="cyan")
        line.append(f"{caption.delay_s:5.1f} s  ", style="dim")
        line.append(caption.text)
        self._print(line)

    def stopped(self) -> None:
        """The bar now waits for the chain."""
        self._say("all is said: POST /v1/conversations, the stop button")
        if self._progress is not None:
            self._progress.update(self._bar, description="structuring", completed=None)

    def structured(self, report: Report) -> None:
        """The conversation in a panel."""
        self._heading("What became of it")
        if report.conversation is not None:
            self._print(_panel(report.conversation))
        if report.wer is not None:
            self._say(f"word error rate against the known text, live: {_wer(report.wer, bundled=report.bundled)}")

    def searched(self, report: Report) -> None:
        """Question and place."""
        if report.search is None:
            return
        self._heading("Semantic search: POST /v1/conversations/search")
        self._say(f"asked: {report.search.question}")
        place = report.search.place
        self._say("not found" if place is None else f"found, number {place} of {report.search.hits}")

    def uploaded(self, report: Report) -> None:
        """What the file became."""
        if report.upload is None:
            return
        self._heading("The same recording as a file in the uploads bucket")
        self._say(f"{report.upload.object} became a conversation as well: {report.upload.status}")
        if report.upload.title:
            self._say(f"title: {report.upload.title}")
        if report.upload.wer is not None:
            self._say(f"word error rate, as a file: {_wer(report.upload.wer, bundled=report.bundled)}")

    def done(self, report: Report) -> None:
        """The times, and whether all went well."""
        self._heading("Timing")
        times = Table.grid(padding=(0, 2))
        times.add_column()
        times.add_column(justify="right")
        for key, label in _TIMINGS.items():
            if key in report.timing_s:
                times.add_row(f"  {label}", f"{report.timing_s[key]:.1f} s")
        self._print(times)
        self._print(Text())
        for problem in report.problems:
            self._print(Text(f"✗ {problem}", style="bold red"))
        if not report.problems:
            self._print(Text("✓ heard, structured and found", style="bold green"))

    def _heading(self, what: str) -> None:
        self._step += 1
        self._print(Text(f"\n{self._step}. {what}", style="bold"))

    def _say(self, line: str) -> None:
        self._print(Text(f"  {line}"))

    def _print(self, what: RenderableType) -> None:
        # Text, never markup: what was said may hold brackets.
        self._console.print(what, highlight=False, soft_wrap=isinstance(what, Text))


def _panel(conversation: dict[str, Any]) -> Panel:
    structured = conversation["structured"]
    parts: list[RenderableType] = [Text(structured["overview"] or "(no overview)")]
    if structured["action_items"]:
        parts.append(Text("\nTasks", style="bold"))
        parts += [_task(item) for item in structured["action_items"]]
    if structured["events"]:
        parts.append(Text("\nEvents", style="bold"))
        parts += [
            Text(f"• {event['title']}, {_moment(event['start'])}, {event['duration']} minutes")
            for event in structured["events"]
        ]
    title = Text(f"{structured['emoji']} {structured['title'] or '(no title)'}", style="bold")
    kept = ", discarded" if conversation["discarded"] else ""
    subtitle = Text(f"{structured['category']} · {conversation['status']}{kept}")
    return Panel(Group(*parts), title=title, subtitle=subtitle, title_align="left", subtitle_align="left")


def _task(item: dict[str, Any]) -> Text:
    due = f", due {_moment(item['due_at'])}" if item["due_at"] else ""
    return Text(f"• {item['description']}{due}")


def _moment(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%a %d %b %Y, %H:%M} UTC"


def _wer(wer: float, *, bundled: bool) -> str:
    return f"{wer:.3f}" + (f" (at most {MOST_WER} allowed)" if bundled else "")


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
