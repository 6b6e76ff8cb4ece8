"""Live captions with recognisers that follow a script: what one does not settle, the next one hears."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from itertools import count

import pytest

from common.conversations.live import captions, pending
from common.conversations.live.captions import Captions
from common.conversations.live.channel import Channel
from common.conversations.live.hearing import Spoken
from common.conversations.live.take import Take
from common.core.errors import ProviderError, ProviderExhaustedError
from common.models.conversation import Interval
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from tests.support import virtual_time
from tests.support.scenarios import run, until

Script = list[Heard | Exception | str]
_NUMBER = count()


pytestmark = pytest.mark.usefixtures("fast_clock")


def pcm(seconds: float, value: int = 0) -> bytes:
    return value.to_bytes(2, "little") * round(seconds * BYTES_PER_SECOND / 2)


def said(text: str, start: float, end: float, *, until: float | None = None) -> Heard:
    return Heard((Utterance(text, start, end),), end if until is None else until)


class ScriptedStream:
    """A recognition that hears what its script says and fails where it says so."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.received = bytearray()
        self.kept_alive = 0
        self.closes_in_s = 0.0
        self.breaks = self.blocks = self.blocked = self.closed = self.fails_when_cancelled = False
        self._finished = asyncio.Event()

    async def send(self, pcm: bytes) -> None:
        if self.breaks:
            raise ProviderError("broken")
        if self.blocks:
            self.blocked = True
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if self.fails_when_cancelled:
                    raise ProviderError("cut off") from None
                raise
        self.received += pcm

    def offer(self, pcm: bytes) -> bool:
        if self.breaks or self.blocks:
            return False
        self.received += pcm
        return True

    async def keep_alive(self) -> None:
        self.kept_alive += 1

    async def finish(self) -> None:
        self._finished.set()

    async def __aiter__(self) -> AsyncIterator[Heard]:
        for step in self._script:
            if step == "stall":
                await asyncio.Event().wait()
            if step == "end":
                return
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Heard):
                enough = round(max(step.until, *(each.end for each in step.interim), 0.0) * BYTES_PER_SECOND)
                await until(lambda enough=enough: len(self.received) >= enough)  # type: ignore[misc]  # bound now, not later
                yield step
        await self._finished.wait()
        yield Heard((), len(self.received) / BYTES_PER_SECOND)

    async def aclose(self) -> None:
        self.closed = True
        await asyncio.sleep(self.closes_in_s)


class ScriptedTranscriber:
    """Opens one stream per script."""

    longest_s: float | None = None

    def __init__(self, *scripts: Script) -> None:
        self.name = f"scripted-{next(_NUMBER)}"
        self._scripts = list(scripts)
        self.streams: list[ScriptedStream] = []
        self.refuses: list[ProviderError] = []

    def understands(self, language: str) -> bool:
        return language == "en"

    async def open(self, *, language: str, vocabulary: Sequence[str] = ()) -> ScriptedStream:
        assert (language, list(vocabulary)) == ("en", ["Earshot"])
        if self.refuses:
            raise self.refuses.pop(0)
        self.streams.append(ScriptedStream(self._scripts.pop(0) if self._scripts else []))
        return self.streams[-1]


class Captioning:
    """Captions, and what they told."""

    def __init__(self, *transcribers: ScriptedTranscriber) -> None:
        self.spoken: list[Spoken] = []
        self.speaking: list[str] = []
        self.interruptions: list[str] = []
        self.resumptions: list[str] = []
        self.store_is_away = self.storing = False
        self.captions = Captions(
            language="en",
            vocabulary=["Earshot"],
            transcribers=transcribers,
            spoken=self._spoken,
            speaking=lambda spoken: self.speaking.extend(each.text for each in spoken.utterances),
            interrupted=self.interruptions.append,
            resumed=self.resumptions.append,
        )

    @property
    def said(self) -> list[tuple[str, float, float]]:
        return [(each.text, each.start, each.end) for spoken in self.spoken for each in spoken.utterances]

    async def _spoken(self, spoken: Spoken) -> None:
        self.storing = True
        while self.store_is_away:  # noqa: ASYNC110 - a switch of the test's
            await asyncio.sleep(0.001)
        self.spoken.append(spoken)

    def feed(self, seconds: float, *, begin: float = 0.0, piece: float = 0.5, loud: bool = False) -> None:
        for number in range(round(seconds / piece)):
            self.captions.feed(begin + number * piece, pcm(piece, 9000 if loud else 0))

    async def hear_around_a_loss(self) -> None:
        """Feed four seconds and, as if what came between were lost, four more from the tenth on; hear everything."""
        self.feed(4)
        self.feed(4, begin=10.0)
        self.captions.finish()
        await self.captions.run()

    async def hear(self, seconds: float) -> None:
        """Feed that much audio, finish and wait until everything is heard."""
        self.feed(seconds)
        self.captions.finish()
        await self.captions.run()


