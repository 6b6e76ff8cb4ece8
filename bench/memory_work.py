"""The heaviest that each function is asked: a stored world for as many users as come at once, and their requests.

What Cloud Tasks ask for besides is in `bench.memory_tasks`, live capture in `bench.memory_listen`.
"""

import io
import json
import random
import struct
import threading
import time
import wave
from collections.abc import Callable, Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.memory_listen import LISTEN, Streams
from bench.memory_tasks import TASKS, asked_about_large_pictures, asked_about_pictures
from bench.memory_world import (
    CONVERSATION,
    HOURS,
    MORE_HOURS,
    Call,
    Prepare,
    as_change,
    as_event,
    as_task,
    long_one,
    of_users,
    segments,
    store_audio,
    store_words,
)
from common.conversations import lifecycle
from common.conversations.playlist import list_recordings
from common.core import clock
from common.database import conversations, uploads, users
from common.models.conversation import Merging
from common.models.events import (
    ConversationCompleted,
    DeliverWebhook,
    FinalizeConversation,
    MergeConversations,
    TranscribeSpan,
)
from local.demo.device import opus_packets
from local.demo.script import RECORDING
from local.events import object_event
from tests.support.stores import Stores

_LARGEST_UPLOAD = 32 * 1024 * 1024 - 4096
_SLOW_S = 5.0


def works_of(name: str) -> list[tuple[str, str]]:
    """What is known by `FUNCTION` or `FUNCTION:WORK`: pairs of both; nothing where that is unknown."""
    function, _, work = name.partition(":")
    known = WORK.get(function, {})
    return [(function, each) for each in known if work in {"", each}]


def _completed(name: str) -> dict[str, Prepare]:
    """Of a function that hears of finished conversations."""

    def of(hours: int) -> Prepare:
        def prepare(_: Stores, count: int) -> list[Call]:
            for uid in of_users(count):
                long_one(uid=uid, transcript_segments=segments(seconds=hours * 3600))
            return [
                as_event(name, ConversationCompleted(uid=uid, conversation_id=CONVERSATION, run=1))
                for uid in of_users(count)
            ]

        return prepare

    return _of_lengths(of)


def _of_lengths(of: Callable[[int], Prepare]) -> dict[str, Prepare]:
    return {f"{hours} hours": of(hours) for hours in (HOURS, MORE_HOURS)}


def _structure(hours: int) -> Prepare:
    def prepare(stores: Stores, count: int) -> list[Call]:
        calls = []
        for uid in of_users(count):
            session = {"s": {"open": False, "covered": [{"start": 0, "end": hours * 3600}]}}
            capture = {"kind": "live", "sessions": session}
            began = clock.now() - timedelta(hours=hours + 1)
            fields: dict[str, Any] = {
                "status": "in_progress",
                "run": 0,
                "structured": {},
                "capture": capture,
                "started_at": began,
            }
            long_one(uid=uid, transcript_segments=[], **fields)
            store_words(uid=uid, seconds=hours * 3600)
            conversations.change(uid=uid, conversation_id=CONVERSATION, decide=lifecycle.begin_processing)
            calls.append(as_change(stores, uid))
        return calls

    return prepare


def _index(stores: Stores, count: int) -> list[Call]:
    for uid in of_users(count):
        long_one(uid=uid)
    return [as_change(stores, uid) for uid in of_users(count)]


def _purge(stores: Stores, count: int) -> list[Call]:
    for uid in of_users(count):
        long_one(uid=uid)
        store_audio(uid=uid, seconds=3600)
        conversations.delete(uid=uid, conversation_id=CONVERSATION)
    return [as_change(stores, uid, event="deleted") for uid in of_users(count)]


def _finalize(_: Stores, count: int) -> list[Call]:
    for uid in of_users(count):
        long_one(uid=uid, status="in_progress", run=0, transcript_segments=[], structured={})
        store_words(uid=uid)
    return [as_task(FinalizeConversation(uid=uid, conversation_id=CONVERSATION)) for uid in of_users(count)]


