"""The `omi` command from PyPI walks through its verbs."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.models.api_key import Scope
from tests.support.client_venvs import installed
from tests.support.cloud import RunningCloud

pytestmark = pytest.mark.long

EVERYTHING = [scope.value for scope in Scope]
NOT_FOUND = 5
REFUSED = 2


class Omi:
    """The command, in a home of its own."""

    def __init__(self, home: Path, *, url: str, key: str) -> None:
        self._binary = installed("omi-cli") / "omi"
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "OMI_API_BASE": url,
            "OMI_API_KEY": key,
            "NO_COLOR": "1",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a verb."""
        return subprocess.run(  # noqa: S603 - the command under test
            [str(self._binary), "--json", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def ask(self, *arguments: str) -> Any:
        """Run a verb that must succeed; its JSON."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture
def omi(cloud: RunningCloud, app: httpx.Client, tmp_path: Path) -> Omi:
    key = app.post("/v1/dev/keys", json={"name": "omi-cli", "scopes": EVERYTHING}).json()["key"]
    return Omi(tmp_path, url=cloud.url, key=key)


def test_it_signs_in_with_a_key_and_says_whose_it_is(omi: Omi, app: httpx.Client) -> None:
    key = app.post("/v1/dev/keys", json={"name": "profile"}).json()["key"]
    done = omi.run("auth", "login", "--api-key", key)
    assert done.returncode == 0, done.stderr
    assert omi.ask("auth", "whoami")
    assert omi.ask("auth", "status")


def test_without_a_valid_key_every_verb_says_so(cloud: RunningCloud, tmp_path: Path) -> None:
    stranger = Omi(tmp_path, url=cloud.url, key="omi_dev_0123456789abcdef0123456789abcdef")
    for verb in ("memory", "conversation", "action-item", "goal"):
        done = stranger.run(verb, "list")
        assert done.returncode == REFUSED, f"{verb}: {done.stdout}{done.stderr}"
        assert "The key is not valid" in done.stderr


def test_memories(omi: Omi) -> None:
    assert omi.ask("memory", "list") == []
    made = omi.ask("memory", "create", "Plays the cello", "--category", "hobbies", "--tag", "music", "--tag", "cello")
    assert (made["content"], made["category"], made["tags"]) == ("Plays the cello", "hobbies", ["music", "cello"])
    other = omi.ask("memory", "create", "Works at the harbour", "--category", "work", "--visibility", "public")
    assert {memory["id"] for memory in omi.ask("memory", "list")} == {made["id"], other["id"]}
    assert [memory["id"] for memory in omi.ask("memory", "list", "--categories", "work")] == [other["id"]]
    assert omi.ask("memory", "get", made["id"])["content"] == "Plays the cello"
    assert omi.ask("memory", "update", made["id"], "--content", "Plays the viola")["content"] == "Plays the viola"
    assert omi.run("memory", "delete", made["id"], "-y").returncode == 0
    assert omi.run("memory", "get", made["id"]).returncode == NOT_FOUND
    assert omi.run("memory", "delete", made["id"], "-y").returncode == NOT_FOUND


def test_a_memory_is_found_on_any_page(omi: Omi, app: httpx.Client) -> None:
    memories = [{"content": f"Fact number {number}", "category": "interesting"} for number in range(230)]
    for at in range(0, 230, 100):
        assert app.post("/v3/memories/batch", json={"memories": memories[at : at + 100]}).status_code == 200
    listed = omi.ask("memory", "list", "--limit", "200")
    assert len(listed) == 200
    last = omi.ask("memory", "list", "--limit", "30", "--offset", "200")[-1]
    assert omi.ask("memory", "get", last["id"]) == last


def test_conversations_from_text_come_back_structured(omi: Omi) -> None:
    text = "Anna will send the offer to the bakery by Friday. We agreed to open the shop in May and to hire two bakers."
    made = omi.ask("conversation", "create", "--text", text, "--text-source", "message", "--started-at", "2026-05-04")
    assert (made["status"], made["discarded"]) == ("completed", False)
    got = omi.ask("conversation", "get", made["id"], "--include-transcript")
    assert got["structured"]["title"]
    assert got["started_at"].startswith("2026-05-04T00:00:00")
    assert "bakery" in " ".join(segment["text"] for segment in got["transcript_segments"])
    [listed] = omi.ask("conversation", "list")
    assert listed["id"] == made["id"]
    assert not listed.get("transcript_segments")
    assert omi.ask("conversation", "update", made["id"], "--title", "The shop")["structured"]["title"] == "The shop"
    assert omi.run("conversation", "delete", made["id"], "-y").returncode == 0
    assert omi.run("conversation", "get", made["id"]).returncode == NOT_FOUND


def test_conversations_from_segments_keep_who_said_what(omi: Omi, tmp_path: Path) -> None:
    segments = [
        {"text": "Did you book the train to Berlin?", "speaker": "SPEAKER_00", "is_user": True, "start": 0, "end": 2.5},
        {"text": "Not yet, I will do it tonight.", "speaker": "SPEAKER_01", "is_user": False, "start": 3, "end": 5},
    ]
    file = tmp_path / "segments.json"
    file.write_text(json.dumps(segments))
    made = omi.ask("conversation", "from-segments", str(file), "--source", "phone")
    got = omi.ask("conversation", "get", made["id"], "--include-transcript")
    kept = [(segment["text"], segment["speaker_id"]) for segment in got["transcript_segments"]]
    assert kept == [(segment["text"], number) for number, segment in enumerate(segments)]
    assert got["source"] == "phone"
    assert all(segment["speaker_name"] for segment in got["transcript_segments"])


def test_action_items(omi: Omi) -> None:
    made = omi.ask("action-item", "create", "Call the plumber", "--due-at", "2026-12-01T09:00:00")
    assert made["due_at"].startswith("2026-12-01T09:00:00")
    assert [item["id"] for item in omi.ask("action-item", "list")] == [made["id"]]
    assert omi.ask("action-item", "get", made["id"])["description"] == "Call the plumber"
    updated = omi.ask("action-item", "update", made["id"], "--description", "Call the plumber again")
    assert updated["description"] == "Call the plumber again"
    assert omi.ask("action-item", "complete", made["id"])["completed"] is True
    assert omi.run("action-item", "delete", made["id"], "-y").returncode == 0
    assert omi.run("action-item", "get", made["id"]).returncode == NOT_FOUND


def test_goals(omi: Omi) -> None:
    options = ("--target", "42.2", "--type", "numeric", "--max", "50", "--unit", "km")
    made = omi.ask("goal", "create", "Run a marathon", *options)
    assert (made["target_value"], made["unit"]) == (42.2, "km")
    assert [goal["id"] for goal in omi.ask("goal", "list")] == [made["id"]]
    assert omi.ask("goal", "progress", made["id"], "10.5")["current_value"] == 10.5
    assert omi.ask("goal", "history", made["id"])
    assert omi.ask("goal", "update", made["id"], "--title", "Run two")["title"] == "Run two"
    assert omi.ask("goal", "get", made["id"])["title"] == "Run two"
    assert omi.run("goal", "delete", made["id"], "-y").returncode == 0
    assert omi.run("goal", "get", made["id"]).returncode == NOT_FOUND


def test_a_key_that_only_reads_cannot_write_and_a_revoked_one_does_nothing(
    cloud: RunningCloud, app: httpx.Client, tmp_path: Path
) -> None:
    key = app.post("/v1/dev/keys", json={"name": "reader"}).json()
    reader = Omi(tmp_path, url=cloud.url, key=key["key"])
    assert reader.ask("memory", "list") == []
    assert reader.run("memory", "create", "Anything").returncode == REFUSED
    app.delete(f"/v1/dev/keys/{key['id']}")
    assert reader.run("memory", "list").returncode == REFUSED
