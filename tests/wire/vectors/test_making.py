"""`tools.vectors` makes the indexes of a deployment, against the local Pinecone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pinecone import Pinecone

from local.manifest import ROOT
from tests.wire.vectors.conftest import INDEXES, running


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path / "state", INDEXES) as address:
        yield address


def make(address: str, *arguments: str, key: str = "local") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tools.vectors", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        env={**os.environ, "PINECONE_CONTROLLER_HOST": address, "PINECONE_API_KEY": key},
    )


def test_both_are_made_once_and_told_as_variables_of_terraform(address: str) -> None:
    first, second = make(address), make(address)

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stdout == second.stdout
    assert first.stdout.splitlines() == [
        f'pinecone_host        = "{address}/earshot-dense"',
        f'pinecone_sparse_host = "{address}/earshot-sparse"',
    ]
    assert "making" in first.stderr
    assert "making" not in second.stderr
    with closing(Pinecone(api_key="local", host=address)) as pinecone:
        assert pinecone.indexes.describe("earshot-dense").dimension == 768
        assert pinecone.indexes.describe("earshot-sparse").vector_type == "sparse"


def test_an_index_of_another_shape_is_left_alone(address: str) -> None:
    make(address, "--dimension", "1536")

    done = make(address, "--dimension", "768")

    assert done.returncode == 1
    assert "earshot-dense is there" in done.stderr
    assert not done.stdout


def test_a_server_that_is_away_is_said_in_a_line() -> None:
    done = make("http://127.0.0.1:9")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_without_a_key_nothing_is_tried(address: str) -> None:
    done = make(address, key="")

    assert done.returncode == 2
    assert "PINECONE_API_KEY is not set" in done.stderr
