"""Live capture without a network: the recorder, and what goes to the client. The store can be told to fail."""

import asyncio
from contextlib import suppress
from hashlib import sha512
from typing import Any

import pytest

from common.conversations.live import outgoing, recorder
from common.conversations.live.outgoing import Outgoing, SlowReaderError
from common.conversations.live.recorder import Recorder
from common.conversations.live.take import Take
from common.database import audio_blocks
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Interval
from common.models.listen import LastMemory, ServiceStatus
from common.speech.blocks import decode_block
from common.speech.marks import mark_of, read_marks
from tests.support.channels import a_channel
from tests.support.coding import tone
from tests.support.making import a_segment
from tests.support.scenarios import run, until

pytestmark = pytest.mark.usefixtures("fast_clock")


def a_take(**fields: Any) -> Take:
    known: dict[str, Any] = {"conversation_id": "c", "session_id": "s", "begin": 0.0, "offset": 0.0}
    return Take(**{**known, **fields})


class Store:
    """What was put, in order; fails as often as it is told to."""

    def __init__(self) -> None:
        self.failures = 0
        self.blocks: list[tuple[AudioBlock, list[bytes]]] = []

    def put_block(self, block: AudioBlock, data: bytes, *, uid: str, conversation_id: str) -> None:
        self._fail()
        assert (uid, conversation_id) == ("u", "c")
        self.blocks.append((block, decode_block(data)))

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the store is away")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()
    monkeypatch.setattr(audio_blocks, "put", made.put_block)
    return made


class Recording:
    """A recorder and what it told."""

    def __init__(self, covered: list[Interval] | None = None) -> None:
        self.told: list[tuple[str, float]] = []
        self.recorder = Recorder(
            uid="u",
            codec="opus",
            sample_rate=16_000,
            covered=lambda _: covered or [],
            wordless=lambda _: [],
            stored=self._stored,
        )

    def _stored(self, take: Take, block: AudioBlock) -> None:
        self.told.append((take.conversation_id, block.end))

    async def __aenter__(self) -> Recorder:
        self._task = asyncio.create_task(self.recorder.run())
        return self.recorder

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


class TestRecorder:
    """Frames become blocks, in order, each stored before it is told."""

    def test_a_block_closes_early_where_frames_are_larger_than_any_speech(self, store: Store) -> None:
        async def scenario() -> None:
            take = a_take()
            async with Recording() as recorder:
                for number in range(40):
                    recorder.add([bytes(64 * 1024)], take=take, begin=number / 100, end=(number + 1) / 100)
                await recorder.drained()
            assert [(block.start, block.end) for block, _ in store.blocks] == [(0, 0.16), (0.16, 0.32), (0.32, 0.4)]

        run(scenario)

    def test_a_block_closes_after_five_seconds_and_holds_the_frames_as_received(self, store: Store) -> None:
        async def scenario() -> None:
            recording = Recording(covered=[Interval(start=0, end=4)])
            async with recording as recorder:
                for second in range(12):
                    recorder.add([b"%d" % second], take=a_take_, begin=second, end=second + 1)
                await recorder.drained()
            assert [(block.start, block.end) for block, _ in store.blocks] == [(0, 5), (5, 10), (10, 12)]
            assert [frame for _, frames in store.blocks for frame in frames] == [b"%d" % n for n in range(12)]
            assert store.blocks[0][0].covered == (Interval(start=0, end=4),)
            assert store.blocks[0][0].codec == "opus"
            assert recording.told == [("c", 5), ("c", 10), ("c", 12)]

        a_take_ = a_take()
        run(scenario)

    def test_a_block_has_the_marks_by_which_its_frames_are_told_later(self, store: Store) -> None:
        frames = [sha512(b"%d" % number).digest() for number in range(250)]

        async def scenario() -> None:
            async with Recording() as recorder:
                for number, frame in enumerate(frames):
                    recorder.add([frame], take=a_take(), begin=number / 50, end=(number + 1) / 50)
                await recorder.drained()

        run(scenario)
        marks = [mark for block, _ in store.blocks for _, mark in read_marks(block.marks)]
        assert marks == [mark for frame in frames if (mark := mark_of(frame))]
        assert len(marks) > 5

    def test_a_client_that_sends_little_is_stored_by_age(self, store: Store) -> None:
        async def scenario() -> None:
            async with Recording() as recorder:
                recorder.add([b"x"], take=a_take(), begin=0, end=0.02)
                await until(lambda: store.blocks)

        run(scenario)

    def test_what_the_store_refuses_is_tried_until_it_is_stored_and_told_only_then(self, store: Store) -> None:
        async def scenario() -> None:
            store.failures = 3
            recording = Recording()
            async with recording as recorder:
                recorder.add([b"x"], take=a_take(), begin=0, end=5)
                assert recording.told == []
                await recorder.drained()
                assert len(store.blocks) == 1
                assert recording.told in ([], [("c", 5)])
                assert store.failures == 0

        run(scenario)

    def test_another_take_begins_another_block_with_its_own_times(self, store: Store) -> None:
        async def scenario() -> None:
            first, second = a_take(end=2.0), a_take(begin=2.0, offset=100.0, session_id="t")
            async with Recording() as recorder:
                recorder.add([b"a"], take=first, begin=0, end=2)
                recorder.add([b"b"], take=second, begin=2, end=3)
                await recorder.drained()
            assert [(block.session_id, block.start, block.end, frames) for block, frames in store.blocks] == [
                ("s", 0, 2, [b"a"]),
                ("t", 100, 101, [b"b"]),
            ]

        run(scenario)

    def test_when_the_store_is_away_it_is_full_soon_and_has_room_again_afterwards(self, store: Store) -> None:
        async def scenario() -> None:
            store.failures = 10**9
            accepted = 0
            async with Recording() as waiting:
                take = a_take()
                while not waiting.full:
                    waiting.add([b"%d" % accepted], take=take, begin=accepted * 5, end=accepted * 5 + 5)
                    accepted += 1
                    await asyncio.sleep(0)
                assert accepted <= recorder.WAITING_BLOCKS + 2
                store.failures = 0
                await waiting.room()
                await waiting.drained()
            frames = [frame for _, frames in store.blocks for frame in frames]
            assert frames == [b"%d" % number for number in range(accepted)], "everything accepted is stored"

        run(scenario)


