"""How connections end: in time, with everything stored, and the next one going on where they were."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from common.conversations.live.instance import Instance
from common.conversations.structure import structure_conversation
from common.core.settings import settings
from common.database import conversations, segment_batches
from local.manifest import ROOT
from local.models.process import running_model_server
from tests.support.stores import Stores, free_port
from tests.support.voices import speech
from tests.wire.live import kept
from tests.wire.live.conftest import AnInstance, Configure, Connect
from tests.wire.live.device import PCM, Device, frames
from tests.wire.live.raw import BINARY, RawClient, frame, request
from tests.wire.live.recogniser import Fault, Recogniser
from tests.wire.live.test_conversations import close
from tests.wire.live.turns import frames as pieces


class TestRotation:
    """The platform ends a connection after an hour: we do it before, and nobody notices."""

    def test_the_next_connection_goes_on_where_this_one_was(
        self, device: Connect, uid: str, configure: Configure, recogniser: Recogniser
    ) -> None:
        assert settings().longest_connection_s == 3300
        configure(longest_connection_s=0.4)
        apps: list[Device] = []
        said = 0
        for _ in range(3):
            app = device()
            apps.append(app)
            with suppress(ConnectionClosed):
                while True:
                    app.say(said + 1, seconds=0.1)  # a device that does not look at what it is told
                    said += 1
                    app.quiet(0.01)
            assert app.closed() == (1001, "connect again")
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        stored = sorted(kept.audio(uid, conversation_id))
        assert len(stored) == 3, "a session each"
        assert [app.events("conversation_session")[0]["lifecycle_phase"] for app in apps] == [
            "opened",
            "resumed",
            "resumed",
        ]
        assert kept.holes(uid, conversation_id) == []
        words = kept.words(uid, conversation_id)
        assert len(words) == len(set(words)) >= said - 3, "of each connection, what was on its way when it ended"
        assert len(recogniser.streams) == 3

    def test_one_that_is_over_waits_for_its_last_words_without_asking_again_and_again(
        self, device: Connect, uid: str, configure: Configure, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configure(longest_connection_s=0.3, drain_seconds=1)
        recogniser.faults.append(Fault("stalls"))
        asked: list[float] = []
        ensure = Instance.ensure_watching

        async def counted(instance: Instance) -> None:
            asked.append(time.monotonic())
            await ensure(instance)

        monkeypatch.setattr(Instance, "ensure_watching", counted)
        app = device()
        app.say(1)
        assert app.closed()[0] == 1001
        kept.left_by_all(uid, kept.ids(uid)[0])
        assert len(asked) <= 3


class TestLastWords:
    """What was said right before the end."""

    @pytest.mark.usefixtures("first_words", "counting")
    def test_they_are_in_the_transcript(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1, 2)
        app.say(3, seconds=0.7)
        app.close()
        kept.soon(lambda: kept.ids(uid), what="a conversation")
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        close(uid, conversation_id)
        assert structure_conversation(uid=uid, conversation_id=conversation_id, run=1) == "completed"
        transcript = conversations.get(uid=uid, conversation_id=conversation_id).transcript_segments
        assert [segment.text for segment in transcript] == ["1 2 3"]
        assert transcript[0].end == pytest.approx(2.7)

    def test_a_connection_that_is_gone_before_it_is_known_is_heard_too(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1)
        app.close()
        kept.soon(lambda: kept.ids(uid), what="a conversation")
        kept.left_by_all(uid, kept.ids(uid)[0])
        assert kept.words(uid, kept.ids(uid)[0]) == [1]


class TestStopping:
    """An instance goes away."""

    def test_who_comes_while_it_stops_is_sent_elsewhere(
        self, stores: Stores, device: Connect, uid: str, recogniser: Recogniser, configure: Configure
    ) -> None:
        configure(drain_seconds=1.5)
        recogniser.faults.append(Fault("stalls"))
        server = AnInstance(stores)
        app = device(to=server.address)
        app.say(1)
        kept.soon(lambda: recogniser.given_s == 1, what="received")
        with closing(RawClient(server.address)) as late:
            late.send(b"GET")
            app.quiet(0.1)  # it is let in, and has not said what it wants
            stopping = Thread(target=server.stop)
            stopping.start()
            kept.soon(lambda: not _is_well(server.address), what="nobody is let in any more")
            late.send(request(f"/v4/listen?{PCM}", token=stores.identity.id_token(uid))[3:])
            assert late.answer().startswith(b"HTTP/1.1 503 ")
            assert stopping.is_alive(), "it still waits for the last words"
            stopping.join()
        assert app.closed() == (1001, "the service goes away")
        assert kept.said(uid, kept.ids(uid)[0]) == [1]

    def test_who_has_not_said_who_it_is_holds_nothing_up(self, stores: Stores, device: Connect) -> None:
        server = AnInstance(stores)
        app = device(to=server.address, bearer=None, path="/v4/web/listen")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 3
        assert app.closed()[0] == 1001


@contextmanager
def _process(environment: dict[str, str], log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The function as the container runs it."""
    port = free_port()
    with log.open("wb") as output:
        running = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(ROOT / "functions" / "listen" / "main.py")],
            cwd=ROOT,
            env={**os.environ, **environment, "PORT": str(port), "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=output,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            kept.soon(lambda: _is_well(address), what=f"the process serves; {log}", within_s=20)
            yield address, running
        finally:
            running.kill()
            running.wait()


def _is_well(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_process_that_is_told_to_end_stores_and_hears_everything_within_ten_seconds(
    stores: Stores, device: Connect, uid: str, tmp_path: Path
) -> None:
    with running_model_server(tmp_path, workers=1) as models:
        environment = {**stores.environment, "LOCAL_MODELS_URL": models.url, "BLOCK_SECONDS": "100"}
        with _process(environment, tmp_path / "listen.log") as (address, process):
            apps = [device(PCM, user=f"{uid}-{number}", to=address) for number in range(2)]
            for app in apps:
                for piece in pieces(speech(7)):
                    app.send(piece)
                app.until_event("conversation_session")
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            codes = [app.closed(within_s=10) for app in apps]
            assert process.wait(12) == 0
            assert time.monotonic() - began < 10
    assert codes == [(1001, "the service goes away")] * 2
    for number in range(2):
        [conversation_id] = kept.ids(f"{uid}-{number}")
        found = conversations.get(uid=f"{uid}-{number}", conversation_id=conversation_id)
        assert [session.open for session in found.capture.sessions.values()] == [False]
        stored = kept.blocks(f"{uid}-{number}", conversation_id)
        assert sum(block.end - block.start for block in stored) == pytest.approx(7, abs=0.1)
        batches = segment_batches.list_batches(uid=f"{uid}-{number}", conversation_id=conversation_id)
        assert sum(len(segment.text.split()) for batch in batches for segment in batch.segments) >= 8
        assert kept.holes(f"{uid}-{number}", conversation_id) == []


def test_an_instance_that_stops_in_the_worst_of_cases_stops_in_time(
    stores: Stores, uid: str, recogniser: Recogniser
) -> None:
    """The recogniser hangs, and the client neither reads nor says good-bye."""
    recogniser.faults.append(Fault("stalls"))
    server = AnInstance(stores)
    with closing(RawClient(server.address)) as deaf:
        deaf.send(request(f"/v4/listen?{PCM}", token=stores.identity.id_token(uid)))
        assert deaf.answer().startswith(b"HTTP/1.1 101 ")
        for number in (1, 2):
            for audio in frames(number):
                deaf.send(frame(BINARY, audio))
        kept.soon(lambda: recogniser.given_s == 2, what="received")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 9
    [conversation_id] = kept.ids(uid)
    left = conversations.get(uid=uid, conversation_id=conversation_id)
    assert [session.open for session in left.capture.sessions.values()] == [False]
    assert kept.said(uid, conversation_id) == [1, 2]
    assert kept.holes(uid, conversation_id) != [], "left to the repair"
