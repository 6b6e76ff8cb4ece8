"""What checkov finds in terraform/: nothing, but what has its reason beside it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.manifest import ROOT

pytestmark = pytest.mark.long

# The first run installs it.
_WITHIN_S = 600.0
_SHORTEST_REASON = 9
_WIDE_OPEN = """
resource "google_storage_bucket" "open" {
  name                        = "open"
  location                    = "us-central1"
  uniform_bucket_level_access = false
}
"""


def checkov(folder: Path) -> dict[str, Any]:
    """What it says of a folder; skips the test where it cannot be had."""
    done = subprocess.run(  # noqa: S603 - our own script
        [str(ROOT / "tools" / "checkov.sh"), "-d", str(folder), "--framework", "terraform", "-o", "json"],
        check=False,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
    )
    if done.stdout.startswith("checkov: skipped"):
        pytest.skip(done.stdout.strip())
    assert done.returncode in {0, 1}, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_everything_it_finds_was_mended_or_has_its_reason() -> None:
    said = checkov(ROOT / "terraform")

    found = [f"{each['check_id']} {each['resource']}" for each in said["results"]["failed_checks"]]
    assert not found
    assert said["summary"]["parsing_errors"] == 0
    skipped = said["results"]["skipped_checks"]
    assert skipped, "reasons are read"
    unexplained = [each for each in skipped if len(each["check_result"]["suppress_comment"]) < _SHORTEST_REASON]
    assert not unexplained


def test_it_sees_what_is_wide_open(tmp_path: Path) -> None:
    folder = tmp_path / "terraform"
    shutil.copytree(ROOT / "terraform", folder, ignore=shutil.ignore_patterns(".terraform*"))
    with (folder / "main.tf").open("a") as file:
        file.write(_WIDE_OPEN)

    said = checkov(folder)

    assert {"CKV_GCP_29", "CKV_GCP_114"} <= {each["check_id"] for each in said["results"]["failed_checks"]}
