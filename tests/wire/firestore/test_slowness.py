"""Firestore that takes its time: a fault to be asked for."""

import time
from pathlib import Path

from tests.wire.firestore.conftest import Backend, running_server


def test_calls_wait_for_a_while_and_then_do_what_they_should(tmp_path: Path) -> None:
    with running_server(tmp_path / "state.db", delay_s=0.1) as address:
        document = Backend("slow", address).client().document("things/one")
        began = time.monotonic()
        for number in range(10):
            document.set({"number": number})
        assert document.get().to_dict() == {"number": 9}
        assert time.monotonic() - began > 0.1, "eleven calls that take up to a tenth of a second each"
