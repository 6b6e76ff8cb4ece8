"""What every command line may say, before its verb and after it."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import ArgumentParser


def declare_common(parser: ArgumentParser, *, outermost: bool = False) -> None:
    """Where it works, and how it answers; only the outermost parser has defaults, so an inner one changes nothing."""
    parser.add_argument(
        "--environment",
        type=Path,
        default=None if outermost else SUPPRESS,
        metavar="FILE",
        help="take variables from this JSON object, such as .data/environment.json",
    )
    for flag, about in (("--json", "answer with one JSON object"), ("--verbose", "log to standard error")):
        parser.add_argument(flag, action="store_true", default=False if outermost else SUPPRESS, help=about)


class Actions:
    """What a verb can do: `operate user create …`."""

    def __init__(self, parser: ArgumentParser) -> None:
        self._actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(self, name: str, about: str) -> ArgumentParser:
        """One more; returns where its own arguments go."""
        parser: ArgumentParser = self._actions.add_parser(name, help=about, description=about)
        declare_common(parser)
        return parser


def declare_limit(parser: ArgumentParser, *, most: int, default: int) -> None:
    """How many at once."""
    parser.add_argument(
        "--limit",
        type=_between(1, most),
        default=default,
        metavar="N",
        help=f"at most (default {default}, up to {most})",
    )


def declare_parallel(parser: ArgumentParser) -> None:
    """For how many users at a time."""
    parser.add_argument(
        "--parallel", type=_between(1, 16), default=4, metavar="N", help="users at a time (default 4, up to 16)"
    )


def _between(least: int, most: int) -> Any:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ArgumentTypeError(f"{text} is no number between {least} and {most}")
        return int(text)

    return read
