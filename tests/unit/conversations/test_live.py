"""Live capture without a network: the recorder, the captions and what goes to the client.

The stores are lists in memory that can be told to fail; the recogniser follows a script.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest

from common.conversations.live import captions, outgoing, recorder
from common.conversations.live.captions import Captions
from common.conversations.live.outgoing import Outgoing, SlowReaderError
from common.conversations.live.recorder import Recorder
from common.conversations.live.take import Take
from common.core import clock
from common.core.errors import ProviderError
from common.database import audio_blocks, segment_batches
from common.database.audio_blocks import AudioBlock
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Interval
from common.models.listen import LastMemory, ServiceStatus
from common.models.segment import TranscriptSegment
from common.speech.blocks import decode_block
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from tests.support.making import NOON, a_segment


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes in ten milliseconds."""
    monkeypatch.setattr(clock, "scale", lambda: 100.0)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await scenario()

    asyncio.run(bounded())


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
        await asyncio.sleep(0.001)


def a_take(**fields: Any) -> Take:
    known: dict[str, Any] = {"conversation_id": "c", "session_id": "s", "begin": 0.0, "offset": 0.0}
    return Take(**{**known, **fields})


def pcm(seconds: float) -> bytes:
    return bytes(round(seconds * BYTES_PER_SECOND))


class Store:
    """What was put, in order; fails as often as it is told to."""

    def __init__(self) -> None:
        self.failures = 0
        self.blocks: list[tuple[AudioBlock, list[bytes]]] = []
        self.batches: list[SegmentBatch] = []

    def put_block(self, block: AudioBlock, data: bytes, *, uid: str, conversation_id: str) -> None:
        self._fail()
        assert (uid, conversation_id) == ("u", "c")
        self.blocks.append((block, decode_block(data)))

    def put_batch(self, batch: SegmentBatch, *, uid: str, conversation_id: str) -> None:
        self._fail()
        assert (uid, conversation_id) == ("u", "c")
        self.batches.append(batch)

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the store is away")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()
    monkeypatch.setattr(audio_blocks, "put", made.put_block)
    monkeypatch.setattr(segment_batches, "put", made.put_batch)
    return made


class Recording:
    """A recorder and what it told."""

    def __init__(self, covered: list[Interval] | None = None) -> None:
        self.told: list[tuple[str, float]] = []
        self.recorder = Recorder(
            uid="u", codec="opus", sample_rate=16_000, covered=lambda _: covered or [], stored=self._stored
        )

    async def _stored(self, conversation_id: str, until_s: float) -> None:
        self.told.append((conversation_id, until_s))

    async def __aenter__(self) -> Recorder:
        self._task = asyncio.create_task(self.recorder.run())
        return self.recorder

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


