"""Whoever destroys something says so twice."""

import sys
from argparse import ArgumentParser, Namespace

from common.core.errors import EarshotError
from operate.outcome import complain
from operate.place import described


class UnconfirmedError(EarshotError):
    """Nobody said that it shall be done."""


def declare_yes(parser: ArgumentParser) -> None:
    """Let a command line say it in advance."""
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is meant")


def confirm(what: str, *, word: str, asked: Namespace) -> None:
    """Have `word` typed before `what` is done.

    Raises:
        UnconfirmedError: it was not.
    """
    if asked.yes:
        return
    if not sys.stdin.isatty():
        raise UnconfirmedError(f"{what} in {described()}: say --yes, there is nobody to ask")
    complain(f"{what} in {described()}. Type {word} to go on:")
    if sys.stdin.readline().strip() != word:
        raise UnconfirmedError("Nothing was done")