def _merge(_: Stores, count: int) -> list[Call]:
    calls = []
    for uid in of_users(count):
        ids = [f"long{number}" for number in range(3)]
        merging = Merging(into="whole", conversation_ids=ids, reprocess=True)
        for each in ids:
            long_one(uid=uid, conversation_id=each, status="merging", merging=merging)
            store_audio(uid=uid, seconds=3600, conversation_id=each)
        calls.append(
            as_task(MergeConversations(uid=uid, conversation_id="whole", run=0, source_ids=tuple(ids), reprocess=True))
        )
    return calls


def _span(_: Stores, count: int) -> list[Call]:
    calls = []
    for uid in of_users(count):
        span = TranscribeSpan(uid=uid, conversation_id=CONVERSATION, run=1, session_id="s", start_ms=0, end_ms=300_000)
        long_one(uid=uid, status="processing", transcript_segments=[], pending_spans=[span.key])
        store_audio(uid=uid, seconds=360)
        calls.append(as_task(span))
    return calls


def _upload(_: Stores, count: int) -> list[Call]:
    """Three hours as a recorder has them: 44.1 kHz, stereo."""
    calls = []
    for uid in of_users(count):
        name = f"{uid}/day.wav"
        _put_wav(name, seconds=3 * 3600, rate=44_100, channels=2)
        blob = uploads._blob(name)  # noqa: SLF001 - its resource is what is announced
        blob.reload()
        headers, body = object_event(blob._properties)  # noqa: SLF001 - as above
        calls.append(Call(headers=headers, body=body))
    return calls


