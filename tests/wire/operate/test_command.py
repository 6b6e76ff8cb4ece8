"""The command as a user runs it: a process, its exit codes, what it prints where."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from common.database import users
from local.manifest import ROOT
from operate.command import VERBS
from tests.support.stores import Stores, free_port
from tests.wire.operate.conftest import Operate


def _run(*words: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "operate", *words],
        cwd=ROOT,
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_user_and_a_key_are_made_in_the_cloud_that_a_file_names(stores: Stores, uid: str, tmp_path: Path) -> None:
    file = tmp_path / "environment.json"
    file.write_text(json.dumps({**stores.environment, "EARSHOT_URL": "http://127.0.0.1:1"}))
    made = _run("--environment", str(file), "user", "create", uid, "--name", "Ada", environment={})
    assert (made.returncode, made.stdout) == (0, f"uid: {uid}\ncreated: yes\nset: name\n")
    assert made.stderr.startswith("in earshot-local (the local cloud, Firestore at 127.0.0.1:")
    assert users.find(uid=uid).name == "Ada"
    key = _run("key", "create", uid, "--name", "laptop", "--json", environment=stores.environment)
    assert key.returncode == 0
    assert json.loads(key.stdout)["key"].startswith("omi_dev_")
    assert "omi_dev_" not in key.stderr


def test_who_changes_their_mind_while_it_loads_reads_no_traceback(stores: Stores) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "operate", "user", "list"]
    with subprocess.Popen(  # noqa: S603 - our own
        command,
        cwd=ROOT,
        env={**os.environ, **stores.environment},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as loading:
        assert loading.stderr is not None
        while "pydantic" not in loading.stderr.readline():  # one of many
            assert loading.poll() is None
        loading.send_signal(signal.SIGINT)
        said, complained = loading.communicate(timeout=20)
    assert (loading.returncode, said) == (-signal.SIGINT, "")
    assert "Traceback" not in complained


def test_a_store_that_is_down_is_said_at_once(stores: Stores) -> None:
    down = {**stores.environment, "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{free_port()}"}
    ran = _run("user", "list", environment=down)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "error: Firestore: ServiceUnavailable; doctor may know why" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_doctor_names_every_store_that_is_down(stores: Stores) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    down = {
        **stores.environment,
        "FIRESTORE_EMULATOR_HOST": nowhere,
        "PUBSUB_EMULATOR_HOST": nowhere,
        "TASKS_ENDPOINT": nowhere,
        "STORAGE_EMULATOR_HOST": f"http://{nowhere}",
        "PINECONE_HOST": f"http://{nowhere}/dense",
        "REDIS_URL": f"redis://{nowhere}/0",
    }
    ran = _run("doctor", "--json", environment=down)
    assert ran.returncode == 1
    states = {row["what"]: row["state"] for row in json.loads(ran.stdout)["rows"]}
    stopped = {"Firestore", "Firestore's indexes", "bucket media", "topic dead-letter", "dead letters"}
    assert {what for what in stopped if states[what] != "wrong"} == set()
    assert {states[what] for what in ("queue webhooks", "Pinecone, dense", "Redis")} == {"wrong"}
    assert states["Pinecone, sparse"] == "ok"


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (["user", "list"], {}),
        (["--environment", "/nowhere.json", "doctor"], {}),
        (["--environment", __file__, "doctor"], {}),
    ],
)
def test_nothing_is_done_where_no_project_is_named(words: list[str], environment: dict[str, str]) -> None:
    ran = _run(*words, environment=environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: ")


def test_a_setting_that_makes_no_sense_is_named() -> None:
    ran = _run("doctor", environment={"GOOGLE_CLOUD_PROJECT": "a-project", "REDACT": "apps,everybody"})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: REDACT: ")
    assert "everybody" not in ran.stderr


@pytest.mark.parametrize("words", [[], ["dance"], ["user"], ["user", "dance"], ["reindex", "--parallel", "99"]])
def test_what_is_no_command_is_wrong_usage(operate: Operate, words: list[str]) -> None:
    assert operate(*words).code == 2


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_what_it_does(operate: Operate, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert operate(verb, "--help").code == 0
    assert capsys.readouterr().out == ""


def test_an_error_that_nobody_expected_is_told_without_its_words(
    operate: Operate, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: str) -> None:
        raise ValueError("marmalade")

    users.change(uid=uid, name="Ada")
    monkeypatch.setattr("operate.verbs.user.users.find", fail)
    ran = operate("user", "show", uid)
    assert ran.code == 1
    assert "error: ValueError at test_command.py" in ran.complained
    assert "marmalade" not in ran.complained
