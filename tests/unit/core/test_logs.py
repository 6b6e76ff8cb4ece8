"""A log line is one JSON object that Cloud Logging understands."""

import json
from contextlib import suppress
from pathlib import Path

import pytest

from common.core import logs
from common.core.logs import configure, get_logger
from tests.support.logged import captured


def test_a_line_says_what_happened_how_bad_it_is_and_when() -> None:
    with captured() as lines:
        logs.bind()
        get_logger().info("heard", words=3)
        get_logger().warning("lost")
        get_logger().error("failed", at=["a.py:1 f"])
    assert [(line["severity"], line["message"]) for line in lines] == [
        ("INFO", "heard"),
        ("WARNING", "lost"),
        ("ERROR", "failed"),
    ]
    assert lines[0]["words"] == 3
    assert all(line["time"].endswith("Z") for line in lines)


def test_what_is_bound_stands_in_every_line_until_something_else_is_bound() -> None:
    with captured() as lines:
        logs.bind(uid="u1", step="listen", run=None)
        get_logger().info("heard")
        get_logger().info("heard", step="other")
        logs.bind(step="chat")
        get_logger().info("asked")
    heard, other, asked = lines
    assert heard["step"] == "listen"
    assert "run" not in heard
    assert "u1" not in json.dumps(lines), "the user only as a hash"
    assert (other["step"], other["user"]) == ("other", heard["user"])
    assert (asked["step"], "user" in asked) == ("chat", False)


def test_what_is_no_json_is_told_by_how_it_looks() -> None:
    with captured() as lines:
        get_logger().info("odd", kind=frozenset({1}))
    assert lines[0]["kind"] == "frozenset({1})"


def test_a_line_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger().info("heard")
    assert json.loads(capsys.readouterr().out)["message"] == "heard"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this machine has no file that is always full")
def test_what_a_line_is_about_goes_on_where_the_disk_is_full() -> None:
    full = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 - closing it fails
    configure(full)
    try:
        for _ in range(1000):
            get_logger().info("something_happened", step="x" * 100)
    finally:
        configure()
        with suppress(OSError):
            full.close()
