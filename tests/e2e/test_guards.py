"""The tests of the promises prove something: with a guard taken out of the code, its test fails."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.manifest import ROOT


@dataclass(frozen=True)
class Guard:
    """A rule, where the code keeps it, and what the code would be without it: (present, absent) pairs."""

    name: str
    file: str
    changes: tuple[tuple[str, str], ...]


GUARDS = [
    Guard(
        "run",
        "common/entry/triggers.py",
        (("run=entered.run,", "run=0,"),),
    ),
    Guard(
        "claim",
        "common/database/claims.py",
        (("if before is not None and before.leased:", "if False:"),),
    ),
    Guard(
        "lease",
        "common/database/claims.py",
        (("RUNNING and clock.now() < expires", "RUNNING and expires is not None"),),
    ),
    Guard(
        "token",
        "common/database/claims.py",
        (
            (
                "if ours is None or ours.state is not ClaimState.RUNNING:",
                "if before is None:",
            ),
        ),
    ),
    Guard(
        "done_after_publish",
        "common/entry/steps.py",
        (
            (
                "            result = work()\n",
                '            claims.finish(claim, result="early")\n            result = work()\n',
            ),
        ),
    ),
    Guard(
        "park",
        "common/entry/steps.py",
        (
            ("if error.retryable and _again(step, claim, str(error), give_up):", "if error.retryable:"),
            ("if _deadly(step, claim):", "if False:"),
        ),
    ),
    Guard(
        "bounded_wait",
        "common/conversations/draining.py",
        (("} - gone", "}"), ("if not bringing or deadline.passed:", "if not bringing:")),
    ),
    Guard(
        "re_read",
        "common/conversations/index.py",
        (
            (
                "load=partial(_load, conversation_id, uid=uid)",
                "load=lambda: _TOLD.setdefault(uid, _load(conversation_id, uid=uid))",
            ),
        ),
    ),
]
_ADDITIONS = {"re_read": "\n\n_TOLD: dict = {}\n"}


def without(guard: Guard, source: str) -> str:
    """A module's source with its guard taken out."""
    for present, absent in guard.changes:
        assert source.count(present) == 1, "the guard is not where this test looks for it"
        source = source.replace(present, absent)
    return source + _ADDITIONS.get(guard.name, "")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_it_is_where_it_is_looked_for(guard: Guard) -> None:
    without(guard, (ROOT / guard.file).read_text())


@pytest.mark.long
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_without_its_guard_a_promise_is_broken(guard: Guard, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)  # noqa: S607 - wherever it is
    for name in filter(None, files.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tree / name)
    (tree / ".cache").symlink_to(ROOT / ".cache")
    source = (tree / guard.file).read_text()
    (tree / guard.file).write_text(without(guard, source))

    command = [sys.executable, "-m", "pytest", "-q", "-x", "-k", f"test_{guard.name}_", "tests/e2e/test_promises.py"]
    outcome = subprocess.run(  # noqa: S603 - our own tests
        command, cwd=tree, capture_output=True, text=True, timeout=300, check=False
    )
    assert outcome.returncode == 1, f"still green without it:\n{outcome.stdout[-2000:]}"
    assert "1 failed" in outcome.stdout, outcome.stdout[-2000:]
