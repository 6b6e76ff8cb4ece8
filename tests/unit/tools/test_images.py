"""Images are built by whom Terraform made for it, and none is built twice."""

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from local.manifest import ROOT

# What gcloud would be told: a line for each call, and beside it the build that is asked for.
_GCLOUD = """#!/bin/sh
echo "$*" >>"$TOLD/calls"
case "$*" in
  *"docker images describe"*) [ -e "$TOLD/built" ] ;;
  *) while [ "$1" != --config ]; do shift; done; cp "$2" "$TOLD/build.yaml" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The script, a gcloud that writes down what it is told, and bundles of one service and one function."""
    for folder in ("tools", "build", "bin", "told"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tools" / "images.sh").write_bytes((ROOT / "tools" / "images.sh").read_bytes())
    (tmp_path / "bin" / "gcloud").write_text(_GCLOUD)
    (tmp_path / "bin" / "gcloud").chmod(0o755)
    for name, files in {"listen": ("main.py", "Dockerfile"), "sweep": ("main.py",)}.items():
        with zipfile.ZipFile(tmp_path / "build" / f"{name}.zip", "w") as bundle:
            for file in files:
                bundle.writestr(file, "")
    return tmp_path


def build(checkout: Path) -> list[str]:
    """Run it; what gcloud was told."""
    subprocess.run(  # noqa: S603 - our own script
        ["sh", str(checkout / "tools" / "images.sh"), "a-project", "europe-west1"],  # noqa: S607
        check=True,
        env={**os.environ, "PATH": f"{checkout / 'bin'}:{os.environ['PATH']}", "TOLD": str(checkout / "told")},
    )
    return (checkout / "told" / "calls").read_text().splitlines()


def test_a_service_is_built_as_the_builder_from_a_bucket_that_it_may_read(checkout: Path) -> None:
    described, submitted = build(checkout)

    image = described.split()[4]
    assert image.startswith("europe-west1-docker.pkg.dev/a-project/earshot/listen:")
    asked = yaml.safe_load((checkout / "told" / "build.yaml").read_text())
    assert asked["serviceAccount"] == (
        "projects/a-project/serviceAccounts/earshot-builder@a-project.iam.gserviceaccount.com"
    )
    assert asked["images"] == [image]
    assert asked["steps"][0]["args"][-2:] == [image, "."]
    assert "cloudbuild" not in asked["steps"][0]["args"], "what is installed would get at the builder's token"
    assert asked["options"]["logging"] == "CLOUD_LOGGING_ONLY", "an account of one's own has no bucket for logs"
    assert "--gcs-source-staging-dir gs://a-project-earshot-sources/images" in submitted


def test_what_is_there_is_not_built_again(checkout: Path) -> None:
    (checkout / "told" / "built").touch()
    assert len(build(checkout)) == 1


def test_the_account_that_builds_by_itself_is_given_no_right() -> None:
    plan = "".join(path.read_text() for path in (ROOT / "terraform").rglob("*.tf"))
    assert "google_service_account" in plan
    assert "compute@developer.gserviceaccount.com" not in plan