class TestHearing:
    """What is certain is told in order, and settled once it is stored."""

    def test_what_is_heard_is_told_and_everything_is_settled(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("hello", 1, 2), said("world", 4, 5, until=6)]))
            await heard.hear(10)
            assert heard.said == [("hello", 1, 2), ("world", 4, 5)]
            assert heard.captions.settled == [Interval(start=0, end=10)]

        run(scenario)

    def test_no_word_is_settled_before_it_is_stored(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("hello", 1, 2)]))
            heard.store_is_away = True
            running = asyncio.create_task(heard.hear(10))
            await asyncio.sleep(0.1)
            assert heard.captions.settled == []
            heard.store_is_away = False
            await running
            assert heard.captions.settled == [Interval(start=0, end=10)]

        run(scenario)

    def test_words_that_are_being_stored_when_their_stream_breaks_are_not_heard_again(self) -> None:
        async def scenario() -> None:
            first, second = ScriptedTranscriber([said("one", 0, 2), "stall"]), ScriptedTranscriber([said("two", 1, 2)])
            heard = Captioning(first, second)
            heard.store_is_away = True
            running = asyncio.create_task(heard.captions.run())
            heard.feed(2)
            await until(lambda: heard.storing)
            first.streams[0].breaks = True
            heard.feed(2, begin=2.0)
            await asyncio.sleep(0.02)
            heard.store_is_away = False
            heard.captions.finish()
            await running
            assert heard.said == [("one", 0, 2), ("two", 3, 4)]
            assert len(second.streams[0].received) == 2 * BYTES_PER_SECOND

        run(scenario)

    def test_what_seems_to_be_said_is_told_and_settles_nothing(self) -> None:
        async def scenario() -> None:
            interim = Heard((), 0.0, (Utterance("hel", 1, 2),))
            heard = Captioning(ScriptedTranscriber([interim, "stall"]))
            running = asyncio.create_task(heard.hear(4))
            await until(lambda: heard.speaking)
            assert heard.speaking == ["hel"]
            assert heard.captions.settled == []
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

        run(scenario)

    def test_audio_with_a_gap_keeps_its_times(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("before", 1, 2), said("after", 5, 6)]))
            await heard.hear_around_a_loss()
            assert heard.said == [("before", 1, 2), ("after", 11, 12)]
            assert heard.captions.settled == [Interval(start=0, end=3.5), Interval(start=10.5, end=14)]

        run(scenario)

    def test_a_cut_ends_a_stream_and_the_next_one_begins_there(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 1, 2)], [said("two", 1, 2)])
            heard = Captioning(transcriber)
            heard.feed(4)
            heard.captions.cut(4.0)
            heard.feed(4, begin=4.0)
            heard.captions.finish()
            await heard.captions.run()
            assert heard.said == [("one", 1, 2), ("two", 5, 6)]
            assert [len(stream.received) for stream in transcriber.streams] == [4 * BYTES_PER_SECOND] * 2
            assert heard.captions.settled == [Interval(start=0, end=8)]

        run(scenario)


