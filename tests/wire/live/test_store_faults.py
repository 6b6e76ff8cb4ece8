"""The stores fail for a while, or the connection ends badly: everything received is stored all the same, in order."""

import asyncio
import os
import socket
import struct
import threading
import time
from typing import Any

import pytest
from websockets.asyncio.client import connect

from common.conversations.live import outgoing, recorder
from common.core.ids import new_id
from common.database import account_deletions, audio_blocks, conversations, live_conversations, segment_batches
from common.entry.listening import service
from common.speech.transcriber import BYTES_PER_SECOND
from tests.support.stores import Stores
from tests.wire.live import kept
from tests.wire.live.conftest import AnInstance, Configure, Connect
from tests.wire.live.device import PCM, frames
from tests.wire.live.outage import Outage
from tests.wire.live.raw import BINARY, RawClient, frame, request
from tests.wire.live.recogniser import Fault, Recogniser


class TestStores:
    """Firestore or the bucket is away."""

    def test_a_bucket_that_fails_for_a_while_gets_every_block_in_order(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outage = Outage(monkeypatch, audio_blocks, "put", calls=4)
        app = device()
        app.say(*range(1, 13))
        app.until_stored(12)
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert outage.refused == 4
        assert list(kept.audio(uid, conversation_id).values()) == [list(range(1, 13))]
        told = [event["until_s"] for event in app.events("audio_stored")]
        assert told == sorted(told)

    def test_nothing_is_told_to_be_stored_while_the_bucket_is_away(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outage = Outage(monkeypatch, audio_blocks, "put", calls=10**9)
        app = device()
        app.say(*range(1, 7))
        app.until_heard(*range(1, 7))
        assert app.events("audio_stored") == []
        assert outage.refused > 0
        app.close()
        outage.over()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert kept.said(uid, conversation_id) == list(range(1, 7)), "the client has left, its audio has not"

    def test_while_the_bucket_is_away_the_socket_is_not_read_any_further(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch, recogniser: Recogniser
    ) -> None:
        monkeypatch.setattr(recorder, "WAITING_BLOCKS", 2)
        outage = Outage(monkeypatch, audio_blocks, "put", calls=10**9)
        app = device()
        talking = threading.Thread(target=app.say, args=range(1, 101))
        talking.start()
        try:
            app.quiet(1.0)
            taken = recogniser.given_s
            app.quiet(0.5)
            # One block being put, two waiting, one that is full; the frame that made each full, and those that had
            # come before the conversation was open.
            assert taken == recogniser.given_s <= 4 * (5.0 + 0.1) + 256 * 1024 / BYTES_PER_SECOND + 3.0
        finally:
            outage.over()
        app.until_stored(100, within_s=20)
        talking.join(10)
        assert kept.said(uid, kept.ids(uid)[0]) == list(range(1, 101))

    def test_of_what_is_not_read_little_waits_here_however_fast_it_was_sent_before(
        self, stores: Stores, instance: str, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recorder, "WAITING_BLOCKS", 2)
        client = RawClient(instance)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
        client.send(request(f"/v4/listen?{PCM}", token=stores.identity.id_token(uid)))
        client.answer()
        second = frame(BINARY, b"".join(frames(1)))
        for _ in range(300):
            client.send(second)
        outage = Outage(monkeypatch, audio_blocks, "put", calls=10**9)
        client.socket.settimeout(1.0)
        sent_s = 0
        try:
            while sent_s < 1000:
                client.send(second)
                sent_s += 1
        except TimeoutError:
            pass
        finally:
            outage.over()
            client.close()
        assert sent_s * BYTES_PER_SECOND < 2 * 2**20, "four blocks, what the kernel keeps on both sides, and a message"

    def test_a_store_that_stalls_for_many_does_not_hold_up_what_others_say(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        released, stalled = threading.Event(), []
        put = segment_batches.put

        def stalling(*arguments: Any, **options: Any) -> None:
            stalled.append(options["conversation_id"])
            released.wait(30)
            put(*arguments, **options)

        monkeypatch.setattr(segment_batches, "put", stalling)
        many = min(32, (os.cpu_count() or 1) + 4) + 1
        try:
            others = [device(user=f"{uid}-{number}") for number in range(many)]
            for other in others:
                other.say(*range(1, 7))
            app = device()
            app.until(lambda: len(set(stalled)) >= many, what="everybody stalls", within_s=20)
            app.say(*range(1, 7))
            app.until_stored(6)
        finally:
            released.set()

    def test_words_that_cannot_be_stored_at_once_are_stored_later_and_told_only_then(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outage = Outage(monkeypatch, segment_batches, "put", calls=10**9)
        app = device()
        app.say(*range(1, 7))
        app.until_stored(6)
        assert app.segments == []
        assert kept.holes(uid, kept.ids(uid)[0]) != [], "what is not stored is not claimed"
        outage.over()
        app.until_heard(*range(1, 7))
        app.close()
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert kept.words(uid, conversation_id) == list(range(1, 7))
        assert kept.holes(uid, conversation_id) == []

    def test_a_conversation_that_cannot_be_begun_at_once_is_begun_once(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Outage(monkeypatch, live_conversations, "create_unless", calls=3)
        app = device()
        app.say(1, 2)
        app.until_heard(1, 2)
        assert kept.ids(uid) == [app.until_stored(2)]

    def test_who_connects_while_a_store_does_not_answer_is_told_to_try_later(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "PREPARED_WITHIN_S", 0.5)
        answers, asked = threading.Event(), account_deletions.under_way

        def stalling(uid: str) -> bool:
            answers.wait(30)
            return asked(uid)

        monkeypatch.setattr(account_deletions, "under_way", stalling)
        app = device()
        try:
            app.say(1)
            assert app.closed() == (1013, "a store is away")
        finally:
            answers.set()
        again = device()
        again.say(2, 3)
        again.until_heard(2, 3)
        assert kept.said(uid, again.until_stored(2)) == [2, 3]

    def test_a_client_that_is_held_back_meanwhile_is_not_taken_for_silent(
        self, device: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "INACTIVITY_S", 0.3)
        outage = Outage(monkeypatch, live_conversations, "create_unless", calls=10**9)
        app = device()
        app.say(1, 2)
        app.quiet(1.0)
        outage.over()
        app.until_stored(2)

    def test_a_greeting_that_cannot_be_given_at_once_holds_no_audio_up(
        self, device: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        name = new_id()
        outage = Outage(monkeypatch, conversations, "list_newest", calls=10**9)
        app = device(f"{PCM}&client_conversation_id={name}")
        app.say(1, 2)
        app.until_heard(1, 2)
        assert app.until_stored(2) == name
        assert "ready" not in app.statuses
        outage.over()
        app.until(lambda: "ready" in app.statuses, what="ready")

    def test_a_good_bye_that_cannot_be_written_at_once_is_written(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outage = Outage(monkeypatch, conversations, "set_session", calls=3)
        app = device()
        app.say(1)
        conversation_id = app.until_stored(1)
        app.close()
        kept.left_by_all(uid, conversation_id)
        assert outage.refused == 3


class TestEndings:
    """However a connection ends, what was received is stored."""

    def test_a_client_that_does_not_read_is_let_go_with_everything_stored(
        self, device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch, recogniser: Recogniser
    ) -> None:
        monkeypatch.setattr(outgoing, "WAITING_MESSAGES", 8)
        recogniser.padding = " " * 500_000
        app = device(max_queue=1, compression=None)
        app.say(*range(1, 41))
        kept.soon(lambda: recogniser.given_s == 40, within_s=10, what="everything received")
        [conversation_id] = kept.ids(uid)
        kept.soon(lambda: kept.said(uid, conversation_id) == list(range(1, 41)), within_s=10, what="everything stored")
        kept.left_by_all(uid, conversation_id)
        assert app.closed()[0] == 1013

    def test_a_connection_that_is_cut_leaves_everything_received_stored(
        self, stores: Stores, instance: str, uid: str, configure: Configure, recogniser: Recogniser
    ) -> None:
        configure(block_seconds=100)

        async def talk_and_break_off() -> None:
            headers = {"Authorization": f"Bearer {stores.identity.id_token(uid)}"}
            url = f"{instance.replace('http', 'ws', 1)}/v4/listen?{PCM}"
            async with connect(url, additional_headers=headers, proxy=None) as app:
                for number in range(1, 8):
                    for frame in frames(number):
                        await app.send(frame)
                while recogniser.given_s < 7:  # noqa: ASYNC110 - who receives tells nobody
                    await asyncio.sleep(0.01)
                [conversation_id] = kept.ids(uid)
                assert kept.blocks(uid, conversation_id) == [], "nothing is stored before the end"
                raw = app.transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                app.transport.abort()

        asyncio.run(talk_and_break_off())
        [conversation_id] = kept.ids(uid)
        kept.left_by_all(uid, conversation_id)
        assert kept.said(uid, conversation_id) == list(range(1, 8))
        assert kept.words(uid, conversation_id) == list(range(1, 8))

    def test_an_instance_that_is_stopped_stores_what_it_has_received(
        self, stores: Stores, device: Connect, uid: str, configure: Configure, recogniser: Recogniser
    ) -> None:
        configure(block_seconds=100)
        server = AnInstance(stores)
        apps = [device(to=server.address, user=f"{uid}-{number}") for number in range(3)]
        for app in apps:
            app.say(1, 2, 3)
            app.say(4, seconds=0.5)
        kept.soon(lambda: recogniser.given_s == 3 * 3.5, within_s=5, what="everything received")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 10
        for number, app in enumerate(apps):
            assert app.closed()[0] in {1001, 1012}
            [conversation_id] = kept.ids(f"{uid}-{number}")
            assert kept.said(f"{uid}-{number}", conversation_id) == [1, 2, 3, 4]
            assert kept.words(f"{uid}-{number}", conversation_id) == [1, 2, 3, 4]
            left = conversations.get(uid=f"{uid}-{number}", conversation_id=conversation_id)
            assert [session.open for session in left.capture.sessions.values()] == [False]

    def test_an_instance_with_a_stuck_recogniser_stops_in_time_too(
        self, stores: Stores, device: Connect, uid: str, configure: Configure, recogniser: Recogniser
    ) -> None:
        configure(block_seconds=100, drain_seconds=1)
        recogniser.faults.append(Fault("stalls"))
        server = AnInstance(stores)
        app = device(to=server.address)
        app.say(1, 2, 3)
        kept.soon(lambda: recogniser.given_s == 3, within_s=5, what="everything received")
        server.stop()
        [conversation_id] = kept.ids(uid)
        assert kept.said(uid, conversation_id) == [1, 2, 3]
        assert kept.holes(uid, conversation_id) != []
