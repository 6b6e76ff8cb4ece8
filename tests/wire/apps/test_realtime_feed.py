"""What a live session hands over: names only, only while somebody wants them, and never at the session's expense."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from common.conversations.live import realtime_feed
from common.conversations.live.realtime_feed import MOST_WAITING, RealtimeFeed
from common.core import clock
from common.core.errors import ProviderError
from common.database import topics
from common.database.audio_blocks import AudioBlock
from common.database.segment_batches import SegmentBatch
from common.models.events import SegmentsReady
from common.models.segment import TranscriptSegment
from common.users.webhooks import WebhookType, set_webhook
from tests.wire.apps.conftest import Announced

HOOK = "https://hooks.example.com/in"
Feeding = Callable[[RealtimeFeed], Coroutine[Any, Any, None]]


def _batch(start: float = 0.0, *, session: str = "s1") -> SegmentBatch:
    said = TranscriptSegment(text="a secret", start=start, end=start + 1)
    return SegmentBatch(session_id=session, start=start, end=start + 1, segments=[said], heard_at=clock.now())


def _block(start: float, *, session: str = "s1", seconds: float = 5.0) -> AudioBlock:
    return AudioBlock(session_id=session, start=start, end=start + seconds, codec="pcm16", sample_rate=16000)


def _feed(uid: str, feeding: Feeding) -> RealtimeFeed:
    async def session() -> RealtimeFeed:
        feed = RealtimeFeed(uid=uid)
        await feeding(feed)
        await feed.close(within_s=5.0)
        return feed

    return asyncio.run(session())


def test_nothing_is_announced_that_nobody_wants(announced: Announced, uid: str) -> None:
    async def feeding(feed: RealtimeFeed) -> None:
        feed.segments("c1", _batch())
        feed.audio("c1", _block(0.0))

    assert _feed(uid, feeding).dropped == 0
    assert announced() == []


def test_words_are_announced_by_where_they_are_kept(announced: Announced, uid: str) -> None:
    set_webhook(WebhookType.REALTIME_TRANSCRIPT, HOOK, uid=uid)

    async def feeding(feed: RealtimeFeed) -> None:
        feed.segments("c1", _batch(0.0))
        feed.segments("c1", _batch(2.5))
        feed.audio("c1", _block(0.0))

    _feed(uid, feeding)
    [event] = announced()
    assert (event.conversation_id, event.batches) == ("c1", ("s1:0000000000-0000001000", "s1:0000002500-0000003500"))
    assert event.audio == event.developer_audio == ()
    assert "secret" not in event.model_dump_json()


def test_audio_waits_for_as_much_as_was_asked_for_and_the_rest_comes_at_the_end(announced: Announced, uid: str) -> None:
    set_webhook(WebhookType.AUDIO_BYTES, f"{HOOK},9", uid=uid)

    async def feeding(feed: RealtimeFeed) -> None:
        for start in (0.0, 5.0, 10.0):
            feed.audio("c1", _block(start))
            await asyncio.sleep(0.3)

    _feed(uid, feeding)
    first, second = announced()
    assert first.developer_audio == (f"{uid}/c1/s1/0000000000-0000005000", f"{uid}/c1/s1/0000005000-0000010000")
    assert second.developer_audio == (f"{uid}/c1/s1/0000010000-0000015000",)


def test_channels_and_conversations_are_told_apart(announced: Announced, uid: str) -> None:
    set_webhook(WebhookType.AUDIO_BYTES, HOOK, uid=uid)

    async def feeding(feed: RealtimeFeed) -> None:
        for conversation, session in (("c1", "s1"), ("c1", "s2"), ("c2", "s3")):
            feed.audio(conversation, _block(0.0, session=session))

    _feed(uid, feeding)
    told = {(event.conversation_id, event.developer_audio[0].split("/")[2]) for event in announced()}
    assert told == {("c1", "s1"), ("c1", "s2"), ("c2", "s3")}


def test_no_piece_is_too_large_however_much_has_waited(announced: Announced, uid: str) -> None:
    set_webhook(WebhookType.AUDIO_BYTES, f"{HOOK},3600", uid=uid)

    async def feeding(feed: RealtimeFeed) -> None:
        for number in range(60):
            feed.audio("c1", _block(5.0 * number))

    _feed(uid, feeding)
    pieces = [len(event.developer_audio) for event in announced()]
    assert pieces == [24, 24, 12]


def test_who_asks_later_is_told_from_then_on(announced: Announced, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime_feed, "WANTED_FOR_S", 2.0)

    async def feeding(feed: RealtimeFeed) -> None:
        feed.segments("c1", _batch(0.0))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(set_webhook, WebhookType.REALTIME_TRANSCRIPT, HOOK, uid=uid)
        feed.segments("c1", _batch(1.0))

    _feed(uid, feeding)
    [event] = announced()
    assert event.batches == ("s1:0000001000-0000002000",)


def test_a_topic_that_hangs_costs_the_session_nothing_and_memory_stays_bounded(
    uid: str, announced: Announced, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_webhook(WebhookType.REALTIME_TRANSCRIPT, HOOK, uid=uid)
    monkeypatch.setattr(topics, "publish", lambda *_: time.sleep(1.5))

    async def session() -> tuple[RealtimeFeed, float]:
        feed = RealtimeFeed(uid=uid)
        longest = 0.0
        feed.segments("c1", _batch())
        await asyncio.sleep(0.3)
        for number in range(2 * MOST_WAITING):
            began = time.monotonic()
            feed.segments("c1", _batch(float(number)))
            longest = max(longest, time.monotonic() - began)
        began = time.monotonic()
        await feed.close(within_s=0.2)
        assert time.monotonic() - began < 1.0
        return feed, longest

    feed, longest = asyncio.run(session())
    assert longest < 0.75, "half of what a publish hangs for"
    assert feed.dropped >= MOST_WAITING
    assert announced() == []


def test_a_store_that_fails_is_not_heard_of_in_the_session(
    uid: str, announced: Announced, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_webhook(WebhookType.REALTIME_TRANSCRIPT, HOOK, uid=uid)
    genuine, failures = topics.publish, iter([True])

    def failing(*events: SegmentsReady) -> None:
        if next(failures, False):
            raise ProviderError("not now")
        genuine(*events)

    monkeypatch.setattr(topics, "publish", failing)

    async def feeding(feed: RealtimeFeed) -> None:
        feed.segments("c1", _batch(0.0))
        await asyncio.sleep(0.2)
        feed.segments("c1", _batch(1.0))

    assert _feed(uid, feeding).dropped == 1
    [event] = announced()
    assert event.batches == ("s1:0000001000-0000002000",)