class TestOtherRates:
    """A resampler holds audio back and gives it in pieces of its own; that is no loss, and shifts nothing."""

    @pytest.mark.parametrize("rate", [4_000, 8_000, 11_025, 16_000, 44_100, 48_000])
    def test_all_is_heard_as_it_was_said(self, rate: int) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("one", 0.1, 0.9), said("two", 2.1, 2.9)]))
            channel = Channel(
                uid="somebody",
                number=0,
                codec="pcm16",
                sample_rate=rate,
                captions=lambda _: heard.captions,
                gate=None,
                transcribed=True,
                hear=None,
                stored=lambda *_: None,
            )
            channel.begin(Take("conversation", "session", 0.0, 0.0))
            running = asyncio.create_task(heard.captions.run())
            for _ in range(200):
                channel.add([bytes(2 * (rate // 50))])
                await asyncio.sleep(0)
            channel.finish()
            await running
            assert heard.said == [("one", 0.1, 0.9), ("two", 2.1, 2.9)]
            [settled] = heard.captions.settled
            assert settled.start == 0
            assert settled.end == pytest.approx(channel.clock, abs=0.25)

        run(scenario)


class TestSilence:
    """What nobody speaks in is not sent, and is settled all the same."""

    def test_silence_alone_opens_no_stream(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber()
            heard = Captioning(transcriber)
            heard.captions.pass_over(0.0, 30.0)
            heard.captions.finish()
            await heard.captions.run()
            assert transcriber.streams == []
            assert heard.captions.settled == [Interval(start=0, end=30)]

        run(scenario)

    def test_words_around_a_silence_keep_their_times(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("before", 1, 2, until=4), said("after", 5, 6)])
            heard = Captioning(transcriber)
            heard.feed(4)
            heard.captions.pass_over(4.0, 100.0)
            heard.feed(4, begin=100.0)
            heard.captions.pass_over(104.0, 110.0)
            heard.captions.finish()
            await heard.captions.run()
            assert heard.said == [("before", 1, 2), ("after", 101, 102)]
            assert heard.captions.settled == [Interval(start=0, end=110)]
            assert len(transcriber.streams[0].received) == 8 * BYTES_PER_SECOND

        run(scenario)

    def test_silence_after_words_is_settled_only_when_they_are(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber(["stall"]))
            running = asyncio.create_task(heard.captions.run())
            heard.feed(4)
            heard.captions.pass_over(4.0, 10.0)
            await asyncio.sleep(0.05)
            assert heard.captions.settled == []
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

        run(scenario)

    def test_a_quiet_stream_is_kept_alive_and_ended_in_the_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(captions, "_WATCH_S", 0.005)
        monkeypatch.setattr(captions, "_KEEP_ALIVE_S", 0.01)
        monkeypatch.setattr(captions, "_LONGEST_QUIET_S", 0.1)

        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 1, 2)], [said("two", 0, 1)])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(4)
            await until(lambda: heard.captions.settled_until == 4)
            assert transcriber.streams[0].kept_alive > 1
            heard.feed(2, begin=4.0)
            heard.captions.finish()
            await running
            assert heard.said == [("one", 1, 2), ("two", 4, 5)]
            assert heard.interruptions == []

        run(scenario)


class TestStalling:
    """Audio that stops coming in the middle of a word: whoever is asked for all it has now hears half of it."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(captions, "_WATCH_S", 0.005)
        monkeypatch.setattr(captions, "_KEEP_ALIVE_S", 0.01)

    def test_the_word_is_heard_whole_by_the_next_stream_once_it_goes_on(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 1, 2)], [said("two", 1, 3)])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(3)
            heard.feed(1, begin=3.0, loud=True)
            await until(lambda: transcriber.streams and transcriber.streams[0].closed)
            await asyncio.sleep(0.05)
            assert transcriber.streams[0].kept_alive == 0
            assert len(transcriber.streams) == 1, "nobody is asked before there is more to hear"
            heard.feed(1, begin=4.0, loud=True)
            heard.feed(1, begin=5.0)
            await until(lambda: len(heard.said) == 2)
            heard.captions.finish()
            await running
            assert heard.said == [("one", 1, 2), ("two", 3, 5)]
            assert heard.interruptions == []
            assert heard.captions.settled == [Interval(start=0, end=6)]

        run(scenario)

    def test_a_word_that_goes_on_while_its_stream_is_closed_is_not_waited_for(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber(["stall"], [said("word", 0, 1.5)])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(1, loud=True)
            await until(lambda: transcriber.streams)
            transcriber.streams[0].closes_in_s = 1.0
            await until(lambda: transcriber.streams[0].closed)
            heard.feed(0.5, begin=1.0)
            await asyncio.sleep(2.0)
            assert heard.said == [("word", 0, 1.5)]
            running.cancel()

        virtual_time.run(scenario)

    @pytest.mark.parametrize("over", ["finish", "cut"])
    def test_it_is_heard_as_far_as_it_goes_when_nothing_will_come(self, over: str) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber(["stall"])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(1, loud=True)
            await until(lambda: transcriber.streams and transcriber.streams[0].closed)
            if over == "finish":
                heard.captions.finish()
            else:
                heard.captions.cut(1.0)
            await until(lambda: heard.captions.settled == [Interval(start=0, end=1)])
            running.cancel()

        run(scenario)

    def test_after_long_it_is_no_longer_expected_to_go_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(captions, "_SURELY_OVER_S", 0.1)

        async def scenario() -> None:
            transcriber = ScriptedTranscriber()
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(1, loud=True)
            await until(lambda: len(transcriber.streams) == 2)
            await until(lambda: transcriber.streams[1].kept_alive > 0)
            assert transcriber.streams[0].kept_alive == 0
            running.cancel()

        run(scenario)

    def test_a_provider_that_is_behind_is_not_asked_for_all_it_has(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber()
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(1)
            await until(lambda: transcriber.streams and transcriber.streams[0].kept_alive > 0)
            stream = transcriber.streams[0]
            stream.blocks = True
            heard.feed(1, begin=1.0)
            await until(lambda: stream.blocked)
            kept_alive = stream.kept_alive
            await asyncio.sleep(0.1)
            assert stream.kept_alive == kept_alive
            running.cancel()

        run(scenario)


class TestSentAtOnce:
    """A stream that has been sent everything is given what comes next without the task that else sends it."""

    def test_audio_goes_on_to_the_stream_before_feed_returns(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 1, 2)])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(1)
            await until(lambda: bool(transcriber.streams and len(transcriber.streams[0].received) == BYTES_PER_SECOND))
            heard.captions.feed(1.0, pcm(0.02, 7))
            assert transcriber.streams[0].received.endswith(pcm(0.02, 7))
            heard.feed(2, begin=1.02)
            assert len(transcriber.streams[0].received) == len(pcm(3.02))
            heard.captions.finish()
            await running
            assert heard.said == [("one", 1, 2)]
            [settled] = heard.captions.settled
            assert (settled.start, settled.end) == pytest.approx((0, 3.02))

        run(scenario)

    def test_silence_and_audio_of_the_same_moment_keep_their_order(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 0.2, 0.8), said("two", 1.2, 1.8)])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(1)
            await until(lambda: bool(transcriber.streams and len(transcriber.streams[0].received) == BYTES_PER_SECOND))
            heard.captions.pass_over(1.0, 5.0)
            heard.feed(1, begin=5.0)  # before any task has run
            heard.captions.finish()
            await running
            assert heard.said == [("one", 0.2, 0.8), ("two", pytest.approx(5.2), pytest.approx(5.8))]
            assert heard.captions.settled == [Interval(start=0, end=6)]

        run(scenario)

    def test_audio_behind_a_cut_goes_to_the_next_stream(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([], [])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(1)
            await until(lambda: bool(transcriber.streams and len(transcriber.streams[0].received) == BYTES_PER_SECOND))
            heard.captions.cut(1.0)
            heard.captions.feed(1.0, pcm(0.5, 7))
            heard.captions.finish()
            await running
            assert [bytes(stream.received) for stream in transcriber.streams] == [pcm(1), pcm(0.5, 7)]

        run(scenario)

    def test_what_was_sent_in_small_pieces_is_heard_by_the_next_one_to_the_sample(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 0.2, 0.9), "stall"])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            for number in range(200):
                heard.captions.feed(number * 0.02, pcm(0.02, number))
                await asyncio.sleep(0)
            await until(lambda: heard.captions.settled_until == 0.9)
            transcriber.streams[0].breaks = True
            heard.captions.feed(4.0, pcm(0.02, 200))
            heard.captions.finish()
            await running
            whole = b"".join(pcm(0.02, number) for number in range(201))
            assert bytes(transcriber.streams[1].received) == whole[len(pcm(0.9)) :]
            [settled] = heard.captions.settled
            assert (settled.start, settled.end) == pytest.approx((0, 4.02))

        run(scenario)

    def test_nothing_is_given_to_a_stream_that_nears_its_longest_time(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([], [])
            transcriber.longest_s = 10.0
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            for number in range(200):
                heard.captions.feed(number * 0.1, pcm(0.1, number))
                await asyncio.sleep(0)
            heard.captions.finish()
            await running
            received = [bytes(stream.received) for stream in transcriber.streams]
            assert all(len(each) <= len(pcm(9.7)) for each in received)
            assert b"".join(received) == b"".join(pcm(0.1, number) for number in range(200))

        run(scenario)

    def test_a_word_beside_a_silence_is_on_its_side_of_it_however_anybody_rounds(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("before", 3, 4 + 1e-7), said("after", 4 - 1e-7, 5)])
            heard = Captioning(transcriber)
            heard.feed(4, piece=0.02)
            heard.captions.pass_over(4.0, 100.0)
            heard.feed(2, begin=100.0, piece=0.02)
            heard.captions.finish()
            await heard.captions.run()
            assert [(text, round(start, 3), round(end, 3)) for text, start, end in heard.said] == [
                ("before", 3, 4),
                ("after", 100, 101),
            ]

        run(scenario)

    def test_silence_after_all_that_was_said_is_settled_at_once_however_anybody_rounds(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("one", 1, 4 - 1e-7)]))
            running = asyncio.create_task(heard.captions.run())
            heard.feed(4, piece=0.02)
            await until(lambda: heard.captions.settled_until > 3.9)
            heard.captions.pass_over(4.0, 10.0)
            await until(lambda: heard.captions.settled_until == 10)
            running.cancel()

        run(scenario)


class TestFailing:
    """Whatever a provider does: the next one, or the next try, hears what is not settled, to the sample."""

    def test_the_next_provider_goes_on_where_words_were_settled(self) -> None:
        async def scenario() -> None:
            first = ScriptedTranscriber([said("one", 1, 2), ProviderError("gone")])
            second = ScriptedTranscriber([said("two", 1, 2)])
            heard = Captioning(first, second)
            await heard.hear(6)
            assert heard.said == [("one", 1, 2), ("two", 3, 4)]
            assert heard.interruptions == [first.name]
            assert [spoken.provider for spoken in heard.spoken if spoken.utterances] == [first.name, second.name]
            assert len(second.streams[0].received) == 4 * BYTES_PER_SECOND, "seconds 2 to 6, nothing twice"
            assert heard.captions.settled == [Interval(start=0, end=6)]
            assert first.streams[0].closed

        run(scenario)

    def test_one_that_fails_while_its_connection_ends_is_the_last(self) -> None:
        async def scenario() -> None:
            first, second = ScriptedTranscriber([]), ScriptedTranscriber([])
            heard = Captioning(first, second)
            hearing = asyncio.create_task(heard.captions.run())
            heard.feed(1)
            await until(lambda: first.streams and first.streams[0].received)
            first.streams[0].blocks = first.streams[0].fails_when_cancelled = True
            heard.feed(1, begin=1.0)
            await until(lambda: first.streams[0].blocked)
            hearing.cancel()
            await asyncio.wait({hearing}, timeout=1)
            assert hearing.cancelled()
            assert not second.streams, "nobody is there to be told"

        run(scenario)

    def test_the_seam_is_exact_in_the_middle_of_a_piece(self) -> None:
        async def scenario() -> None:
            first = ScriptedTranscriber([said("one", 0.5, 1.25), ProviderError("gone")])
            second = ScriptedTranscriber([said("two", 0, 0.5)])
            heard = Captioning(first, second)
            for number in range(4):
                heard.captions.feed(float(number), pcm(1, value=number))
            heard.captions.finish()
            await heard.captions.run()
            assert heard.said == [("one", 0.5, 1.25), ("two", 1.25, 1.75)]
            assert bytes(second.streams[0].received) == pcm(0.75, value=1) + pcm(1, value=2) + pcm(1, value=3)

        run(scenario)

    def test_one_that_is_out_of_credit_is_not_asked_again_while_there_is_another(self) -> None:
        async def scenario() -> None:
            first, second = ScriptedTranscriber(), ScriptedTranscriber([ProviderError("gone")], [said("two", 1, 2)])
            first.refuses = [ProviderExhaustedError("no credit", pause_s=60)]
            heard = Captioning(first, second)
            await heard.hear(4)
            assert heard.said == [("two", 1, 2)]
            assert first.streams == []
            assert heard.interruptions == [first.name, second.name]

        run(scenario)

    def test_a_provider_that_cannot_be_reached_is_tried_again_with_the_audio_kept(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("late", 1, 2)])
            transcriber.refuses = [ProviderError("no connection")] * 2
            heard = Captioning(transcriber)
            await heard.hear(4)
            assert heard.interruptions == [transcriber.name] * 2
            assert heard.said == [("late", 1, 2)]
            assert heard.captions.settled == [Interval(start=0, end=4)]

        run(scenario)

    def test_one_that_says_nothing_while_audio_is_due_is_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(captions, "_WATCH_S", 0.005)
        monkeypatch.setattr(captions, "SILENT_S", 0.3)

        async def scenario() -> None:
            first, second = ScriptedTranscriber(["stall"]), ScriptedTranscriber([said("heard", 1, 2)])
            heard = Captioning(first, second)
            await heard.hear(4)
            assert heard.said == [("heard", 1, 2)]

        run(scenario)

    def test_one_that_had_nothing_to_hear_for_long_has_time_to_answer(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 1, 2), "stall"], [])
            heard = Captioning(transcriber, ScriptedTranscriber())
            running = asyncio.create_task(heard.captions.run())
            heard.feed(2)
            await until(lambda: heard.captions.settled_until == 2)
            await asyncio.sleep(captions.SILENT_S + 5)
            for second in range(2, 12):
                heard.feed(1, begin=float(second))
                await asyncio.sleep(1)
            assert heard.interruptions == []
            for second in range(12, 22):
                heard.feed(1, begin=float(second))
                await asyncio.sleep(1)
            assert heard.interruptions == [transcriber.name], "but not for ever"
            running.cancel()

        virtual_time.run(scenario)

    def test_one_that_ends_the_stream_by_itself_has_failed(self) -> None:
        async def scenario() -> None:
            first = ScriptedTranscriber([said("one", 1, 2), "end"])
            heard = Captioning(first, ScriptedTranscriber([said("two", 1, 2)]))
            await heard.hear(4)
            assert heard.said == [("one", 1, 2), ("two", 3, 4)]
            assert heard.interruptions == [first.name]

        run(scenario)

    def test_one_that_is_behind_does_not_grow_the_memory(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber())
            heard.feed(200, piece=1.0)
            heard.captions.finish()
            await heard.captions.run()
            [settled] = heard.captions.settled
            assert settled.end == 200
            assert settled.start == pytest.approx(200 - pending.KEPT_S, abs=1.1)

        run(scenario)

    def test_a_word_of_two_halves_around_lost_audio_is_left_to_the_repair(self) -> None:
        async def scenario() -> None:
            halves = Heard((Utterance("halves", 3.8, 4.3), Utterance("whole", 5, 6)), 7.0)
            heard = Captioning(ScriptedTranscriber([said("before", 1, 2, until=3), halves]))
            await heard.hear_around_a_loss()
            assert heard.said == [("before", 1, 2), ("whole", 11, 12)]
            [first, second] = heard.captions.settled
            assert first.end == pytest.approx(3.5), "half a second before the loss nothing is certain"
            assert second == Interval(start=10.5, end=14)

        run(scenario)

    def test_half_a_word_after_lost_audio_is_left_to_the_repair(self) -> None:
        async def scenario() -> None:
            halves = Heard((Utterance("alf", 4, 4.6), Utterance("whole", 5, 6)), 7.0)
            heard = Captioning(ScriptedTranscriber([said("before", 1, 2, until=4), halves]))
            await heard.hear_around_a_loss()
            assert heard.said == [("before", 1, 2), ("whole", 11, 12)]
            [first, second] = heard.captions.settled
            assert (first.end, second.end) == (3.5, 14)
            assert second.start == pytest.approx(10.6)

        run(scenario)

    def test_what_is_too_near_to_a_loss_is_left_to_the_repair_and_not_heard_again_and_again(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 1, 2)], [said("next", 1, 2)])
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(4)
            await until(lambda: heard.captions.settled_until == 2)
            heard.feed(0.4, begin=10.0, piece=0.02)  # what came before it is lost
            heard.captions.cut(10.4)
            heard.feed(4, begin=10.4)
            heard.captions.finish()
            await running
            assert heard.said == [("one", 1, 2), ("next", 11.4, 12.4)]
            assert [len(stream.received) for stream in transcriber.streams] == [len(pcm(4.4)), len(pcm(4))]
            assert heard.captions.settled == [Interval(start=0, end=3.5), Interval(start=10.4, end=14.4)]

        run(scenario)

    def test_a_word_is_told_only_where_what_it_was_said_in_is_settled(self) -> None:
        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("short", 4.6, 4.7), said("more", 5, 6)]))
            await heard.hear_around_a_loss()
            assert heard.said == [("short", pytest.approx(10.6), pytest.approx(10.7)), ("more", 11, 12)]
            assert [(each.start, each.end) for each in heard.captions.settled] == [(0, 3.5), (10.5, 14)]

        run(scenario)

    def test_rests_grow_while_nothing_works_and_are_short_again_afterwards(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rests: list[float] = []
        sleep = asyncio.sleep

        async def noted(seconds: float) -> None:
            if seconds > 0.005:
                rests.append(seconds)
            await sleep(0)

        monkeypatch.setattr("common.conversations.live.choosing.asyncio.sleep", noted)

        async def scenario() -> None:
            transcriber = ScriptedTranscriber([said("one", 1, 2)])
            transcriber.refuses = [ProviderError("no connection")] * 3
            heard = Captioning(transcriber)
            await heard.hear(4)
            assert len(heard.interruptions) == 3

        run(scenario)
        assert rests


class TestRollingOver:
    """A stream is given up before the provider's own limit, at a moment when all is settled."""

    def test_no_word_is_lost_or_heard_twice_and_nobody_counts_it_as_a_failure(self) -> None:
        async def scenario() -> None:
            transcriber = ScriptedTranscriber(
                [said("one", 1, 2), said("two", 9, 9.5), "stall"], [said("three", 0.5, 1.5)]
            )
            transcriber.longest_s = 10.0
            heard = Captioning(transcriber)
            running = asyncio.create_task(heard.captions.run())
            heard.feed(8)
            await until(lambda: heard.captions.settled_until == 2)
            await asyncio.sleep(0.05)  # whoever notes that the provider works looks at the stream's age afterwards
            heard.feed(1.5, begin=8.0)
            await until(lambda: heard.captions.settled_until == 9.5)
            heard.feed(4.5, begin=9.5)
            heard.captions.finish()
            await running
            assert heard.said == [("one", 1, 2), ("two", 9, 9.5), ("three", 10, 11)]
            assert heard.interruptions == []
            assert heard.captions.settled == [Interval(start=0, end=14)]

        run(scenario)


class TestSlowStore:
    """What is slow there is nobody's fault here."""

    def test_a_provider_is_not_blamed_for_a_store_that_takes_its_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(captions, "_WATCH_S", 0.005)
        monkeypatch.setattr(captions, "SILENT_S", 0.05)

        async def scenario() -> None:
            heard = Captioning(ScriptedTranscriber([said("hello", 1, 2), said("world", 4, 5)]), ScriptedTranscriber())
            heard.store_is_away = True
            running = asyncio.create_task(heard.hear(10))
            await asyncio.sleep(0.3)
            heard.store_is_away = False
            await running
            assert heard.said == [("hello", 1, 2), ("world", 4, 5)]
            assert heard.interruptions == []

        run(scenario)

    def test_silence_that_goes_on_while_nobody_listens_is_one_piece(self) -> None:
        audio = pending.PendingAudio()
        for second in range(10_000):
            audio.feed(pending.Piece(float(second), second + 1.0))
        assert audio.first == pending.Piece(0.0, 10_000.0)
        audio.skip()
        assert audio.first is None
