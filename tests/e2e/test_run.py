"""`python -m local run`, which is what `make run` does."""

import json
import os
import signal
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import psutil
import pytest

from common.speech.files import decode_file
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE
from local.demo.report import MOST_WER
from local.demo.script import RECORDING, read_script
from local.manifest import ROOT

_RUN = [sys.executable, "-m", "local", "run"]
_EXCERPT_S = 14
_EXCERPT_TURNS = 3


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """What the demo takes for the machine's folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def excerpt(tmp_path: Path) -> Path:
    """The first turns of the bundled recording as a wav file, with their text beside it."""
    path = tmp_path / "excerpt.wav"
    with RECORDING.open("rb") as file:
        pcm = b"".join(decode_file(file))[: _EXCERPT_S * BYTES_PER_SECOND]
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(pcm)
    path.with_suffix(".txt").write_text("\n".join(turn.text for turn in read_script()[:_EXCERPT_TURNS]))
    return path


def run(*arguments: str, temporary: Path, within_s: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [*_RUN, *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


def read(finished: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object that is all of standard output."""
    report: dict[str, Any] = json.loads(finished.stdout)
    return report


@pytest.mark.long
def test_a_recording_of_ones_own_is_heard_structured_and_found(excerpt: Path, temporary: Path) -> None:
    finished = run("--audio", str(excerpt), "--speed", "4", "--json", temporary=temporary, within_s=180)
    assert finished.returncode == 0, finished.stderr
    report = read(finished)
    assert report["ok"] is True
    assert report["problems"] == []
    assert report["seconds"] == pytest.approx(_EXCERPT_S, abs=0.1)
    assert report["packets"] == round(report["seconds"] / 0.02)
    assert len(report["captions"]) >= _EXCERPT_TURNS
    assert all(caption["at_s"] > caption["end"] / 4 for caption in report["captions"]), "heard before it was said"
    assert report["stored_until_s"] == pytest.approx(_EXCERPT_S, abs=0.1)
    assert report["conversation"]["status"] == "completed"
    assert report["conversation"]["structured"]["title"] == report["search"]["question"]
    assert report["search"]["place"] >= 1
    assert report["wer"] <= MOST_WER
    assert report["upload"] is None
    assert report["timing_s"]["stream"] == pytest.approx(_EXCERPT_S / 4, rel=0.5)
    assert list(temporary.glob("earshot-*")) == [], "the data folder is left behind"


@pytest.mark.long
def test_a_recording_without_a_word_ends_with_one_clear_line(tmp_path: Path, temporary: Path) -> None:
    silence = tmp_path / "silence.wav"
    with wave.open(str(silence), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(bytes(2 * BYTES_PER_SECOND))
    finished = run("--audio", str(silence), "--speed", "10", temporary=temporary, within_s=120)
    assert finished.returncode == 1
    assert finished.stderr.splitlines() == [
        f"make run: {silence}: no word was recognised in it, so there is no conversation"
    ]
    assert list(temporary.glob("earshot-*")) == []


def test_what_cannot_be_streamed_is_told_at_once(tmp_path: Path, temporary: Path) -> None:
    missing = tmp_path / "missing.wav"
    finished = run("--audio", str(missing), "--json", temporary=temporary, within_s=30)
    assert finished.returncode == 1
    assert finished.stderr == f"make run: {missing}: No such file or directory\n"
    assert read(finished) == {"ok": False, "problems": [f"{missing}: No such file or directory"]}


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "fast"])
def test_a_speed_that_is_none_is_a_usage_error(speed: str, temporary: Path) -> None:
    finished = run(f"--speed={speed}", temporary=temporary, within_s=30)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "is no speed" in finished.stderr


@pytest.mark.long
def test_the_bundled_recording_becomes_a_conversation_live_and_as_a_file(temporary: Path) -> None:
    finished = run("--json", "--speed", "4", temporary=temporary, within_s=300)
    assert finished.returncode == 0, finished.stderr
    report = read(finished)
    assert report["wer"] <= MOST_WER
    assert report["upload"]["status"] == "completed"
    assert report["upload"]["wer"] <= MOST_WER
    assert report["upload"]["conversation_id"] != report["conversation"]["id"]
    structured = report["conversation"]["structured"]
    assert structured["title"]
    assert structured["overview"]
    assert any(item["due_at"] for item in structured["action_items"])
    assert report["search"]["place"] == 1, "other conversations are nearer to the question"
    assert report["search"]["hits"] == 1 + report["others"]


@pytest.mark.long
def test_interrupted_it_stops_everything_and_leaves_nothing_behind(excerpt: Path, temporary: Path) -> None:
    demo = subprocess.Popen(  # noqa: S603 - our own program
        [*_RUN, "--audio", str(excerpt), "--speed", "1"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "/v4/listen" in line:
                break
        family = psutil.Process(demo.pid).children(recursive=True)
        assert family
        os.killpg(demo.pid, signal.SIGINT)  # as a terminal does it
        _, errors = demo.communicate(timeout=60)
        assert demo.returncode == 130, errors
        assert errors == "interrupted; everything is stopped\n"
        _, alive = psutil.wait_procs(family, timeout=5)
        assert not alive
        assert list(temporary.glob("earshot-*")) == []
    finally:
        demo.kill()
        demo.wait()
