"""`python -m local`: run the local cloud, make tokens for it, look inside it, show what it does."""

import argparse
import asyncio
import errno
import math
import os
import shlex
import signal
import sqlite3
import sys
from pathlib import Path

from common.core.errors import MisconfiguredError
from common.core.ids import is_document_id
from common.core.logs import configure
from common.core.settings import settings
from local.folder import DATABASE, DamagedError
from local.parent import die_with_parent

DEFAULT_DATA = Path(__file__).parents[1] / ".data"
_HIGHEST_PORT = 65535
_LONGEST_UID = 128
_TRIED = {"serve": "start", "run": "run", "token": "make a token", "env": "say where it is"}


def main() -> int:
    """Read the command line and do what it says; what the machine refuses is told in one line."""
    asked = _parser().parse_args()
    # Until something runs there is nothing to put down; libraries take seconds to load, and would be waited for.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return _do(asked)
    except (OSError, sqlite3.Error, MisconfiguredError, DamagedError) as error:
        print(f"cannot {_TRIED[asked.command]}: {error}", file=sys.stderr)
        return 1


def _do(asked: argparse.Namespace) -> int:
    # Read once by core.clock and settings, and inherited by every function's process.
    if asked.command in {"serve", "run"}:
        settings()  # what makes no sense in the user's own environment is told here, and not by each function
    if asked.command == "serve":
        os.environ["TIME_SCALE"] = str(asked.time_scale)
        # A second thread that multiplies matrices spins while it waits: a search took more of it than of all else.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        return asyncio.run(_serve(asked))
    if asked.command == "run":
        return _run(asked)
    if asked.command == "token":
        return _token(asked)
    return _env(asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the local cloud until interrupted")
    serve.add_argument("--port", type=_port, default=8080, help="for clients; 0 takes a free one")
    serve.add_argument("--time-scale", type=float, default=1.0, help="timers, timeouts and backoff run N times as fast")
    serve.add_argument("--deliver-twice", action="store_true", help="fault: every event and task arrives twice")
    serve.add_argument("--shuffle", type=int, metavar="SEED", help="fault: events and tasks arrive in random order")
    serve.add_argument("--delay", type=float, default=0.0, metavar="S", help="fault: they arrive up to S seconds late")
    serve.add_argument(
        "--firestore-delay",
        type=float,
        default=0.0,
        metavar="S",
        help="fault: Firestore's calls wait for up to S seconds",
    )
    serve.add_argument(
        "--trouble",
        type=float,
        default=0.0,
        metavar="P",
        help="fault: this part of the calls to stores, queues and functions fails, or its answers are lost",
    )
    serve.add_argument("--with-parent", action="store_true", help="stop when the process that started this one is gone")
    run = commands.add_parser("run", help="stream a recording through a cloud of its own and show what became of it")
    run.add_argument("--audio", type=Path, metavar="FILE", help="wav, mp3, m4a, ogg, …; default: the bundled recording")
    run.add_argument("--speed", type=_speed, default=2.0, metavar="N", help="times real time (default: 2)")
    run.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    run.add_argument(
        "--upload",
        action=argparse.BooleanOptionalAction,
        help="put it into the uploads bucket as well (default: the bundled recording only)",
    )
    token = commands.add_parser("token", help="print an ID token for the header `Authorization: Bearer …`")
    token.add_argument("uid", type=_uid, help="of any user; who has not been there yet is from their first request on")
    token.add_argument("--expires-in", type=float, default=3600.0, metavar="S", help="may be negative")
    env = commands.add_parser("env", help="print the variables that lead Google's clients into the running cloud")
    for command in (serve, token, env):
        command.add_argument("--data", type=Path, default=DEFAULT_DATA, help="data folder (default: .data)")
    return parser


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not (speed > 0 and math.isfinite(speed)):
        raise argparse.ArgumentTypeError(f"{text} is no speed; 1 is real time")
    return speed


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is no port; 0 takes a free one")
    return int(text)


def _uid(text: str) -> str:
    if not is_document_id(text) or len(text) > _LONGEST_UID:
        raise argparse.ArgumentTypeError("no user can have this id")
    return text


async def _serve(asked: argparse.Namespace) -> int:
    from local.cloud import Cloud, Options  # noqa: PLC0415 - the other commands need none of it
    from local.delivery import Faults  # noqa: PLC0415

    if asked.with_parent:
        die_with_parent()
    data = asked.data.resolve()
    (data / "logs").mkdir(parents=True, exist_ok=True)
    configure((data / "logs" / "cloud.log").open("a", buffering=1))
    faults = Faults(duplicate=asked.deliver_twice, shuffle_seed=asked.shuffle, extra_delay_s=asked.delay)
    options = Options(
        port=asked.port,
        data=data,
        time_scale=asked.time_scale,
        faults=faults,
        firestore_delay_s=asked.firestore_delay,
        trouble=asked.trouble,
    )
    cloud = Cloud(options)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    starting = asyncio.create_task(cloud.start())
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return 0
    try:
        starting.result()
    except (OSError, RuntimeError, sqlite3.Error) as error:
        print(f"cannot start: {_why(error, port=asked.port, data=data)}", file=sys.stderr)
        stopped.cancel()
        return 1
    print(_exports(cloud.environment), file=sys.stderr, flush=True)
    print(f"ready {cloud.url}", flush=True)
    print(_welcome(cloud.url, asked.data), file=sys.stderr, flush=True)
    await stopped
    print("stopping: functions put down what they are at, which may take some seconds", file=sys.stderr, flush=True)
    await cloud.stop()
    return 0


def _why(error: Exception, *, port: int, data: Path) -> str:
    """What the machine refuses, and the way out where there is one."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; another one: make serve PORT={port + 1}"
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return f"{data / DATABASE} is damaged ({error}); move the folder away, or use another one: make serve DATA=…"
    if isinstance(error, sqlite3.Error):
        full = "; is its disk full?" if "disk" in str(error) else ""
        return f"{data / DATABASE}: {error}{full}"
    return str(error)


def _run(asked: argparse.Namespace) -> int:
    from local.demo.run import Options, run  # noqa: PLC0415 - as above

    return run(Options(audio=asked.audio, speed=asked.speed, as_json=asked.json, upload=asked.upload))


def _token(asked: argparse.Namespace) -> int:
    from local.environment import PROJECT  # noqa: PLC0415 - as above
    from local.identity import KEY, Identity  # noqa: PLC0415

    if not (asked.data / KEY).exists():
        return _nothing_ran(asked.data)
    print(Identity(asked.data.resolve(), project=PROJECT).id_token(asked.uid, expires_in_s=asked.expires_in))
    return 0


def _env(asked: argparse.Namespace) -> int:
    from local import environment  # noqa: PLC0415 - as above

    try:
        values = environment.read(asked.data.resolve())
    except FileNotFoundError:
        return _nothing_ran(asked.data)
    print(_exports(values))
    return 0


def _nothing_ran(data: Path) -> int:
    print(f"no local cloud has run on {data}; start one with `make serve`", file=sys.stderr)
    return 1


def _welcome(url: str, data: Path) -> str:
    """What to do next, in the reader's words and folders."""
    where = "" if data.resolve() == DEFAULT_DATA else f" --data {shlex.quote(str(data))}"
    return "\n".join(
        (
            f"in a browser: {url}/docs",
            f"a token to try it with: .venv/bin/python -m local token alice{where}",
            f"everything is kept in {data.resolve()}, until you delete it; Ctrl-C stops",
        )
    )


def _exports(values: dict[str, str]) -> str:
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items())


if __name__ == "__main__":
    raise SystemExit(main())
