"""A browser that can be told what to do, where there is one: Chromium, over its DevTools protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_WITHIN_S = 20.0
_PORT_FILE = "DevToolsActivePort"


class Page:
    """One page; scripts are run in it, and keys pressed."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._asked = 0
        self.complaints: list[str] = []

    def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and what it answers."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv(_WITHIN_S))
            if said.get("id") == self._asked:
                assert "error" not in said, said
                result: dict[str, Any] = said["result"]
                return result
            if said.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(said["params"]))

    def go(self, url: str) -> None:
        """Open an address."""
        self.tell("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """What an expression comes to, awaited."""
        answer = self.tell("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, script: str) -> Any:
        """What an expression comes to as soon as that is something."""
        deadline = time.monotonic() + _WITHIN_S
        while not (found := self.run(script)):
            assert time.monotonic() < deadline, script
            time.sleep(0.05)
        return found

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            self.tell("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, text=text)


@contextmanager
def page(profile: Path) -> Iterator[Page]:
    """A page of a browser of its own, which keeps what it keeps in `profile`; skips the test where there is none."""
    browser = next(filter(None, map(shutil.which, _NAMES)), None)
    if browser is None:
        pytest.skip("the page is tried in Chromium, which is not installed")
    quiet = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    process = subprocess.Popen(  # noqa: S603 - the browser
        [browser, *quiet, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with connect(_address(profile), max_size=None, proxy=None) as socket:
            shown = Page(socket)
            shown.tell("Page.enable")
            shown.tell("Runtime.enable")
            yield shown
    finally:
        process.terminate()
        process.wait(_WITHIN_S)


def _address(profile: Path) -> str:
    deadline = time.monotonic() + _WITHIN_S
    told = profile / _PORT_FILE
    while time.monotonic() < deadline:
        if told.exists() and told.read_text().strip():
            port = told.read_text().split()[0]
            pages = httpx.get(f"http://127.0.0.1:{port}/json", trust_env=False).json()
            found = [str(each["webSocketDebuggerUrl"]) for each in pages if each["type"] == "page"]
            if found:
                return found[0]
        time.sleep(0.05)
    raise AssertionError("the browser does not start")