class TestRecorder:
    """Frames become blocks, in order, each stored before it is told."""

    def test_a_block_closes_after_five_seconds_and_holds_the_frames_as_received(self, store: Store) -> None:
        async def scenario() -> None:
            recording = Recording(covered=[Interval(start=0, end=4)])
            async with recording as recorder:
                for second in range(12):
                    await recorder.add(b"%d" % second, take=a_take_, begin=second, end=second + 1)
                await recorder.drained()
            assert [(block.start, block.end) for block, _ in store.blocks] == [(0, 5), (5, 10), (10, 12)]
            assert [frame for _, frames in store.blocks for frame in frames] == [b"%d" % n for n in range(12)]
            assert store.blocks[0][0].covered == (Interval(start=0, end=4),)
            assert store.blocks[0][0].codec == "opus"
            assert recording.told == [("c", 5), ("c", 10), ("c", 12)]

        a_take_ = a_take()
        run(scenario)

    def test_a_client_that_sends_little_is_stored_by_age(self, store: Store) -> None:
        async def scenario() -> None:
            async with Recording() as recorder:
                await recorder.add(b"x", take=a_take(), begin=0, end=0.02)
                await until(lambda: store.blocks)

        run(scenario)

    def test_what_the_store_refuses_is_tried_until_it_is_stored_and_told_only_then(self, store: Store) -> None:
        async def scenario() -> None:
            store.failures = 3
            recording = Recording()
            async with recording as recorder:
                await recorder.add(b"x", take=a_take(), begin=0, end=5)
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
                await recorder.add(b"a", take=first, begin=0, end=2)
                await recorder.add(b"b", take=second, begin=2, end=3)
                await recorder.drained()
            assert [(block.session_id, block.start, block.end, frames) for block, frames in store.blocks] == [
                ("s", 0, 2, [b"a"]),
                ("t", 100, 101, [b"b"]),
            ]

        run(scenario)

    def test_when_the_store_is_away_the_socket_is_not_read_any_further(self, store: Store) -> None:
        async def scenario() -> None:
            store.failures = 10**9
            accepted = 0
            async with Recording() as waiting:
                take = a_take()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.2):
                        while True:
                            await waiting.add(b"x", take=take, begin=accepted * 5, end=accepted * 5 + 5)
                            accepted += 1
                assert accepted <= recorder.WAITING_BLOCKS + 1
                store.failures = 0
                await waiting.drained()
            frames = [frame for _, frames in store.blocks for frame in frames]
            assert len(frames) in {accepted, accepted + 1}, "everything accepted is stored"

        run(scenario)

    def test_whoever_is_cancelled_while_the_store_is_away_loses_no_frame(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recorder, "WAITING_BLOCKS", 1)

        async def scenario() -> None:
            store.failures = 10**9
            given: list[bytes] = []

            async def give() -> None:
                take = a_take()
                for number in range(9):
                    given.append(b"%d" % number)
                    await recording.add(given[-1], take=take, begin=number * 5, end=number * 5 + 5)

            async with Recording() as recording:
                giving = asyncio.create_task(give())
                await asyncio.sleep(0.05)
                assert not giving.done(), "the socket is not read any further"
                giving.cancel()
                store.failures = 0
                await recording.drained()
            assert [frame for _, frames in store.blocks for frame in frames] == given

        run(scenario)


class ScriptedStream:
    """A recognition that hears what its script says and fails where it says so."""

    def __init__(self, script: list[Heard | Exception | str]) -> None:
        self._script = script
        self.received = 0
        self.closed = False
        self._finished = asyncio.Event()

    async def send(self, pcm: bytes) -> None:
        self.received += len(pcm)

    async def finish(self) -> None:
        self._finished.set()

    async def __aiter__(self) -> AsyncIterator[Heard]:
        for step in self._script:
            if step == "stall":
                await asyncio.Event().wait()
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Heard):
                enough = round(step.until * BYTES_PER_SECOND)
                await until(lambda enough=enough: self.received >= enough)  # type: ignore[misc]  # bound now, not later
                yield step
        await self._finished.wait()
        yield Heard((), self.received / BYTES_PER_SECOND)

    async def aclose(self) -> None:
        self.closed = True


class ScriptedTranscriber:
    """Opens one stream per script."""

    name = "scripted"

    def __init__(self, *scripts: list[Heard | Exception | str]) -> None:
        self._scripts = list(scripts)
        self.streams: list[ScriptedStream] = []
        self.refusals = 0

    async def open(self, *, language: str) -> ScriptedStream:
        assert language == "en"
        if self.refusals:
            self.refusals -= 1
            raise ProviderError("no connection")
        self.streams.append(ScriptedStream(self._scripts.pop(0) if self._scripts else []))
        return self.streams[-1]


def said(text: str, start: float, end: float, *, until: float | None = None) -> Heard:
    return Heard((Utterance(text, start, end),), end if until is None else until)


class Captioning:
    """Captions, and what they told."""

    def __init__(self, transcriber: ScriptedTranscriber, *takes: Take) -> None:
        self.takes = list(takes) or [a_take()]
        self.said: list[TranscriptSegment] = []
        self.interruptions: list[str] = []
        self.captions = Captions(
            uid="u",
            language="en",
            transcriber=transcriber,
            takes=self.takes,
            arrived_at=self._arrived_at,
            said=self._said,
            interrupted=self._interrupted,
        )

    @staticmethod
    def _arrived_at(_: float) -> datetime:
        return NOON

    async def _said(self, segments: list[TranscriptSegment]) -> None:
        self.said += segments

    async def _interrupted(self, provider: str) -> None:
        self.interruptions.append(provider)

    async def hear(self, seconds: float, *, begin: float = 0.0, piece: float = 0.5) -> None:
        """Feed that much audio, finish and wait until everything is heard."""
        at = begin
        while at < begin + seconds:
            self.captions.feed(at, pcm(piece))
            at += piece
        self.captions.finish()
        await self.captions.run()