class TestOutgoing:
    """In order, bounded, in the forms of the wire."""

    def test_messages_go_out_in_order_in_their_forms(self) -> None:
        async def scenario() -> None:
            sent: list[Any] = []

            async def send(message: Any) -> None:
                sent.append(message)

            queue = Outgoing(send)
            queue.event(ServiceStatus(status="ready"))
            queue.segments([a_segment("Hi", 0, 1)])
            queue.ping()
            queue.event(LastMemory(memory_id="m"))
            running = asyncio.create_task(queue.run())
            await queue.flushed()
            running.cancel()
            assert sent[0] == {"type": "service_status", "status": "ready"}, "no nulls: the app's parser is strict"
            assert isinstance(sent[1], list)
            assert sent[1][0]["text"] == "Hi"
            assert sent[2:] == ["ping", {"type": "last_memory", "memory_id": "m"}]

        run(scenario)

    def test_a_client_that_does_not_read_is_found_out(self) -> None:
        async def never(_: Any) -> None:
            await asyncio.Event().wait()

        async def scenario() -> None:
            queue = Outgoing(never)
            running = asyncio.create_task(queue.run())
            await asyncio.sleep(0)
            queue.ping()
            await asyncio.sleep(0)  # taken by the sender, who stands still with it
            for _ in range(outgoing.WAITING_MESSAGES):
                queue.ping()
            with pytest.raises(SlowReaderError):
                queue.ping()
            running.cancel()

        run(scenario)


class TestHalvesOfSamples:
    def test_frames_that_are_cut_within_samples_are_stored_and_counted_in_whole_ones(self, store: Store) -> None:
        pcm = tone(3.0)
        channel = a_channel()

        async def scenario() -> None:
            recording = asyncio.create_task(channel.recorder.run())
            for at in range(0, len(pcm), 243):
                channel.add((pcm[at : at + 243],))
            await channel.recorder.drained()
            recording.cancel()
            with suppress(asyncio.CancelledError):
                await recording

        run(scenario)
        frames = [frame for _, block in store.blocks for frame in block]
        assert b"".join(frames) == pcm
        assert {len(frame) % 2 for frame in frames} == {0}
        assert channel.clock == pytest.approx(3.0)
        assert [block.end for block, _ in store.blocks][-1] == pytest.approx(3.0)
