"""What Cloud Tasks ask of functions: the largest that the code lets each of them meet, all at once."""

import io
import json
import random
import struct
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from http.server import ThreadingHTTPServer
from typing import Any

from bench.memory_world import (
    CONVERSATION,
    HOURS,
    MORE_HOURS,
    Call,
    Prepare,
    as_task,
    long_one,
    of_users,
    segments,
    store_audio,
)
from common.apps.summarizing import CAPABILITY, revision
from common.chat.attached import LARGEST_PICTURE as LARGEST_SHOWN
from common.chat.ports import Question
from common.chat.shrinking import MOST_PIXELS
from common.conversations.keep_photo import keep_photo
from common.conversations.live.photo_assembly import LARGEST_PICTURE
from common.conversations.offline.receiving import Sent, receive
from common.core import clock
from common.database import apps, chat_files, chat_threads, conversations, day_ends, hearings, installs, messages
from common.database import people as people_store
from common.database.clients import firestore_client
from common.database.messages import Chat
from common.database.transcripts import encode
from common.models.app import APPROVED, App
from common.models.attachments import PostProcessing, PostProcessingStatus
from common.models.chat import FileChat, Message, MessageSender
from common.models.daily_summary import DayEnd
from common.models.events import (
    ApplyApp,
    DescribePhoto,
    FinishAnswer,
    IngestOffline,
    LearnVoice,
    Postprocess,
    SummarizeDay,
)
from common.models.person import Person
from common.models.second_hearing import Hearing, SentAudio, SentPiece
from local.demo.device import opus_packets
from local.demo.script import RECORDING
from tests.support.answering import Quiet
from tests.support.pictures import drawn, noise
from tests.support.stores import Stores

_SLOW_S = 5.0
_HEARD_AGAIN_S = 7000.0
"""Seconds of speech: a little less than `post_processing_longest_s`."""
_BLOCK_S = 5.0
_PICTURES = ("one", "other")
"""So many as a model is shown of the largest."""
_SQUARE = 5
"""Pixels of one colour side by side, so that the file is not the largest thing about a picture."""
_INLINE_S = 3000
_DAYS_S = 4 * 24 * 3600
_PERSON = "mia"


