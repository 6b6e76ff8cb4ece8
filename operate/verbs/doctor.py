"""`operate doctor`: looks at everything, changes nothing, and names the command that mends what is wrong."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from common.core.errors import EarshotError
from operate.checks import of_settings, of_sign_in, of_stores
from operate.checks.finding import Finding, State, wrong
from operate.outcome import DONE, LEFT, Outcome

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator

_AT_ONCE = 8


def declare(_: ArgumentParser) -> None:
    """It takes no arguments of its own."""


def run(_: Namespace) -> Outcome:
    """Do it."""
    findings = [of_sign_in.credentials(), *of_settings.check()]
    if findings[0].state is State.OK:
        findings += _stores()
    counts = Counter(finding.state.value for finding in findings)
    findings.sort(key=lambda finding: list(State).index(finding.state))
    return Outcome(
        {state.value: counts[state.value] for state in State},
        rows=[asdict(finding) for finding in findings],
        lines=[line for finding in findings for line in _lines(finding)],
        code=LEFT if counts[State.WRONG.value] else DONE,
    )


def _lines(finding: Finding) -> Iterator[str]:
    says = f": {finding.says}" if finding.says else ""
    yield f"{finding.state.value:5}  {finding.what}{says}"
    if finding.mend:
        yield f"       {finding.mend}"


def _stores() -> list[Finding]:
    of_stores.open_clients()
    looks = [partial(_asked, what, ask) for what, ask in of_stores.checks().items()]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda look: look(), [of_sign_in.token_keys, *looks]))


def _asked(what: str, ask: Callable[[], Finding]) -> Finding:
    try:
        return ask()
    except EarshotError as error:
        return wrong(what, str(error), of_stores.mend(what))
    except Exception as error:  # noqa: BLE001 - whatever a library raises, this store does not do its work
        return wrong(what, type(error).__name__, of_stores.mend(what))
