"""Whoever follows the guides to the letter gets where they say, as far as there is no cloud.

docs/deploy.md and docs/upgrade.md with Terraform, docs/operate.md and docs/observing.md on the local cloud.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from common.core.settings import Settings
from local.manifest import ROOT
from tests.support.guide import commands

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.cloud import RunningCloud

pytestmark = pytest.mark.long

DEPLOYING, RUNNING = ("deploy", "upgrade"), ("operate", "observing")
GUIDES = DEPLOYING + RUNNING
_WITHIN_S = 400.0
_NUMBER, _REGION = "123456789012", "us-central1"

ELSEWHERE = {
    # What a command is, and why it is not run here. Anything else is run, and has to succeed.
    r"gcloud ": "asks Google",
    r"^tools/images\.sh ": "builds images at Google",
    r"^terraform -chdir=terraform (output|destroy|state) ": "there is no state: nothing was applied",
    r"^terraform .*/prod\.tfvars ": "wants a domain, and a deployment that goes by it",
    r"^terraform .* -var=secrets_as_of=": "there are no instances to start anew",
    r"^git (fetch|switch) |\$\(git ": "would take the checkout to another commit",
    r"^export ID_TOKEN=": "asks Google; a token of the local cloud takes its place",
    r"^export (API|CHAT|LISTEN)=": "held against the plan; the address of the local cloud takes its place",
    r"^export (WEB_API_KEY|PINECONE_API_KEY)=": "stands for what only the reader has",
    r"^(TRACING=otlp )?make serve\b": "stays until it is interrupted; what it calls started these tests' cloud",
    r"^make setup$": "was done for these tests, and would take minutes",
    r"^terraform version$": "is asked for by the fixture, which skips where there is none",
}
_NOT_ELSEWHERE = r"(?!.*(?:/prod\.tfvars| -var=secrets_as_of=))"
STAND_INS = {
    # The same command, led to what there is here: our environment, providers without a cloud, the local cloud.
    r"^terraform -chdir=terraform output -json environment >": "cp .data/environment.json",
    r"^gcloud logging read .* > deleted\.json$": "cat .data/logs/*.log > deleted.json",
    r"^make bundle$": "make --assume-old=.venv/.complete bundle",
    r"^terraform (?P<where>\S+) init -backend-config=\S+$": "terraform \\g<where> init -backend=false -no-color",
    rf"^terraform -chdir=terraform apply {_NOT_ELSEWHERE}(?P<arguments>.*)$": 'applied "$CHECKOUT" \\g<arguments>',
    r"^(?P<smoke>\.venv/bin/python -m tools\.smoke .*)$": "\\g<smoke> --seconds 30 --speed 6",
}
# `apply` with providers that make nothing, and what the guide says of the addresses that come of it.
_APPLY = """
applied() {
  cd "$1/terraform"; shift
  targets=; files=; told=$TOLD
  for argument in "$@"; do
    case $argument in
      -target=*) targets="$targets ${argument#-target=},"; told= ;;
      *) files="$files $argument" ;;
    esac
  done
  cat > tests/walked.tftest.hcl <<END
