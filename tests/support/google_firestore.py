"""Google's Firestore emulator as a process, where its Debian package or jar is installed."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stores import free_port

_KNOWN_JARS = ("/usr/lib/google-cloud-sdk/platform/cloud-firestore-emulator/cloud-firestore-emulator.jar",)
_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""It lives for seconds: compiling well what it does costs more than it saves."""


def jar() -> str | None:
    """Where it is."""
    candidates = [os.environ.get("FIRESTORE_EMULATOR_JAR", ""), *_KNOWN_JARS]
    return next((each for each in candidates if each and Path(each).is_file()), None)


@contextlib.contextmanager
def running_google_firestore() -> Iterator[str]:
    """Start it, and give its address; skips the test where it is not installed."""
    found, java = jar(), shutil.which("java")
    if found is None or java is None:
        pytest.skip("Google's Firestore emulator needs java and its jar (FIRESTORE_EMULATOR_JAR)")
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 - the emulator this machine's owner installed
        [java, *_QUICK, "-cp", found, _MAIN, "start", "--host=127.0.0.1", f"--port={port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_listening(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_listening(port: int, process: "subprocess.Popen[bytes]", timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the emulator ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    pytest.fail("the emulator does not listen")
