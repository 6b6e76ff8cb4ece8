"""The user's voice over real HTTP."""

import httpx
import pytest

from common.core.settings import settings
from common.database import media, people, users
from common.people import voices
from common.speech.voice_service import VoiceService
from common.speech.voice_statistics import VoiceStatistics
from common.speech.voices import Rules, distance
from tests.support.voice_service import voice_service
from tests.support.voices import hum, silence, speech, turns_of, wav
from tests.wire.api.conftest import ApiAs


def _upload(api: httpx.Client, data: bytes) -> httpx.Response:
    return api.post("/v3/upload-audio", files={"file": ("profile.wav", data, "audio/wav")})


def test_without_a_recording_nothing_is_known(api: httpx.Client) -> None:
    assert api.get("/v3/speech-profile").json() == {"has_profile": False}
    assert api.get("/v4/speech-profile").json() == {"url": None}
    assert api.get("/v3/speech-profile/status").json() == {"has_profile": False, "recorded_at": None, "duration": 0.0}
    assert api.get("/v3/speech-profile/expand").json() == []
    assert api.get("/v3/speech-profile/stt-availability").json() == {"available": False}


@pytest.mark.parametrize(
    ("named", "url", "available"),
    [("local", "", False), ("local", "http://127.0.0.1:1", True), ("deepgram,local", "", True), ("soniox", "", True)],
)
def test_speech_can_be_understood_by_whichever_provider_is_named(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch, *, named: str, url: str, available: bool
) -> None:
    monkeypatch.setenv("STREAMING_TRANSCRIBERS", named)
    monkeypatch.setenv("LOCAL_MODELS_URL", url)
    settings.cache_clear()
    try:
        assert api.get("/v3/speech-profile/stt-availability").json() == {"available": available}
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_recording_is_kept_and_known_at_once(api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
    assert not api.get("/v3/speech-profile").json()["has_profile"], "and noted as such"
    data = wav(speech(6))
    answer = _upload(api, data)
    assert answer.status_code == 200
    assert anybody.get(answer.json()["url"]).content == data
    assert api.get("/v3/speech-profile").json() == {"has_profile": True}
    assert anybody.get(api.get("/v4/speech-profile").json()["url"]).content == data
    status = api.get("/v3/speech-profile/status").json()
    assert status["duration"] == 6.0
    assert status["recorded_at"].endswith("Z")
    assert media.list_paths(f"{uid}/") == [f"{uid}/speech_profile.wav"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        wav(speech(4)),
        wav(silence(181)),
        wav(silence(10)),
        wav(hum(6)),
        wav(speech(6), rate=8000),
        wav(speech(6), channels=2),
    ],
    ids=["empty", "nonsense", "short", "long", "silent", "hum", "8 kHz", "stereo"],
)
def test_a_recording_that_is_of_no_use_is_400(api: httpx.Client, uid: str, data: bytes) -> None:
    answer = _upload(api, data)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert not users.has_speech_profile(uid=uid)


def test_no_file_and_a_broken_form_are_422(api: httpx.Client) -> None:
    assert api.post("/v3/upload-audio").status_code == 422
    broken = api.post("/v3/upload-audio", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code == 422
    assert broken.json()["detail"]


class TestAdditionalRecordings:
    """What was added to a profile later on."""

    def test_they_are_listed_and_deleted_one_by_one(self, api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
        for number in (0, 1):
            path = f"{uid}/additional_profile_recordings/c1_segment_{number}.wav"
            media.put(path, str(number).encode(), content_type="audio/wav")
        urls = api.get("/v3/speech-profile/expand").json()
        assert [anybody.get(url).content for url in urls] == [b"0", b"1"]
        said_by_the_app = {"memory_id": "c1", "segment_idx": "0", "person_id": "null"}
        gone = api.delete("/v3/speech-profile/expand", params=said_by_the_app)
        assert (gone.status_code, gone.json()) == (200, {"status": "ok"})
        [left] = api.get("/v3/speech-profile/expand").json()
        assert anybody.get(left).content == b"1"

    def test_those_of_a_person_are_told_apart(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        person = people.get_or_create(uid=uid, name="Ann")
        media.put(f"{uid}/people_profiles/{person.id}/c1_segment_3.wav", b"x", content_type="audio/wav")
        assert api.get("/v3/speech-profile/expand").json() == []
        query = {"person_id": person.id}
        assert len(api.get("/v3/speech-profile/expand", params=query).json()) == 1
        assert api_as(f"{uid}-2").get("/v3/speech-profile/expand", params=query).status_code == 404
        api.delete("/v3/speech-profile/expand", params={"memory_id": "c1", "segment_idx": 3, **query})
        assert api.get("/v3/speech-profile/expand", params=query).json() == []

    @pytest.mark.parametrize("memory_id", ["", "../bob", "a/b", "a\nb", "x" * 201])
    def test_an_id_that_is_no_id_is_422(self, api: httpx.Client, memory_id: str) -> None:
        answer = api.delete("/v3/speech-profile/expand", params={"memory_id": memory_id, "segment_idx": 0})
        assert answer.status_code == 422


class TestVoice:
    """How the user sounds, from the recording."""

    def test_it_is_known_with_the_recording_and_replaced_with_the_next(self, api: httpx.Client, uid: str) -> None:
        assert _upload(api, wav(speech(25))).status_code == 200
        first = users.find(uid=uid).voice
        assert first is not None
        assert first.model == VoiceStatistics.name
        edition = people.edition(uid=uid)
        assert _upload(api, wav(b"".join(turns_of("B")[:3]))).status_code == 200
        second = users.find(uid=uid).voice
        assert second is not None
        assert distance(second.values, VoiceStatistics().embed(turns_of("B")[3])) < 0.2
        assert second != first
        assert people.edition(uid=uid) != edition

    @pytest.mark.parametrize("status", [500, 429])
    def test_where_it_cannot_be_found_out_the_recording_is_not_taken(
        self, api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch, status: int
    ) -> None:
        before = wav(speech(6))
        _upload(api, before)
        known = users.find(uid=uid)
        with voice_service() as service:
            service.answer = lambda _: (status, b"")
            embedder = VoiceService(service.url, name="x", timeout=2, rules=Rules(largest_distance=0.4))
            monkeypatch.setattr(voices, "voice_embedder", lambda: embedder)
            answer = _upload(api, wav(speech(8)))
        assert answer.status_code == 503
        assert answer.json()["detail"]
        assert users.find(uid=uid) == known

    def test_a_long_recording_is_heard_in_a_few_clips(self, api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
        with voice_service() as service:
            embedder = VoiceService(service.url, name="x", timeout=5, rules=Rules(largest_distance=0.4))
            monkeypatch.setattr(voices, "voice_embedder", lambda: embedder)
            assert _upload(api, wav(speech(60) * 2)).status_code == 200
            assert service.seconds == [10.0] * 6