mock_provider "google" {}
run "walked" {
  command = plan
  plan_options { target = [$targets] }
  assert {
    condition     = try(join(" ", values(output.services)), "") == "$told"
    error_message = "The guide names other addresses than would be deployed."
  }
}
END
  terraform test -no-color -filter=tests/walked.tftest.hcl $files
  cd ..
}
"""


def led(command: str) -> str | None:
    """What is run for a command; None where there is a reason not to."""
    for pattern, stand_in in STAND_INS.items():
        if re.search(pattern, command):
            return re.sub(pattern, stand_in, command)
    return None if any(re.search(pattern, command) for pattern in ELSEWHERE) else command


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The repository, with a copy of what the guides write into; skips the test where Terraform has no providers."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    folder = tmp_path / "checkout"
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name != "terraform":
            (folder / path.name).symlink_to(path)
    hidden = shutil.ignore_patterns(".terraform*", "*.tfvars.json", "my.tfvars")
    shutil.copytree(ROOT / "terraform", folder / "terraform", ignore=hidden)
    asked = ["terraform", f"-chdir={folder / 'terraform'}", "init", "-backend=false", "-input=false", "-no-color"]
    reached = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=_WITHIN_S)  # noqa: S603
    if reached.returncode:
        pytest.skip(f"no source of providers can be reached: {reached.stderr[-300:]}")
    return folder


@pytest.fixture
def running(tmp_path: Path, cloud: RunningCloud) -> Path:
    """The repository, with the data of a local cloud where it lies by itself."""
    for path in ROOT.iterdir():
        if path.name != ".data":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / ".data").symlink_to(cloud.data)
    return tmp_path


def script(guides: Sequence[str]) -> str:
    """Every command of these guides that can be given, in one shell; the same is given once."""
    given: dict[str, str] = {}
    for guide in guides:
        for command in commands(ROOT / "docs" / f"{guide}.md"):
            if (run := led(command.text)) is not None:
                given.setdefault(run, f"echo docs/{guide}.md, line {command.line}, after $SECONDS s >&2\n{run}")
    return "\n".join(["set -eu -o pipefail", _APPLY, *given.values()])


def addresses() -> str:
    """Where the guide says that the services are, in the order of their names."""
    told = [command.text for command in commands(ROOT / "docs" / "deploy.md")]
    named = [each.partition("=")[2] for each in told if re.match(r"export (API|CHAT|LISTEN)=https://", each)]
    return " ".join(sorted(named)).replace("$PROJECT_NUMBER", _NUMBER).replace("$REGION", _REGION)


def walk(checkout: Path, cloud: RunningCloud) -> None:
    """Give them."""
    given = {
        "CHECKOUT": str(checkout),
        "PROJECT": "my-project",
        "REGION": _REGION,
        "PROJECT_NUMBER": _NUMBER,
        "PINECONE_API_KEY": "local",
        "PINECONE_CONTROLLER_HOST": cloud.environment["PINECONE_HOST"].rpartition("/")[0],
        "TOLD": addresses(),
        "WEB_API_KEY": "none",
        "ID_TOKEN": cloud.token("walker"),
        "API": cloud.url,
        "CHAT": cloud.url,
        "LISTEN": cloud.url,
    }
    give(DEPLOYING, checkout, given)


def give(guides: Sequence[str], folder: Path, given: dict[str, str]) -> str:
    """Give the commands of these guides in a folder, with these variables; what they print."""
    done = subprocess.run(  # noqa: S603 - our own guides
        ["bash", "-c", script(guides)],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        cwd=folder,
        env={**os.environ, "TF_IN_AUTOMATION": "1", **given},
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_a_newcomer_gets_where_the_guides_say(checkout: Path, cloud: RunningCloud) -> None:
    walk(checkout, cloud)

    assert (checkout / "terraform" / "my.tfvars").read_text().count("http://127.0.0.1:") == 2


def test_who_runs_it_gets_where_the_guides_say(running: Path, cloud: RunningCloud) -> None:
    with cloud.client("watched") as api:
        key = api.post("/v1/dev/keys", json={"name": "laptop", "scopes": ["conversations:write"]}).json()["key"]
        headers = {"Authorization": f"Bearer {key}"}
        made = api.post("/v1/dev/user/conversations", json={"text": "The weather is fine."}, headers=headers)
    printed = give(RUNNING, running, {"ID": made.json()["id"]})

    assert printed.count("\nwrong: 0") == 2, "of one environment, named in two ways"
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert {line["conversation_id"] for line in lines} == {made.json()["id"]}
    assert "structure_conversation" in {line.get("step") for line in lines}
    assert all(line["logging.googleapis.com/trace"] for line in lines)


def test_the_example_app_works_as_its_guide_says(cloud: RunningCloud) -> None:
    where, *others = [command.text for command in commands(ROOT / "examples" / "app" / "README.md")]
    assert where.startswith("export EARSHOT_URL=")
    done = subprocess.run(  # noqa: S603 - our own guide
        ["bash", "-c", "\n".join(["set -eu -o pipefail", "trap 'kill $(jobs -p)' EXIT", *others])],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
        timeout=_WITHIN_S,
        cwd=ROOT,
        env={**os.environ, "EARSHOT_URL": cloud.url, "TOKEN": cloud.token("maker")},
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert '"tools_count":1' in done.stdout


def test_every_reason_and_every_stand_in_is_needed() -> None:
    told = [command.text for guide in GUIDES for command in commands(ROOT / "docs" / f"{guide}.md")]
    for pattern in (*ELSEWHERE, *STAND_INS):
        assert any(re.search(pattern, command) for command in told), pattern


def test_the_secrets_and_settings_that_are_named_exist() -> None:
    told = "".join((ROOT / "docs" / f"{guide}.md").read_text() for guide in GUIDES)
    made = set(re.findall(r"gcloud secrets create (\w+)", told))
    named = set(re.findall(r"^  ([A-Z_]+) += \"", told, re.MULTILINE))
    assert {"PINECONE_API_KEY", "ADMIN_KEY"} <= made
    assert {name.lower() for name in made | named} <= Settings.model_fields.keys()


def test_the_outputs_that_are_named_exist() -> None:
    told = "".join((ROOT / "docs" / f"{guide}.md").read_text() for guide in GUIDES)
    there = set(re.findall(r'^output "(\w+)"', (ROOT / "terraform" / "outputs.tf").read_text(), re.MULTILINE))
    named = set(re.findall(r"terraform output (?:-\w+ )?(\w+)", told))
    assert named
    assert named <= there


def test_the_variables_of_the_plan_that_are_named_exist() -> None:
    told = "".join((ROOT / "docs" / f"{guide}.md").read_text() for guide in GUIDES)
    there = set(re.findall(r'^variable "(\w+)"', (ROOT / "terraform" / "variables.tf").read_text(), re.MULTILINE))
    named = set(re.findall(r"-var=(\w+)=", told))
    assert {"secrets_as_of", "deletion_protection"} <= named
    assert named <= there
