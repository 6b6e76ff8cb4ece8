"""What was heard is written down in batches that stand for settled audio, and for no other."""

import asyncio

import pytest

from common.conversations.live.hearing import Spoken
from common.conversations.live.scribe import Scribe
from common.database import segment_batches
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Interval
from common.speech.transcriber import Utterance
from tests.support.channels import a_channel


def test_audio_between_two_settled_stretches_is_claimed_by_no_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[SegmentBatch] = []
    monkeypatch.setattr(segment_batches, "put", lambda batch, **_: stored.append(batch))

    async def scenario() -> None:
        scribe = Scribe(uid="u", channels=1, recognition=None, stored=lambda *_: None)
        said = (Utterance("one", 1, 2), Utterance("at the edge", 9.5, 10.6), Utterance("two", 51, 52))
        settled = (Interval(start=0, end=10), Interval(start=50, end=55), Interval(start=60, end=61))
        await scribe.write(a_channel(offset=100.0), Spoken("p", 1, said, settled))

    asyncio.run(scenario())
    assert [(batch.start, batch.end, [each.text for each in batch.segments]) for batch in stored] == [
        (100, 110, ["one", "at the edge"]),
        (150, 155, ["two"]),
    ]
