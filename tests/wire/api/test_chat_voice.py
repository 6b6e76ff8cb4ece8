"""Spoken messages over HTTP."""

import io
import math
import struct
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
import pytest

from common.chat import converse, voice
from common.core.errors import ProviderError
from common.database import users
from common.entry.api.chat import legacy
from common.entry.api.chat import voice as voice_routes
from common.speech.blocks import encode_block
from common.speech.opus import OpusEncoder
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance
from tests.support.chat_client import read
from tests.wire.api.test_chat import Scripted


@dataclass
class Ear:
    """Hears what it is told to."""

    name: str = "ear"
    hears: tuple[str, ...] = ("What did we say", "about the flat?")
    fails: bool = False
    takes_s: float = 0.0
    heard: list[tuple[float, str]] = field(default_factory=list)
    vocabulary: tuple[str, ...] = ()

    def transcribe(
        self,
        pcm: bytes,
        *,
        language: str,
        vocabulary: Sequence[str],
        within_s: float,  # noqa: ARG002 - the port has it
    ) -> Heard:
        self.vocabulary = tuple(vocabulary)
        if self.fails:
            raise ProviderError("the recogniser is away")
        time.sleep(self.takes_s)
        seconds = len(pcm) / BYTES_PER_SECOND
        self.heard.append((round(seconds, 1), language))
        return Heard(tuple(Utterance(text, 0, 1) for text in self.hears), seconds)


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    """The recogniser."""
    made = Ear()
    monkeypatch.setattr(voice, "batch_transcriber", lambda: made)
    return made


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Whoever answers in the chat."""
    made = Scripted()
    monkeypatch.setattr(converse, "answerer", lambda: made)
    return made


def _pcm(seconds: float) -> bytes:
    return b"".join(struct.pack("<h", int(9000 * math.sin(n / 9))) for n in range(int(seconds * BYTES_PER_SECOND / 2)))


def _wav(seconds: float) -> tuple[str, bytes, str]:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(_pcm(seconds))
    return ("voice.wav", file.getvalue(), "audio/wav")


def _say(api: httpx.Client, *files: tuple[str, bytes, str], path: str = "/v2/voice-messages") -> httpx.Response:
    return api.post(path, files=[("files", file) for file in files])


def test_what_was_understood_comes_first_and_then_the_answer(api: httpx.Client, ear: Ear) -> None:
    answer = _say(api, _wav(1.5))
    assert answer.status_code == 200
    said = read([answer.content])
    assert said.kinds == ["message", "data", "done"]
    assert said.heard is not None
    assert (said.heard["text"], said.heard["sender"]) == ("What did we say about the flat?", "human")
    assert said.heard["type"] == "text"
    assert ear.heard == [(1.5, "multi")]
    newest, spoken = api.get("/v2/messages").json()
    assert newest["text"] == "Fine."
    assert said.heard.items() <= spoken.items()


def test_a_usual_message_is_short_enough_for_old_clients(api: httpx.Client, ear: Ear) -> None:
    ear.hears = ("word " * 60,)
    first, *_ = _say(api, _wav(1)).content.split(b"\n\n")
    assert len(first) < 1024


def test_it_is_heard_in_the_users_language_and_said_in_the_chosen_chat(api: httpx.Client, ear: Ear, uid: str) -> None:
    users.change(uid=uid, language="de", transcription_preferences={"vocabulary": ["Earshot"]})
    said = read([_say(api, _wav(1), path="/v2/voice-messages?plugin_id=notes").content])
    assert (ear.heard, ear.vocabulary) == ([(1.0, "de")], ("Omi", "Earshot"))
    assert said.done is not None
    assert said.done["app_id"] == "notes"


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("audio_omi_opus_16000_1_fs160_1760000000.bin", "opus"),
        ("audio_omi_opus_fs320_16000_1_fs320_1760000000.bin", "opus"),
        ("recording_1760000000.bin", "opus"),
        ("audio_omi_pcm16_16000_1_fs160_1760000000.bin", "pcm16"),
    ],
)
def test_a_wearables_frames_are_understood_too(api: httpx.Client, ear: Ear, name: str, codec: str) -> None:
    pcm, encoder = _pcm(2), OpusEncoder()
    size = encoder.samples * 2
    frames = [pcm[at : at + size] for at in range(0, len(pcm), size)]
    block = encode_block([encoder.encode(frame) for frame in frames] if codec == "opus" else frames)
    assert _say(api, (name, block, "application/octet-stream")).status_code == 200
    assert ear.heard == [(2.0, "multi")]


def test_several_recordings_are_one_message(api: httpx.Client, ear: Ear) -> None:
    assert _say(api, _wav(1), _wav(0.5)).status_code == 200
    assert ear.heard == [(1.5, "multi")]


def test_sent_again_under_the_same_key_it_is_neither_heard_nor_answered_again(
    api: httpx.Client, ear: Ear, scripted: Scripted
) -> None:
    sent = [
        api.post("/v2/voice-messages", files={"files": _wav(1)}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    first, again = (read([answer.content]) for answer in sent)
    assert (first.heard, first.done) == (again.heard, again.done)
    assert (len(ear.heard), len(scripted.questions)) == (1, 1)


@pytest.mark.parametrize("path", ["/v2/voice-messages", "/v1/voice-messages"])
def test_an_answer_has_what_hearing_has_left_of_the_requests_time(
    api: httpx.Client, ear: Ear, scripted: Scripted, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for module in (voice_routes, legacy):
        monkeypatch.setattr(module, "REQUEST_S", 10.0)
    ear.takes_s = 1.0
    assert _say(api, _wav(1), path=path).status_code == 200
    [question] = scripted.questions
    assert question.within_s is not None
    assert 0 < question.within_s < 9.0


@pytest.mark.parametrize("path", ["/v2/voice-messages", "/v2/voice-message/transcribe", "/v1/voice-messages"])
class TestRefusals:
    """What cannot be heard is not answered, and nothing is kept of it."""

    def test_nothing_said(self, api: httpx.Client, ear: Ear, path: str) -> None:
        for silence in ((), ("", " ")):
            ear.hears = silence
            answer = _say(api, _wav(1), path=path)
            assert (answer.status_code, answer.json()) == (400, {"detail": "Nothing is said in the recording"})
        assert len(api.get("/v2/messages").json()) == 1

    @pytest.mark.parametrize("name", ["voice.wav", "voice", "audio_omi_pcm16_999999_1.bin", "x.bin", "x.m3u8"])
    @pytest.mark.parametrize("content", [b"", b"#EXTM3U\nhttp://127.0.0.1/x\n", b"\x01\x00\x00\x00"])
    def test_no_recording(self, api: httpx.Client, ear: Ear, path: str, name: str, content: bytes) -> None:
        answer = _say(api, (name, content, "application/octet-stream"), path=path)
        assert answer.status_code == 400
        assert answer.json()["detail"]
        assert ear.heard == []

    def test_no_file(self, api: httpx.Client, ear: Ear, path: str) -> None:
        assert api.post(path).status_code == 422
        assert ear.heard == []

    def test_too_long(self, api: httpx.Client, ear: Ear, path: str) -> None:
        frames = encode_block([bytes(32_000)] * 301)
        answer = _say(api, ("audio_omi_pcm16_16000_1.bin", frames, "application/octet-stream"), path=path)
        assert answer.status_code == 413
        assert ear.heard == []

    def test_a_recogniser_that_is_away(self, api: httpx.Client, ear: Ear, path: str) -> None:
        ear.fails = True
        assert _say(api, _wav(1), path=path).status_code == 503


def test_transcribing_sends_nothing(api: httpx.Client, ear: Ear) -> None:
    answer = _say(api, _wav(1), path="/v2/voice-message/transcribe")
    assert (answer.status_code, answer.json()) == (200, {"transcript": "What did we say about the flat?"})
    assert len(ear.heard) == len(api.get("/v2/messages").json()) == 1


def test_the_oldest_clients_get_both_messages_at_once(api: httpx.Client, ear: Ear) -> None:
    answer = _say(api, _wav(1), path="/v1/voice-messages?plugin_id=null")
    assert answer.status_code == 200
    assert [(each["sender"], each["text"]) for each in answer.json()] == [
        ("human", "What did we say about the flat?"),
        ("ai", "Fine."),
    ]
    assert len(ear.heard) == 1
