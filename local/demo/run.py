"""`python -m local run`: a cloud of its own, a recording through the whole chain, and what became of it."""

import asyncio
import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from websockets.exceptions import WebSocketException

from common.core import clock
from common.core.settings import settings
from local.demo.recording import Recording, UnusableRecordingError, load_recording
from local.demo.report import Report
from local.demo.show import Terminal
from local.demo.view import View
from local.demo.walk import NothingSaidError, Walk
from local.process import ReadyProcess

INTERRUPTED = 130
_ROOM_BYTES = 1 << 20
"""Less than that is none."""
DEFAULT_SPEED = 2.0
"""Times real time: twice as fast is pleasant to watch, and the local recogniser keeps up (`make bench`)."""


@dataclass(frozen=True)
class Options:
    """What to stream (None is the bundled recording), how fast, for whom, and whether also as a file.

    `upload` None means: the bundled recording only.
    """

    audio: Path | None = None
    speed: float = DEFAULT_SPEED
    as_json: bool = False
    upload: bool | None = None


class DemoError(RuntimeError):
    """The demo could not go to its end; the message is one line for the user."""


def run(options: Options) -> int:
    """Stream a recording through a fresh cloud and show, or print as JSON, what became of it.

    Returns:
        0 when the conversation was completed and found (and, of the bundled recording, understood well enough);
        1 when not, and then the reason is told; 130 when interrupted, with everything stopped.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no emoji shall not end the demo
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a script's background job would ignore it, and so SIGTERM
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    view = View() if options.as_json else Terminal(Console())
    try:
        report = _demonstrate(options, view)
    except (UnusableRecordingError, DemoError, NothingSaidError) as error:
        print(f"make run: {error}", file=sys.stderr)
        if options.as_json:
            print(json.dumps({"ok": False, "problems": [str(error)]}))
        return 1
    except KeyboardInterrupt:
        print("interrupted; everything is stopped", file=sys.stderr)
        return INTERRUPTED
    if options.as_json:
        print(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
        for problem in report.problems:
            print(f"make run: {problem}", file=sys.stderr)
    return 1 if report.problems else 0


def _demonstrate(options: Options, view: View) -> Report:
    began = clock.monotonic()
    recording = load_recording(options.audio)
    report = Report(
        file=recording.path.name,
        seconds=recording.seconds,
        packets=len(recording.packets),
        speed=options.speed,
        bundled=recording.bundled,
        models=_models(),
    )
    view.starting(report)
    with _data_folder() as data, _cloud(data, view) as cloud:
        report.timing_s["cloud_ready"] = clock.monotonic() - began
        upload = recording.bundled if options.upload is None else options.upload
        _walk(Walk(cloud.url, data, recording=recording, report=report, view=view), recording, upload=upload)
        report.timing_s["total"] = clock.monotonic() - began
        view.done(report)
    return report


def _walk(walk: Walk, recording: Recording, *, upload: bool) -> None:
    try:
        asyncio.run(_interruptible(walk, upload=upload))
    except NothingSaidError as error:
        raise NothingSaidError(f"{recording.path}: {error}") from error
    except httpx.HTTPStatusError as error:
        where = error.request.url.path
        raise DemoError(
            f"the cloud answers {where} with {error.response.status_code}: {error.response.text}"
        ) from error
    except (httpx.HTTPError, WebSocketException, OSError) as error:
        raise DemoError(f"the cloud is gone: {error or type(error).__name__}") from error


async def _interruptible(walk: Walk, *, upload: bool) -> None:
    """The walk, whose last breath (a socket that breaks while it is being closed) does not hide an interruption."""
    try:
        await walk.run(upload=upload)
    except Exception as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from error
        raise


@contextlib.contextmanager
def _data_folder() -> Iterator[Path]:
    """An empty folder, removed in the end; kept, for its logs, when the cloud did not do its part."""
    data = Path(tempfile.mkdtemp(prefix="earshot-run-"))
    try:
        yield data
    except DemoError as error:
        full = "; its disk is full" if shutil.disk_usage(data).free < _ROOM_BYTES else ""
        raise DemoError(f"{error} (logs: {data / 'logs'}{full})") from error
    except BaseException:
        shutil.rmtree(data, ignore_errors=True)
        raise
    shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def _cloud(data: Path, view: View) -> Iterator[ReadyProcess]:
    errors = data / "serve.err"
    try:
        with view.working("starting"):
            process = ReadyProcess(
                "local", ["serve", "--with-parent", "--port", "0", "--data", str(data)], errors=errors
            )
    except RuntimeError as error:
        said = errors.read_text(errors="replace").strip().splitlines()
        raise DemoError(said[-1] if said else str(error)) from error
    try:
        yield process
    finally:
        with view.working("stopping"), contextlib.suppress(subprocess.TimeoutExpired):  # then it was killed
            process.stop()


def _models() -> dict[str, str]:
    """Who does the understanding, as the settings say; the cloud's functions inherit the same ones."""
    known = settings()
    structuring = {"vertex": known.vertex_model, "openai": known.openai_model}
    embedding = {"vertex": known.vertex_embedding_model, "openai": known.openai_embedding_model}
    return {
        "speech": "pocketsphinx, English (local model: expect mistakes)",
        "structure": structuring.get(known.language_model, "extractive: chosen from what was said (local model)"),
        "embedding": embedding.get(known.embedding, "all-MiniLM-L6-v2 (local model)"),
    }
