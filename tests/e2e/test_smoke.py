"""What `tools.smoke` says where a deployment is not as it should be."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from local.manifest import ROOT

if TYPE_CHECKING:
    from tests.support.cloud import RunningCloud

pytestmark = pytest.mark.long

NOBODY = "http://127.0.0.1:9"
NO_TOKEN = "none"  # noqa: S105 - it is none


def smoke(*addresses: str, token: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tools.smoke", *addresses, "--seconds", "3", "--speed", "10"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        env={**os.environ, "ID_TOKEN": token},
    )


def test_who_has_not_signed_in_is_told_so(cloud: RunningCloud) -> None:
    done = smoke(cloud.url, token=NO_TOKEN)

    assert done.returncode == 1
    assert done.stderr.startswith(f"smoke: GET {cloud.url}/v1/conversations: 401, not success")


def test_the_service_that_does_not_answer_is_named(cloud: RunningCloud) -> None:
    token = cloud.token("smoke")

    chat, listen = smoke(cloud.url, NOBODY, cloud.url, token=token), smoke(cloud.url, cloud.url, NOBODY, token=token)

    assert chat.returncode == listen.returncode == 1
    assert f"{NOBODY}/v2/messages: ConnectError" in chat.stderr
    assert listen.stderr.startswith("smoke: listen: ")
    assert "Traceback" not in chat.stderr + listen.stderr


def test_a_wrong_number_of_addresses_is_wrong_usage(cloud: RunningCloud) -> None:
    assert smoke(cloud.url, cloud.url, token=NO_TOKEN).returncode == 2