def _put_wav(name: str, *, seconds: int, rate: int, channels: int) -> None:
    second = random.Random(7).randbytes(rate * channels * 2)  # noqa: S311 - noise
    head = io.BytesIO()
    with wave.open(head, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
    size = seconds * len(second)
    start = bytearray(head.getvalue())
    start[4:8] = struct.pack("<I", 36 + size)
    start[40:44] = struct.pack("<I", size)
    with uploads._blob(name).open("wb", content_type="audio/wav") as stored:  # noqa: SLF001 - written piece by piece
        stored.write(bytes(start))
        for _ in range(seconds):
            stored.write(second)


class _Slow(BaseHTTPRequestHandler):
    """An address that takes its time, so that everybody who tells it something does so at once."""

    def do_POST(self) -> None:
        """Take it."""
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(_SLOW_S)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def _deliver(hours: int) -> Prepare:
    """To several hosts, for one is told so much at once only."""

    def prepare(_: Stores, count: int) -> list[Call]:
        server = ThreadingHTTPServer(("0.0.0.0", 0), _Slow)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        calls = []
        for number, uid in enumerate(of_users(count)):
            url = f"http://127.0.0.{1 + number % 8}:{server.server_port}/"
            users.change(uid=uid, developer_webhooks={"memory_created": {"url": url, "enabled": True}})
            long_one(uid=uid, transcript_segments=segments(seconds=hours * 3600))
            news = DeliverWebhook.of_conversation(CONVERSATION, uid=uid, app_id=None, run=1, happened_at=clock.now())
            calls.append(as_task(news))
        return calls

    return prepare


def _get(path: str, *, uid: str) -> Call:
    return Call("GET", path, uid=uid)


def _read_long(_: Stores, count: int) -> list[Call]:
    for uid in of_users(8):
        long_one(uid=uid)
    return [_get(f"/v1/conversations/{CONVERSATION}", uid=f"user{number % 8}") for number in range(count)]


def _list_long(_: Stores, count: int) -> list[Call]:
    """A page of days."""
    for number in range(20):
        long_one(uid="user0", conversation_id=f"long{number}")
    return [_get("/v1/conversations?limit=20", uid="user0") for _ in range(count)]


def _list_hours(_: Stores, count: int) -> list[Call]:
    """The largest page there is, of conversations of an hour."""
    for number in range(100):
        long_one(uid="user0", conversation_id=f"hour{number}", transcript_segments=segments(seconds=3600))
    return [_get("/v1/conversations?limit=100", uid="user0") for _ in range(count)]


def _export(_: Stores, count: int) -> list[Call]:
    for uid in of_users(4):
        for number in range(2):
            long_one(uid=uid, conversation_id=f"long{number}")
    return [_get("/v1/users/export", uid=f"user{number % 4}") for number in range(count)]


def _form(name: str, filename: str, data: bytes) -> tuple[dict[str, str], bytes]:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    body = head.encode() + data + b"\r\n--b--\r\n"
    return {"Content-Type": "multipart/form-data; boundary=b"}, body


def _sync(_: Stores, count: int) -> list[Call]:
    """As large as a request may be."""
    packets = [struct.pack("<I", len(packet)) + packet for packet in opus_packets(RECORDING)]
    whole = b"".join(packets)
    data = (whole * (_LARGEST_UPLOAD // len(whole) + 1))[:_LARGEST_UPLOAD]
    began = int(clock.now().timestamp()) - 24 * 3600
    headers, body = _form("files", f"audio_phonemic_opus_16000_1_fs320_{began}.bin", data)
    return [Call("POST", "/v2/sync-local-files", headers, body, uid=uid) for uid in of_users(count)]


def _large_bodies(path: str, body: Mapping[str, Any]) -> Prepare:
    """JSON of just below what counts as large, which nobody counts together."""
    data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return lambda _, count: [Call("POST", path, headers, data, uid=uid) for uid in of_users(count)]


def _deep(size: int) -> dict[str, Any]:
    """Many small things: what is parsed takes many times what was sent."""
    return {"files": [{"a": []} for _ in range(size // 11)]}


def _play(_: Stores, count: int) -> list[Call]:
    paths = []
    for uid in of_users(4):
        conversation = long_one(uid=uid, private_cloud_sync_enabled=True)
        store_audio(uid=uid, seconds=600)
        [recording] = list_recordings(conversation, uid=uid)
        paths.append(f"/v1/sync/audio/{CONVERSATION}/{recording.id}")
    return [_get(paths[number % 4], uid=f"user{number % 4}") for number in range(count)]


def _ask(_: Stores, count: int) -> list[Call]:
    for uid in of_users(8):
        long_one(uid=uid)
    body = json.dumps({"text": "What did we say about the office and the report?"}).encode()
    headers = {"Content-Type": "application/json"}
    return [Call("POST", "/v2/messages", headers, body, uid=f"user{number % 8}") for number in range(count)]


def _chat_files(_: Stores, count: int) -> list[Call]:
    headers, body = _form("files", "notes.txt", b"some words in a line\n" * 900_000)
    return [Call("POST", "/v2/files", headers, body, uid=uid) for uid in of_users(count)]


WORK: Mapping[str, Mapping[str, Prepare | Callable[[Stores, int], Streams]]] = {
    "api": {
        "long conversations": _read_long,
        "pages of long conversations": _list_long,
        "pages of hours": _list_hours,
        "exports": _export,
        "largest uploads": _sync,
        "bodies of a MiB": _large_bodies("/v2/sync-local-files/uploads", _deep(1024 * 1024 - 4096)),
        "bodies of 7 MiB": _large_bodies("/v2/sync-local-files/uploads", _deep(7 * 1024 * 1024)),
        "recordings": _play,
    },
    "chat": {
        "questions": _ask,
        "largest files": _chat_files,
        "pictures": asked_about_pictures,
        "large pictures": asked_about_large_pictures,
    },
    "transcribe_upload": {"3 hours of stereo": _upload},
    "transcribe_span": {"5 minutes": _span},
    "merge_conversations": {f"3 of {HOURS} hours": _merge},
    "finalize_conversation": {f"{HOURS} hours": _finalize},
    "structure_conversation": _of_lengths(_structure),
    "index_conversation": {f"{HOURS} hours": _index},
    "deliver_webhook": _of_lengths(_deliver),
    "purge_conversation": {f"{HOURS} hours": _purge},
    **{
        name: _completed(name)
        for name in (
            "extract_memories",
            "collect_action_items",
            "postprocess_conversation",
            "run_apps",
            "note_conversation",
            "advise_user",
        )
    },
    **TASKS,
    **LISTEN,
}
