"""Runs omi-sdk, in its own environment, as its users do: packets of the device in, transcripts out.

    python omi_sdk.py LIBOPUS PACKETS ws://127.0.0.1:9000

The SDK has Deepgram's address built in; here it is led to a relay that speaks Deepgram's protocol. PACKETS holds hex
lines, each a packet with the device's header of three bytes. Prints each transcript on a line of its own.
"""

import asyncio
import ctypes.util
import sys
import types
from pathlib import Path

_libopus, _packets, _relay = sys.argv[1:4]
ctypes.util.find_library = lambda name: _libopus if name == "opus" else None

import websockets.asyncio.client  # noqa: E402
import websockets.exceptions  # noqa: E402
from omi.decoder import OmiOpusDecoder  # noqa: E402 - after the library it looks for can be found
from omi.transcribe import transcribe  # noqa: E402

_PACKET_S = 0.02
_SPEED = 4.0


def _connect(_url, **options):
    return websockets.asyncio.client.connect(_relay, **options)


# The package has a function of the module's name, so the module is only to be had from here.
sys.modules["omi.transcribe"].websockets = types.SimpleNamespace(connect=_connect, exceptions=websockets.exceptions)


async def _main(lines):
    queue = asyncio.Queue()
    decoder = OmiOpusDecoder()
    transcribing = asyncio.create_task(transcribe(queue, "a-key", lambda text: print("heard", text, flush=True)))
    for line in lines:
        queue.put_nowait(decoder.decode_packet(bytes.fromhex(line)))
        await asyncio.sleep(_PACKET_S / _SPEED)
    print("sent", flush=True)
    await transcribing


asyncio.run(_main(Path(_packets).read_text().split()))
