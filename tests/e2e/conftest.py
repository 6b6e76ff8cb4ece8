"""Fixtures of the end-to-end tests: running clouds and the bundled recording as a device sends it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.demo.device import opus_packets
from local.demo.script import RECORDING
from tests.support.cloud import RunningCloud

StartCloud = Callable[..., RunningCloud]


@pytest.fixture(scope="session")
def packets() -> list[bytes]:
    """The bundled recording as 20 ms Opus packets."""
    return opus_packets(RECORDING)


@pytest.fixture
def start_cloud(tmp_path: Path) -> Iterator[StartCloud]:
    """Starts clouds, each on a data folder of its own, and ends them."""
    started: list[RunningCloud] = []

    def start(*options: str, **variables: str) -> RunningCloud:
        cloud = RunningCloud(tmp_path / f"cloud-{len(started)}", options=list(options), variables=variables)
        started.append(cloud)
        return cloud.start()

    yield start
    for cloud in started:
        cloud.kill()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """One cloud for all tests that do it no harm."""
    running = RunningCloud(tmp_path_factory.mktemp("cloud")).start()
    yield running
    running.stop()
