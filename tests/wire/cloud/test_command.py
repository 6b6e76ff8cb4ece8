"""`python -m local` on machines that are not as it wishes: one line that says what is wrong, and no traceback."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import jwt
import pytest

from local import environment
from local.identity import Identity
from local.manifest import ROOT
from local.process import ReadyProcess
from tests.support.full_disk import full_disk
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path


def local(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "local", *words],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def told(ran: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """Its exit code and the last line that it complained in."""
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    return ran.returncode, ran.stderr.strip().splitlines()[-1]


def test_a_data_folder_that_cannot_be_made_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    code, line = told(local("serve", "--port", "0", "--data", str(tmp_path / "file" / "data")))
    assert (code, line.startswith("cannot "), str(tmp_path) in line) == (1, True, True)


def test_a_data_folder_of_something_else_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "cloud.db").write_text("this is no database, and long enough to be looked at as one" * 10)
    code, line = told(local("serve", "--port", "0", "--data", str(tmp_path)))
    damaged = f"{tmp_path / 'cloud.db'} is damaged (file is not a database)"
    way_out = "move the folder away, or use another one: make serve DATA=…"
    assert (code, line) == (1, f"cannot start: {damaged}; {way_out}")


def test_what_is_damaged_in_the_data_folder_is_named_with_what_helps(tmp_path: Path) -> None:
    for name in ("identity.pem", "environment.json"):
        (tmp_path / name).write_bytes(b"\x8f\x00 no text at all")
    for words in (("serve", "--port", "0"), ("token", "alice"), ("env",)):
        code, line = told(local(*words, "--data", str(tmp_path)))
        named = "environment.json" if words[0] == "env" else "identity.pem"
        assert (code, line.startswith("cannot "), str(tmp_path / named) in line) == (1, True, True)
    (tmp_path / "environment.json").write_text('{"EARSHOT_URL": "http://127')
    assert told(local("env", "--data", str(tmp_path)))[0] == 1


def test_who_changes_their_mind_while_it_loads_does_not_wait_and_reads_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "local", "serve", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(  # noqa: S603 - our own
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as loading:
        assert loading.stderr is not None
        while "httpx" not in loading.stderr.readline():  # one of many that the cloud needs, and its command does not
            assert loading.poll() is None
        loading.send_signal(signal.SIGINT)
        said, complained = loading.communicate(timeout=20)
    assert (loading.returncode, said) == (-signal.SIGINT, "")
    assert "Traceback" not in complained


def test_a_disk_that_is_full_is_told_in_a_line(tmp_path: Path) -> None:
    with full_disk(largest_file=64 * 1024):
        code, line = told(local("serve", "--port", "0", "--data", str(tmp_path)))
    assert (code, line) == (1, f"cannot start: {tmp_path / 'cloud.db'}: disk I/O error; is its disk full?")
    running = ReadyProcess("local", ["serve", "--port", "0", "--data", str(tmp_path)])
    assert running.stop() == 0


def test_a_port_that_is_taken_is_named_with_what_helps(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = told(local("serve", "--port", str(port), "--data", str(tmp_path)))
    assert (code, line) == (1, f"cannot start: port {port} is in use; another one: make serve PORT={port + 1}")


def test_who_stops_it_is_told_that_it_stops(tmp_path: Path) -> None:
    said = tmp_path / "said"
    running = ReadyProcess("local", ["serve", "--port", "0", "--data", str(tmp_path / "data")], errors=said)
    eventually(lambda: "Ctrl-C stops" in said.read_text(), within_s=10, what="how to stop it")
    assert running.stop() == 0
    assert said.read_text().splitlines()[-1].startswith("stopping: ")


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_port_that_is_none_is_wrong_usage(port: str, tmp_path: Path) -> None:
    code, line = told(local("serve", f"--port={port}", "--data", str(tmp_path)))
    assert (code, f"{port} is no port" in line) == (2, True)


@pytest.mark.parametrize("uid", ["", "a/b", "..", "x" * 129])
def test_nobody_is_given_a_token_that_would_be_refused(uid: str, tmp_path: Path) -> None:
    code, line = told(local("token", uid, "--data", str(tmp_path)))
    assert (code, line.endswith("no user can have this id")) == (2, True)


@pytest.mark.parametrize("words", [("token", "alice"), ("env",)])
def test_a_folder_on_which_no_cloud_has_run_is_named_and_not_made(words: tuple[str, ...], tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    code, line = told(local(*words, "--data", str(nowhere)))
    assert (code, line) == (1, f"no local cloud has run on {nowhere}; start one with `make serve`")
    assert not nowhere.exists()


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    code, line = told(local("serve", "--port", "0", "--data", str(tmp_path), LANGUAGE_MODEL="oracle"))
    assert (code, line.startswith("cannot start: LANGUAGE_MODEL: ")) == (1, True)


def test_anybody_else_is_given_one(tmp_path: Path) -> None:
    Identity(tmp_path, project=environment.PROJECT)
    ran = local("token", "alice", "--data", str(tmp_path))
    assert jwt.decode(ran.stdout.strip(), options={"verify_signature": False})["sub"] == "alice"


def test_a_shell_that_looked_into_a_cloud_that_is_gone_starts_a_whole_one(tmp_path: Path) -> None:
    gone = {"REDIS_URL": "redis://127.0.0.1:1/0", "EARSHOT_URL": "http://127.0.0.1:2"}
    process = ReadyProcess("local", ["serve", "--port", "0", "--data", str(tmp_path)], environment=gone)
    try:
        assert environment.read(tmp_path)["REDIS_URL"] not in {"", gone["REDIS_URL"]}
    finally:
        process.stop()


def test_who_starts_it_is_told_what_to_do_next(tmp_path: Path) -> None:
    data, errors = tmp_path / "my data", tmp_path / "errors"
    process = ReadyProcess("local", ["serve", "--port", "0", "--data", str(data)], errors=errors)
    try:
        eventually(lambda: "Ctrl-C" in errors.read_text(), within_s=10, what="what to do next")
        browser, token, kept = errors.read_text().splitlines()[-3:]
        assert browser == f"in a browser: {process.url}/docs"
        assert str(data) in kept
        command = shlex.split(token.partition(": ")[2])
        ran = local(*command[3:])
        assert (command[:3], command[3]) == ([".venv/bin/python", "-m", "local"], "token")
        answer = httpx.get(f"{process.url}/v1/conversations", headers={"Authorization": f"Bearer {ran.stdout.strip()}"})
        assert answer.json() == []
    finally:
        process.stop()


def test_a_redis_of_ones_own_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EARSHOT_URL", raising=False)
    for chosen in ("redis://127.0.0.1:6379/0", ""):
        monkeypatch.setenv("REDIS_URL", chosen)
        assert environment.redis_of_ones_own() == chosen
    monkeypatch.delenv("REDIS_URL")
    assert environment.redis_of_ones_own() is None
