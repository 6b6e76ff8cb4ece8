"""Channels of a connection without a connection: nobody recognises what is said on them, and nothing is stored."""

from common.conversations.live.captions import Captions
from common.conversations.live.channel import Channel
from common.conversations.live.take import Take


def a_channel(*, offset: float = 0.0) -> Channel:
    """One of uncompressed audio, with a take that lies at `offset` seconds in its conversation."""
    channel = Channel(
        uid="u",
        number=0,
        codec="pcm16",
        sample_rate=16_000,
        captions=_captions,
        gate=None,
        transcribed=True,
        hear=None,
        stored=lambda *_: None,
    )
    channel.begin(Take(conversation_id="c", session_id="s", begin=0.0, offset=offset))
    return channel


def _captions(_: Channel) -> Captions:
    return Captions(
        language="en",
        vocabulary=(),
        transcribers=(),
        spoken=_nothing,
        speaking=lambda _: None,
        interrupted=lambda _: None,
        resumed=lambda _: None,
    )


async def _nothing(_: object) -> None:
    return
