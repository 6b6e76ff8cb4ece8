"""What a library says on its own stands in the log as a line like any other, without the words it quotes."""

import json
import subprocess
import sys

import pytest

from local.manifest import ROOT

WORDS = "words that somebody has said"
SET_UP = """
import gc, logging, sys, threading, warnings
from common.core.logs import configure
theirs = logging.getLogger("a.server")
theirs.addHandler(logging.StreamHandler())
theirs.propagate = False
logging.basicConfig(stream=sys.stderr)
configure()
words = "words that somebody has said"
def fails():
    raise ValueError(words)
"""
COMPLAINTS = {
    "a server tells of an error": """
try:
    fails()
except ValueError:
    theirs.exception(f"while answering {words}")
""",
    "a library warns with its arguments": "logging.getLogger('a.library').warning('odd value %s', words)",
    "a serializer warns": "warnings.warn(words, UserWarning)",
    "a thread dies": "thread = threading.Thread(target=fails); thread.start(); thread.join()",
    "what is thrown away fails": """
class Thrown:
    def __del__(self):
        fails()
Thrown()
""",
    "nobody waits for a task": """
import asyncio
async def work():
    fails()
async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    del task
    gc.collect()
asyncio.run(main())
""",
}


def said(code: str) -> tuple[str, str]:
    """What a process prints and complains."""
    ended = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", SET_UP + code], check=True, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    return ended.stdout, ended.stderr


@pytest.mark.parametrize("code", COMPLAINTS.values(), ids=COMPLAINTS.keys())
def test_a_complaint_is_one_line_that_says_where_and_quotes_nothing(code: str) -> None:
    printed, complained = said(code)
    assert WORDS not in printed + complained
    assert complained == ""
    [line] = [json.loads(line) for line in printed.splitlines()]
    assert line["severity"] in {"WARNING", "ERROR"}
    assert "said_at" in line or line["error"] == "ValueError"


def test_an_error_in_a_complaint_is_told_by_its_kind_and_place() -> None:
    [line] = said(COMPLAINTS["a server tells of an error"])[0].splitlines()
    told = json.loads(line)
    assert (told["message"], told["library"], told["error"]) == ("library_complained", "a.server", "ValueError")
    assert told["at"][-1].endswith(" fails")


def test_what_is_no_complaint_is_not_logged() -> None:
    assert said("logging.getLogger('a.library').info(words); theirs.info(words)") == ("", "")
