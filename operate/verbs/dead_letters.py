"""`operate dead-letters`: steps that were given up, which wait in a subscription of Pub/Sub for a month."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from common.core.errors import InvalidInputError, NotFoundError
from common.core.logs import get_logger, where
from common.database.dead_letters import MOST, Letter, Letters, opened
from operate.arguments import Actions, declare_limit
from operate.asking import confirm, declare_yes
from operate.outcome import DONE, LEFT, Outcome
from operate.replaying import INSTEAD, replay

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

_IMPOSSIBLE, _FAILED = "cannot be replayed", "failed"


def declare(parser: ArgumentParser) -> None:
    """Name the arguments."""
    actions = Actions(parser)
    listing = actions.add("list", "what waits; looking at it changes nothing")
    replaying = actions.add("replay", "do these steps again, and remove the letters of those that could be begun")
    drop = actions.add("drop", "remove letters, and leave what they are about as it is")
    for action in (replaying, drop):
        action.add_argument("id", nargs="*", help="as `dead-letters list` prints them")
        action.add_argument("--all", action="store_true", help="all that the other conditions fit")
    for action in (listing, replaying, drop):
        action.add_argument("--step", help="only of this step")
        action.add_argument("--user", metavar="UID", help="only of this user")
        declare_limit(action, most=MOST, default=100)
    declare_yes(drop)


def run(asked: Namespace) -> Outcome:
    """Do it."""
    if asked.action != "list" and bool(asked.id) == asked.all:
        raise InvalidInputError("Name letters by their ids, or say --all")
    with opened() as letters:
        held = letters.take(limit=MOST)
        try:
            if unknown := set(getattr(asked, "id", ())) - {letter.id for letter in held}:
                raise NotFoundError(f"{len(unknown)} of these are not among the {len(held)} letters that wait")
            fitting = [letter for letter in held if _fits(letter, asked)]
            wanted, further = fitting[: asked.limit], len(fitting[asked.limit :])
            outcome = {"list": _list, "replay": _replay, "drop": _drop}[asked.action](letters, wanted, asked)
            return _with_further(outcome, further, more=len(held) >= MOST)
        finally:
            letters.put_back(held)  # removed ones cannot be, which is no error


def _fits(letter: Letter, asked: Namespace) -> bool:
    about = letter.about
    named = asked.action == "list" or asked.all or letter.id in asked.id
    of_step = asked.step is None or (about is not None and about.step == asked.step)
    of_user = asked.user is None or (about is not None and about.uid == asked.user)
    return named and of_step and of_user


def _with_further(outcome: Outcome, further: int, *, more: bool) -> Outcome:
    """The outcome, and how many letters fit beyond the limit; at least so many where `more` wait than are taken."""
    if not further and not more:
        return outcome
    facts = {**outcome.facts, "further": f"{further} or more" if more else further}
    return replace(outcome, facts=facts, code=LEFT)


def _list(_: Letters, wanted: list[Letter], __: Namespace) -> Outcome:
    rows = [_row(letter) for letter in wanted]
    return Outcome({"letters": len(rows)}, rows=rows, code=LEFT if rows else DONE)


def _row(letter: Letter) -> dict[str, Any]:
    about = letter.about
    return {
        "id": letter.id,
        "uid": about.uid if about else None,
        "given_up_at": letter.given_up_at,
        "reason": about.reason if about else None,
    }


def _replay(letters: Letters, wanted: list[Letter], _: Namespace) -> Outcome:
    came: Counter[str] = Counter()
    rows = []
    for letter in wanted:
        word = _again(letter)
        if word not in {_IMPOSSIBLE, _FAILED}:
            letters.settle(letter)
        came[word] += 1
        hint = INSTEAD.get(letter.about.step, "") if letter.about is not None and word == _IMPOSSIBLE else ""
        rows.append({"id": letter.id, "came": f"{word}: {hint}" if hint else word})
    left = came[_FAILED] + came[_IMPOSSIBLE]
    return Outcome({"letters": len(wanted), **came}, rows=rows, code=LEFT if left else DONE)


def _again(letter: Letter) -> str:
    """What came of doing it again, in a word."""
    try:
        return (letter.about is not None and replay(letter.about)) or _IMPOSSIBLE
    except Exception as error:  # noqa: BLE001 - one that fails must not hold up the others
        get_logger().error("replay_failed", letter=letter.id, error=type(error).__name__, at=where(error))
        return _FAILED


def _drop(letters: Letters, wanted: list[Letter], asked: Namespace) -> Outcome:
    if wanted:
        confirm(f"Drop {len(wanted)} dead letters", word="drop", asked=asked)
    for letter in wanted:
        letters.settle(letter)
    return Outcome({"dropped": len(wanted)})
