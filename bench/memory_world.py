"""What the works of `bench.memory` have in common: a stored world, and requests as the platform sends them.

A conversation is of ten hours, as when a device was worn all day and never silent for long; of thirty, where nobody
ended it overnight.
"""

import functools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from google.pubsub_v1 import PubsubMessage

from common.core import clock
from common.database import audio_blocks, conversations, segment_batches
from common.database.audio_blocks import AudioBlock
from common.database.segment_batches import SegmentBatch
from common.models.conversation import Conversation
from common.models.events import Message
from common.models.segment import TranscriptSegment
from common.speech.blocks import encode_block
from local.demo.device import opus_packets
from local.demo.script import RECORDING, SCRIPT, read_script
from local.environment import PROJECT, REGION
from local.events import document_event, message_event
from local.manifest import load
from tests.support.stores import Stores

HOURS = 10
LONG_S = HOURS * 3600
MORE_HOURS = 3 * HOURS
CONVERSATION = "long"
_SEGMENT_S = 4.0
_BATCH_S = 60.0
_BLOCK_S = 60.0
_PACKETS_A_SECOND = 50
_SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class Call:
    """A request; `uid` is who signs it, where somebody does."""

    method: str = "POST"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    uid: str | None = None


Prepare = Callable[[Stores, int], list[Call]]


@functools.cache
def said() -> list[str]:
    """What people say, in an order of its own each time it is gone through."""
    sentences = [turn.text for turn in read_script(SCRIPT)]
    mixed = random.Random(7)  # noqa: S311 - the same every time
    words = sorted({word for sentence in sentences for word in sentence.split()})
    count = int(MORE_HOURS * 3600 / _SEGMENT_S)
    return [
        mixed.choice(sentences) if number % 4 == 0 else " ".join(mixed.choices(words, k=11)) for number in range(count)
    ]


def segments(*, seconds: float = LONG_S) -> list[TranscriptSegment]:
    """A dialogue of three, a segment of four seconds after the other; of MORE_HOURS at most."""
    return [
        TranscriptSegment(
            text=text,
            start=number * _SEGMENT_S,
            end=(number + 1) * _SEGMENT_S,
            speaker=f"SPEAKER_0{number % 3}",
            is_user=number % 3 == 0,
        )
        for number, text in enumerate(said())
        if number * _SEGMENT_S < seconds
    ]


def long_one(*, uid: str, conversation_id: str = CONVERSATION, **fields: Any) -> Conversation:
    """A conversation that is stored: a day of talk, unless fields say otherwise."""
    ended = clock.now() - timedelta(hours=1)
    made = Conversation.model_validate(
        {
            "id": conversation_id,
            "created_at": ended - timedelta(seconds=LONG_S),
            "started_at": ended - timedelta(seconds=LONG_S),
            "finished_at": ended,
            "status": "completed",
            "capture": {"kind": "live"},
            "language": "en",
            "run": 1,
            "transcript_segments": segments(),
            "structured": {"title": "A day", "overview": "Of a day.", "category": "work"},
            **fields,
        }
    )
    return conversations.create(made, uid=uid)


def of_users(count: int) -> list[str]:
    """The ids of so many."""
    return [f"user{number}" for number in range(count)]


def store_audio(*, uid: str, seconds: float, conversation_id: str = CONVERSATION, block_s: float = _BLOCK_S) -> None:
    """Opus as a device sends it."""
    packets = opus_packets(RECORDING)
    each = int(block_s * _PACKETS_A_SECOND)
    data = encode_block([packets[number % len(packets)] for number in range(each)])
    for number in range(int(seconds / block_s)):
        block = AudioBlock(
            session_id="s",
            start=number * block_s,
            end=(number + 1) * block_s,
            codec="opus_fs320",
            sample_rate=_SAMPLE_RATE,
        )
        audio_blocks.put(block, data, uid=uid, conversation_id=conversation_id)


def store_words(*, uid: str, seconds: float = LONG_S) -> None:
    """What was heard live."""
    everything = segments(seconds=seconds)
    each = int(_BATCH_S / _SEGMENT_S)
    for first in range(0, len(everything), each):
        start = first * _SEGMENT_S
        batch = SegmentBatch(
            session_id="s",
            start=start,
            end=start + _BATCH_S,
            segments=everything[first : first + each],
            heard_at=clock.now(),
        )
        segment_batches.put(batch, uid=uid, conversation_id=CONVERSATION)


def as_task(asked: Message) -> Call:
    """As Cloud Tasks delivers it."""
    return Call(headers={"Content-Type": "application/json"}, body=asked.model_dump_json().encode())


def as_event(name: str, message: Message) -> Call:
    """As Pub/Sub delivers it to a function."""
    topic = load().functions[name].trigger.pubsub
    assert topic is not None
    sent = PubsubMessage(data=message.model_dump_json().encode(), message_id="1", publish_time=clock.now())
    headers, body = message_event(f"projects/{PROJECT}/topics/{topic.topic}", PubsubMessage.pb(sent), function=name)
    return Call(headers=headers, body=body)


def as_change(stores: Stores, uid: str, conversation_id: str = CONVERSATION, *, event: str = "written") -> Call:
    """The last that happened to a conversation's document."""
    path = f"users/{uid}/conversations/{conversation_id}"
    change = next(change for change in reversed(stores.changes) if change.path.endswith(path))
    headers, body = document_event(change, event=event, region=REGION)
    return Call(headers=headers, body=body)
