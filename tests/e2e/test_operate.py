"""Administrators look after a running cloud with the command, as its user would run it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import Any

import pytest

from common.models.conversation import ConversationStatus
from local.manifest import ROOT
from tests.e2e.conftest import StartCloud
from tests.support.cloud import RunningCloud
from tests.support.guide import shown
from tests.support.making import a_conversation, a_segment
from tests.support.waiting import eventually

pytestmark = pytest.mark.long


def _operate(cloud: RunningCloud, *words: str) -> tuple[int, dict[str, Any]]:
    ran = _run(cloud, "--json", *words)
    return ran.returncode, json.loads(ran.stdout or "{}")


def _run(cloud: RunningCloud, *words: str) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "operate", "--environment", str(cloud.data / "environment.json"), *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ran.stderr
    return ran


def test_nothing_is_wrong_with_a_cloud_that_has_just_been_started(cloud: RunningCloud) -> None:
    code, told = _operate(cloud, "doctor")
    assert (code, [row for row in told["rows"] if row["state"] == "wrong"]) == (0, [])


def test_what_the_guide_shows_is_what_is_printed(start_cloud: StartCloud) -> None:
    cloud = start_cloud()
    told = shown(ROOT / "docs" / "operate.md")
    assert len(told) > 5
    for command in told:
        words = shlex.split(command.text)
        assert words[:3] == ["python", "-m", "operate"]
        if words[3:] == ["user", "show", "alice"]:  # who has done something since
            cloud.inside.upload("alice", "noise.mp3", b"this is no audio at all" * 100)
            eventually(lambda: _operate(cloud, "dead-letters", "list")[1]["rows"], within_s=30, what="a dead letter")
        ran = _run(cloud, *words[3:])
        assert command.differs(ran.stdout) is None, f"{command.text}\n{ran.stdout}{ran.stderr}"


def test_what_was_given_up_waits_until_somebody_has_looked(cloud: RunningCloud) -> None:
    cloud.inside.upload("operated", "noise.mp3", b"this is no audio at all" * 100)

    def waiting() -> list[dict[str, Any]]:
        return list(_operate(cloud, "dead-letters", "list", "--user", "operated")[1]["rows"])

    eventually(waiting, within_s=30, what="a dead letter")
    [letter] = waiting()
    assert letter["id"].startswith("dead-letter:transcribe_upload:")
    code, told = _operate(cloud, "dead-letters", "replay", letter["id"])
    assert (code, told["cannot be replayed"]) == (1, 1)
    assert _operate(cloud, "dead-letters", "drop", letter["id"], "--yes") == (0, {"dropped": 1})
    assert waiting() == []


def test_a_conversation_that_failed_for_good_is_finished_by_the_functions(cloud: RunningCloud) -> None:
    said = [a_segment("I have to buy green apples at the market tomorrow morning.", 0, 8, is_user=True)]
    failure = {"step": "structure_conversation", "reason": "it was too much", "retries": 5}
    failed = a_conversation(id="c-failed", status="failed", run=1, failure=failure, transcript_segments=said)
    place = cloud.inside.firestore.document("users/operated/conversations/c-failed")
    place.set({**failed.to_firestore(), "updated_at": failed.created_at})
    listed = [row["conversation_id"] for row in _operate(cloud, "stuck", "list")[1]["rows"]]
    assert "c-failed" in listed
    assert _operate(cloud, "stuck", "finish", "operated", "c-failed")[1]["moved"] == 1

    def completed() -> bool:
        found = cloud.inside.conversation("operated", "c-failed") or {}
        return bool(found.get("status") == ConversationStatus.COMPLETED.value and found.get("run") == 2)

    eventually(completed, within_s=30, what="its completion")