class _Model(Quiet):
    """A model, and services that hear again: they take their time, so that everybody waits for them at once."""

    protocol_version = "HTTP/1.1"
    said: Mapping[str, Any] = {
        "description": "A street in the rain.",
        "telling": True,
        "summary": "What was said.",
        "context": False,
        "changes": False,
    }

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        """Read it all, wait, and answer in the form that is asked for."""
        left, end = int(self.headers.get("Content-Length") or 0), b""
        while left:
            piece = self.rfile.read(min(left, 262_144))
            left -= len(piece)
            end = (end + piece)[-262_144:]
        time.sleep(_SLOW_S)
        if not self.path.endswith("/chat/completions"):
            self._send("application/json", json.dumps({"request_id": "r", "measurements": []}))
        elif b'"stream":true' in end.replace(b" ", b""):
            events = [{"choices": [{"index": 0, "delta": {"content": "Fine."}, "finish_reason": "stop"}]}]
            self._send("text/event-stream", "".join(f"data: {json.dumps(each)}\n\n" for each in events))
        else:
            message = {"role": "assistant", "content": json.dumps(self.said)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self._send("application/json", json.dumps({"choices": [choice]}))

    def do_GET(self) -> None:  # noqa: N802 - as above
        """What was asked for is done."""
        if self.path.endswith("/status"):
            self._send("application/json", json.dumps({"status": "COMPLETED"}))
        else:
            chunks = [
                {"text": each.text, "timestamp": [each.start, each.end], "speaker": each.speaker}
                for each in segments(seconds=_HEARD_AGAIN_S)
            ]
            self._send("application/json", json.dumps({"chunks": chunks, "inferred_languages": ["en"]}))

    def _send(self, content_type: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


def _served(stores: Stores) -> None:
    """Have functions ask such services."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    stores.environment |= {
        "LANGUAGE_MODEL": "openai",
        "OPENAI_BASE_URL": url,
        "OPENAI_API_KEY": "none",
        "POST_PROCESSING": "true",
        "FAL_KEY": "none",
        "FAL_URL": url,
        "HUME_API_KEY": "none",
        "HUME_API": "upload",
        "HUME_UPLOAD_URL": url,
        "PUBLIC_URL": url,
    }


def _photos(stores: Stores, count: int) -> list[Call]:
    """Of a day that is done, each the largest that is taken."""
    _served(stores)
    calls = []
    for uid in of_users(count):
        long_one(uid=uid)
        where = {"uid": uid, "conversation_id": CONVERSATION}
        data = random.Random(uid).randbytes(LARGEST_PICTURE)  # noqa: S311 - noise
        photo = keep_photo(data, content_type="image/jpeg", temp_id="t", taken_at=clock.now(), **where)
        assert photo is not None
        calls.append(as_task(DescribePhoto(photo_id=photo.id, **where)))
    return calls


def _voices(_: Stores, count: int) -> list[Call]:
    calls = []
    for uid in of_users(count):
        people_store.of(uid=uid).put(Person(id=_PERSON, name="Mia"))
        said = {"person_id": _PERSON, "speaker_label_source": "manual"}
        spoken = [each.model_copy(update=said) if each.speaker_id == 1 else each for each in segments()]
        long_one(uid=uid, transcript_segments=spoken)
        store_audio(uid=uid, seconds=HOURS * 3600, block_s=_BLOCK_S)
        calls.append(as_task(LearnVoice(uid=uid, conversation_id=CONVERSATION, person_id=_PERSON)))
    return calls


def _offline(_: Stores, count: int) -> list[Call]:
    """A file of a device that was worn all day far from its phone."""
    packets = b"".join(struct.pack("<I", len(packet)) + packet for packet in opus_packets(RECORDING))
    seconds = len(opus_packets(RECORDING)) / 50
    whole = packets * int(HOURS * 3600 / seconds)
    began = int(clock.now().timestamp()) - 24 * 3600
    for uid in of_users(count):
        receive([Sent(f"audio_phonemic_opus_16000_1_fs320_{began}.bin", io.BytesIO(whole))], uid=uid)
    return [as_task(IngestOffline(uid=uid)) for uid in of_users(count)]


def _second_hearing(kind: str, *, answered: bool) -> Prepare:
    """A service is asked about as much speech as it may be, or has answered."""

    def prepare(stores: Stores, count: int) -> list[Call]:
        _served(stores)
        calls = []
        for uid in of_users(count):
            running = PostProcessing(status=PostProcessingStatus.IN_PROGRESS)
            long_one(uid=uid, postprocessing=running)
            where = {"uid": uid, "conversation_id": CONVERSATION}
            hearing = Hearing.model_validate({"id": kind, "run": 1})
            if answered:
                hearing = hearing.model_copy(
                    update={"state": "waiting", "request_id": "r", "submitted_at": clock.now()}
                )
                piece = SentPiece(start=0, end=_HEARD_AGAIN_S, offset=0)
                audio = SentAudio(id=SentAudio.id_of(1), path="none", seconds=_HEARD_AGAIN_S, pieces=[piece])
                hearings.audio_of(**where).put(audio)
            else:
                store_audio(uid=uid, seconds=_HEARD_AGAIN_S, block_s=_BLOCK_S)
            hearings.of(**where).put(hearing)
            asked = {**where, "run": 1, "kind": kind, "look": 1 if answered else 0}
            calls.append(as_task(Postprocess.model_validate(asked)))
        return calls

    return prepare


def _apply(hours: int) -> Prepare:
    def prepare(stores: Stores, count: int) -> list[Call]:
        _served(stores)
        app = _summarising()
        calls = []
        for uid in of_users(count):
            installs.enable(app, uid=uid)
            long_one(uid=uid, transcript_segments=segments(seconds=hours * 3600))
            made = ApplyApp(uid=uid, conversation_id=CONVERSATION, run=1, app_id=app.id, revision=revision(app))
            calls.append(as_task(made))
        return calls

    return prepare


def _summarising() -> App:
    app = App.model_validate(
        {
            "id": "app",
            "uid": "maker",
            "name": "Notes",
            "description": "Takes notes.",
            "capabilities": [CAPABILITY],
            "memory_prompt": "Write down what was decided.",
            "approved": True,
            "status": APPROVED,
            "created_at": clock.now(),
        }
    )
    apps.ALL.put(app)
    return app


def _days(_: Stores, count: int) -> list[Call]:
    """Four days and nights, as far as one may look back, each conversation as long as a document holds the words of."""
    evening = clock.now() - timedelta(minutes=1)
    model = long_one(uid="model", transcript_segments=segments(seconds=_INLINE_S))
    fields, chunks = encode(model)
    assert not chunks, "it is to stand in the document"
    for uid in of_users(count):
        day_ends.of(uid=uid).put(DayEnd(id="next", at=evening, look_at=evening))
        batch = firestore_client().batch()
        for number in range(_DAYS_S // _INLINE_S):
            ended = evening - timedelta(minutes=10 * number)  # what is handed over may overlap
            times = {"started_at": ended - timedelta(seconds=_INLINE_S), "finished_at": ended}
            place = conversations.collection(uid=uid).document(f"each{number}")
            batch.set(place, {**fields, "id": place.id, **times})
        batch.commit()
    return [as_task(SummarizeDay(uid=uid, evening=evening)) for uid in of_users(count)]


def _with_pictures(uid: str, data: bytes = b"") -> list[FileChat]:
    mixed = random.Random(uid)  # noqa: S311 - noise
    files = [
        FileChat(id=each, name=f"{each}.jpg", mime_type="image/jpeg", created_at=clock.now()) for each in _PICTURES
    ]
    return [chat_files.keep(file, data or mixed.randbytes(LARGEST_SHOWN), uid=uid) for file in files]


def _unanswered(*, pictures: bool) -> Prepare:
    """Whoever asked has gone."""

    def prepare(stores: Stores, count: int) -> list[Call]:
        if pictures:
            _served(stores)
        calls = []
        for uid in of_users(count):
            long_one(uid=uid)
            message = Message(
                id="asked",
                text="What did we say about the office and the report?",
                created_at=clock.now(),
                sender=MessageSender.HUMAN,
                files=_with_pictures(uid) if pictures else [],
            )
            messages.add(message, uid=uid)
            attempt = chat_threads.Attempt(name="a")
            chat_threads.begin(Question(uid, message).answer_id, Chat(), uid=uid, attempt=attempt)
            calls.append(as_task(FinishAnswer(uid=uid, message_id=message.id, attempt=attempt.name)))
        return calls

    return prepare


def asked_about_pictures(stores: Stores, count: int) -> list[Call]:
    """Questions about the largest pictures that are shown to a model."""
    return _asked_about(stores, count, b"")


def asked_about_large_pictures(stores: Stores, count: int) -> list[Call]:
    """Questions about pictures of as many pixels, and as many bytes for each, as are made smaller at most."""
    side = _SQUARE * int((MOST_PIXELS / _SQUARE**2) ** 0.5)
    squares = noise(side // _SQUARE, side // _SQUARE).repeat(_SQUARE, axis=0).repeat(_SQUARE, axis=1)
    data = drawn(squares, "png16")
    assert len(data) > LARGEST_SHOWN
    return _asked_about(stores, count, data)


def _asked_about(stores: Stores, count: int, data: bytes) -> list[Call]:
    _served(stores)
    for uid in of_users(8):
        _with_pictures(uid, data)
    body = json.dumps({"text": "What is to be seen there?", "file_ids": list(_PICTURES)}).encode()
    headers = {"Content-Type": "application/json"}
    return [Call("POST", "/v2/messages", headers, body, uid=f"user{number % 8}") for number in range(count)]


TASKS: Mapping[str, Mapping[str, Callable[[Stores, int], list[Call]]]] = {
    "describe_photo": {"largest pictures": _photos},
    "learn_voice": {f"{HOURS} hours": _voices},
    "ingest_offline": {f"{HOURS} hours": _offline},
    "advance_postprocessing": {
        "2 hours are sent": _second_hearing("fal_whisperx", answered=False),
        "2 hours were heard": _second_hearing("fal_whisperx", answered=True),
        "2 hours are measured": _second_hearing("hume", answered=False),
    },
    "apply_app": {f"{hours} hours": _apply(hours) for hours in (HOURS, MORE_HOURS)},
    "summarize_day": {"4 days": _days},
    "finish_answer": {"questions": _unanswered(pictures=False), "pictures": _unanswered(pictures=True)},
}