@pytest.mark.usefixtures("store")
class TestCaptions:
    """The recogniser costs captions, never words."""

    def test_what_is_heard_is_stored_and_told_and_everything_is_settled(self, store: Store) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("hello", 1, 2), said("world", 4, 5, until=6)]))
            await heard.hear(10)
            assert [segment.text for batch in store.batches for segment in batch.segments] == ["hello", "world"]
            assert [segment.text for segment in heard.said] == ["hello", "world"]
            assert heard.captions.settled == [Interval(start=0, end=10)]

        run(scenario)

    def test_no_word_is_settled_before_it_is_stored(self, store: Store) -> None:
        async def scenario() -> None:
            store.failures = 10**9
            heard = Captioning(ScriptedTranscriber([said("hello", 1, 2)]))
            running = asyncio.create_task(heard.hear(10))
            await asyncio.sleep(0.1)
            assert heard.captions.settled == []
            assert heard.said == []
            store.failures = 0
            await running
            assert heard.captions.settled == [Interval(start=0, end=10)]
            assert [batch.segments[0].text for batch in store.batches] == ["hello"]

        run(scenario)

    def test_a_recogniser_that_fails_leaves_a_hole_and_is_reconnected(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 1, 2), ProviderError("gone")], [])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.captions.feed(0.0, pcm(4))
            await until(lambda: heard.interruptions)
            heard.captions.feed(4.0, pcm(4))
            await until(lambda: len(transcriber.streams) == 2)
            heard.captions.finish()
            await running
            assert heard.interruptions == ["scripted"]
            assert transcriber.streams[0].closed
            # Seconds 2 to 4 went to the stream that died: nobody knows what was said in them.
            assert heard.captions.settled == [Interval(start=0, end=2), Interval(start=4, end=8)]
            assert [segment.text for segment in heard.said] == ["one"]

        run(scenario)

    def test_a_provider_that_cannot_be_reached_is_tried_again_with_the_audio_kept(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("late", 1, 2)])
            transcriber.refusals = 2
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.captions.feed(0.0, pcm(4))
            await until(lambda: heard.said)
            heard.captions.finish()
            await running
            assert heard.interruptions == ["scripted"] * 2
            assert heard.captions.settled == [Interval(start=0, end=4)]

        run(scenario)

    def test_a_recogniser_that_is_behind_does_not_grow_the_memory(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber())
            for second in range(200):
                heard.captions.feed(float(second), pcm(1))
            heard.captions.finish()
            await heard.captions.run()
            [settled] = heard.captions.settled
            assert settled.end == 200
            assert settled.start == pytest.approx(200 - captions.BUFFER_S, abs=1.1)

        run(scenario)

    def test_one_that_stalls_is_left_with_what_it_had_settled(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("one", 1, 2), "stall"]))
            running = asyncio.create_task(heard.hear(10))
            await until(lambda: heard.said)
            await asyncio.sleep(0.05)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            assert heard.captions.settled == [Interval(start=0, end=2)]

        run(scenario)

    def test_audio_with_a_gap_goes_on_in_a_new_stream_with_times_of_its_own(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([], [said("after", 1, 2)])
            heard = Captioning(transcriber)
            heard.captions.feed(0.0, pcm(4))
            heard.captions.feed(10.0, pcm(4))
            heard.captions.finish()
            await heard.captions.run()
            assert [(segment.text, segment.start) for segment in heard.said] == [("after", 11)]
            assert heard.captions.settled == [Interval(start=0, end=4), Interval(start=10, end=14)]

        run(scenario)

    def test_words_go_to_the_take_they_were_said_in(self, store: Store) -> None:
        async def scenario() -> None:
            first, second = a_take(end=5.0), a_take(session_id="t", begin=5.0, offset=100.0)
            heard = Captioning(
                ScriptedTranscriber([Heard((Utterance("a", 1, 2), Utterance("b", 6, 7)), 7.0)]), first, second
            )
            await heard.hear(8)
            assert [(batch.session_id, batch.start, batch.end) for batch in store.batches] == [
                ("s", 0, 5),
                ("t", 100, 102),
            ]
            assert [(segment.text, segment.start) for segment in heard.said] == [("a", 1), ("b", 101)]
            assert heard.captions.covered(second) == [Interval(start=100, end=103)]

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
