"""The command line: which verb, where, and what its failures mean to a shell."""

from __future__ import annotations

import importlib
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from common.core.errors import EarshotError, InvalidInputError, MisconfiguredError
from common.core.logs import where
from operate import place
from operate.arguments import declare_common
from operate.asking import UnconfirmedError
from operate.outcome import INTERRUPTED, LEFT, WRONG_USE, complain, tell

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

VERBS = {
    "doctor": "what is missing or wrong, and the command that mends it",
    "user": "list, create, show, export, delete users",
    "key": "list, create, revoke the keys of a user's programs",
    "usage": "what a user has used, of models too, and the limit",
    "stuck": "conversations that do not go on, and to put them back on their way",
    "dead-letters": "steps that were given up: list, replay, drop",
    "deletions": "what the logs say was deleted since a backup: list it, delete it again",
    "reindex": "bring vectors up to date with what is stored",
    "data-keys": "rotate a user's key, or have all wrapped by another",
    "migrate": "change what is stored into the form of this version",
}
_EPILOG = "exit codes: 0 all is well, 1 something is wrong or left to do, 2 wrong usage, 130 interrupted"
_WITHOUT_STORE = {"doctor"}
"""They say themselves when the store does not answer."""


def understand(words: Sequence[str]) -> Namespace:
    """What a command line says; whatever the verb needs is loaded."""
    return _parser(words).parse_args(words)


def do(asked: Namespace) -> int:
    """Do it; the exit code."""
    try:
        place.enter(asked.environment)
        complain(f"in {place.described()}")
        if asked.verb not in _WITHOUT_STORE:
            place.reach()
        outcome = asked.run(asked)
    except (place.NowhereError, UnconfirmedError, InvalidInputError, MisconfiguredError) as error:
        complain(f"error: {error}")
        return WRONG_USE
    except EarshotError as error:
        complain(f"error: {error}{'; doctor may know why' if error.retryable else ''}")
        return LEFT
    except KeyboardInterrupt:
        complain("interrupted; the same command goes on")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one place; its text may quote what nobody should read here
        if _is_a_stores(error):
            complain(f"error: a store failed ({type(error).__name__}); doctor may know why")
        else:
            complain(f"error: {type(error).__name__} at {', '.join(reversed(where(error)))}")
        return LEFT
    tell(outcome, as_json=asked.json)
    return int(outcome.code)


def _parser(words: Sequence[str]) -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m operate",
        description="Look after the backend: on the local cloud, or in a project of your own.",
        epilog=_EPILOG,
    )
    declare_common(parser, outermost=True)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, about in VERBS.items():
        declared = verbs.add_parser(verb, help=about, description=about)
        if verb in words:  # the others' libraries need not be loaded
            module = importlib.import_module(f"operate.verbs.{verb.replace('-', '_')}")
            module.declare(declared)
            declared.set_defaults(run=module.run)
        declare_common(declared)
    return parser


def _is_a_stores(error: Exception) -> bool:
    """Whether a library did not reach what it is for: data access lets these through to whoever called."""
    return type(error).__module__.partition(".")[0] in {"google", "grpc", "pinecone", "redis", "requests"}
