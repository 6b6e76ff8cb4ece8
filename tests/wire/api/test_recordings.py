"""Recordings over HTTP: found, addressed, played whole and in ranges."""

import io
import wave
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from common.conversations import listening_links
from common.conversations.merge import merge_conversations
from common.core.settings import settings
from common.database import audio_blocks, conversations
from common.database.audio_blocks import AudioBlock
from common.entry.api import chunks
from common.models.events import MergeConversations
from common.speech.blocks import encode_block
from tests.support.making import a_block, a_conversation, at
from tests.support.stores import Stores
from tests.support.waiting import eventually
from tests.wire.api.conftest import ApiAs

SECOND = 32_000
AUDIO = "/v1/sync/audio/c1"


def _pcm(value: int, seconds: int) -> bytes:
    return value.to_bytes(2, "little") * (seconds * 16_000)


WHOLE = _pcm(1, 2) + bytes(SECOND) + _pcm(2, 2)


def _record(uid: str, **fields: Any) -> None:
    conversations.create(a_conversation(**{"status": "completed", **fields}), uid=uid)
    for start, end, value in ((0, 2, 1), (3, 5, 2), (200, 201, 3)):
        frames = [_pcm(value, 1) for _ in range(end - start)]
        audio_blocks.put(a_block(start, end), encode_block(frames), uid=uid, conversation_id="c1")


def _files(api: httpx.Client) -> list[dict[str, Any]]:
    answer = api.get(f"{AUDIO}/urls")
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["audio_files"]
    return listed


class TestFinding:
    """Which recordings there are."""

    def test_every_recording_has_an_address(self, api: httpx.Client, uid: str, address: str) -> None:
        _record(uid)
        answer = api.get(f"{AUDIO}/urls").json()
        assert (answer["conversation_audio"], answer["poll_after_ms"]) == (None, None)
        first, second = answer["audio_files"]
        assert (first["status"], first["duration"], first["content_type"]) == ("cached", 5.0, "audio/wav")
        assert second["duration"] == 1.0
        assert first["signed_url"].startswith(f"{address}{AUDIO}/{first['id']}?")
        assert api.post(f"{AUDIO}/precache").json()["audio_file_count"] == 2

    def test_one_that_still_grows_is_pending(self, api: httpx.Client, uid: str) -> None:
        _record(uid, status="in_progress")
        answer = api.get(f"{AUDIO}/urls").json()
        assert {(each["status"], each["signed_url"]) for each in answer["audio_files"]} == {("pending", None)}
        assert answer["poll_after_ms"] > 0

    def test_a_conversation_without_audio_has_none(self, api: httpx.Client, uid: str) -> None:
        conversations.create(a_conversation(status="completed"), uid=uid)
        assert _files(api) == []
        assert api.post(f"{AUDIO}/precache").json() == {"status": "Ok", "message": None, "audio_file_count": 0}
        answer = api.get(f"{AUDIO}/anything")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Recording not found"})

    @pytest.mark.parametrize(("method", "path"), [("GET", "/urls"), ("POST", "/precache"), ("GET", "/x")])
    def test_nobody_hears_what_belongs_to_another_or_is_locked(
        self, api: httpx.Client, anybody: httpx.Client, uid: str, method: str, path: str
    ) -> None:
        _record(f"{uid}-other")
        assert api.request(method, f"{AUDIO}{path}").json() == {"detail": "Conversation not found"}
        assert anybody.request(method, f"{AUDIO}{path}").status_code == 401
        conversations.create(a_conversation(status="completed", is_locked=True), uid=uid)
        assert api.request(method, f"{AUDIO}{path}").status_code == 402


class TestPlaying:
    """A recording, whole and in ranges."""

    def test_a_wav_that_any_player_understands(self, api: httpx.Client, uid: str) -> None:
        _record(uid)
        answer = api.get(f"{AUDIO}/{_files(api)[0]['id']}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
        assert answer.headers["content-length"] == str(len(WHOLE) + 44)
        with wave.open(io.BytesIO(answer.content)) as played:
            assert (played.getframerate(), played.getnchannels(), played.getsampwidth()) == (16_000, 1, 2)
            assert played.readframes(played.getnframes()) == WHOLE

    def test_bare_samples(self, api: httpx.Client, uid: str) -> None:
        _record(uid)
        answer = api.get(f"{AUDIO}/{_files(api)[0]['id']}", params={"format": "pcm"})
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.content == WHOLE
        assert api.get(f"{AUDIO}/{_files(api)[0]['id']}", params={"format": "mp3"}).status_code == 422

    @pytest.mark.parametrize("wanted", ["0-", "0-43", "40-50", "44-44", "64000-100000", "-7", "160000-"])
    def test_a_range_is_that_part_of_the_whole(self, api: httpx.Client, uid: str, wanted: str) -> None:
        _record(uid)
        path = f"{AUDIO}/{_files(api)[0]['id']}"
        whole = api.get(path).content
        answer = api.get(path, headers={"Range": f"bytes={wanted}"})
        assert answer.status_code == 206
        start, end = map(int, answer.headers["content-range"].removeprefix("bytes ").split("/")[0].split("-"))
        assert answer.headers["content-range"].endswith(f"/{len(whole)}")
        assert answer.content == whole[start : end + 1]
        assert answer.headers["accept-ranges"] == "bytes"

    def test_a_range_outside_is_416_and_says_how_long_it_is(self, api: httpx.Client, uid: str) -> None:
        _record(uid)
        path = f"{AUDIO}/{_files(api)[0]['id']}"
        for method in ("GET", "HEAD"):
            answer = api.request(method, path, headers={"Range": "bytes=999999999-"})
            assert answer.status_code == 416
            assert answer.headers["content-range"] == f"bytes */{len(WHOLE) + 44}"
        assert answer.headers["content-type"] == "application/json"

    def test_looking_tells_what_playing_would(self, api: httpx.Client, uid: str) -> None:
        _record(uid)
        path = f"{AUDIO}/{_files(api)[0]['id']}"
        for headers in ({}, {"Range": "bytes=10-19"}):
            look, play = api.head(path, headers=headers), api.get(path, headers=headers)
            assert look.content == b""
            assert look.status_code == play.status_code
            for name in ("content-length", "content-type", "accept-ranges", "etag", "content-range"):
                assert look.headers.get(name) == play.headers.get(name)

    def test_a_range_of_what_has_grown_meanwhile_is_the_whole(self, api: httpx.Client, uid: str) -> None:
        _record(uid)
        path = f"{AUDIO}/{_files(api)[0]['id']}"
        tag = api.head(path).headers["etag"]
        headers = {"Range": "bytes=0-1", "If-Range": tag}
        assert api.get(path, headers=headers).status_code == 206
        audio_blocks.put(a_block(5, 6), encode_block([_pcm(4, 1)]), uid=uid, conversation_id="c1")
        answer = api.get(path, headers=headers)
        assert (answer.status_code, len(answer.content)) == (200, len(WHOLE) + SECOND + 44)

    def test_what_is_too_large_to_be_announced_comes_in_chunks(
        self, api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chunks, "LARGEST_ANNOUNCED", 1000)
        _record(uid)
        answer = api.get(f"{AUDIO}/{_files(api)[0]['id']}", params={"format": "pcm"})
        assert "content-length" not in answer.headers
        assert answer.content == WHOLE


class TestLong:
    """Hours of several connections, one of them cut."""

    def test_any_part_of_many_hours_comes_from_its_blocks_alone(
        self, api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversations.create(a_conversation(status="completed"), uid=uid)
        stretches = [("morning", 0, 2 * 3600), ("noon", 2 * 3600 + 30, 5 * 3600), ("night", 6 * 3600, 7 * 3600)]
        minutes = [
            a_block(start, min(start + 60, end), session_id=name)
            for name, begin, end in stretches
            for start in range(begin, end, 60)
        ]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda block: audio_blocks.put(block, b"", uid=uid, conversation_id="c1"), minutes))
        read: list[str] = []

        def spoken_in(block: AudioBlock) -> bytes:
            """What would take a gigabyte to store."""
            read.append(block.name)
            return encode_block([_pcm(1 + round(block.start) // 60, 60)])

        monkeypatch.setattr(audio_blocks, "read", spoken_in)
        day, night = _files(api)
        assert (day["duration"], night["duration"]) == (5 * 3600, 3600)
        for file, second, minute in ((day, 3600, 61), (day, 2 * 3600 + 29.5, 121), (night, 1800, 391)):
            read.clear()
            first = round(second * SECOND)
            answer = api.get(
                f"{AUDIO}/{file['id']}?format=pcm", headers={"Range": f"bytes={first}-{first + SECOND - 1}"}
            )
            assert answer.status_code == 206
            spoken = answer.content[SECOND // 2 :] if second % 1 else answer.content
            assert spoken == minute.to_bytes(2, "little") * (len(spoken) // 2)
            assert len(read) <= 2, "what is wanted, and what comes before it"

    def test_of_a_merged_one_everything_is_played(self, api: httpx.Client, stores: Stores, uid: str) -> None:
        for number in range(2):
            began = at(100 * number)
            conversations.create(
                a_conversation(id=f"c{number}", status="completed", created_at=began, started_at=began), uid=uid
            )
            block = a_block(0, 2)
            frames = encode_block([_pcm(number + 1, 1)] * 2)
            audio_blocks.put(block, frames, uid=uid, conversation_id=f"c{number}")
        answer = api.post("/v1/conversations/merge", json={"conversation_ids": ["c1", "c0"], "reprocess": False}).json()
        merged = answer["merged_conversation_id"]
        [body] = eventually(
            lambda: [each.content for each in stores.tasks.received if merged.encode() in each.content],
            within_s=5,
            what="the task goes out",
        )
        merge_conversations(MergeConversations.model_validate_json(body))
        files = api.get(f"/v1/sync/audio/{merged}/urls").json()["audio_files"]
        played = [api.get(f"/v1/sync/audio/{merged}/{file['id']}?format=pcm").content for file in files]
        assert played == [_pcm(1, 2), _pcm(2, 2)], "98 s lie between them"
        shown = api.get(f"/v1/conversations/{merged}").json()["audio_files"]
        assert [each["id"] for each in shown] == [each["id"] for each in files]


class TestAddresses:
    """An address opens one recording, for a while, to whoever has it."""

    def test_it_plays_without_a_token(self, api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
        _record(uid)
        [first, _] = _files(api)
        answer = anybody.get(first["signed_url"], headers={"Range": "bytes=44-"})
        assert (answer.status_code, answer.content) == (206, WHOLE)

    def test_it_opens_nothing_else(self, api: httpx.Client, anybody: httpx.Client, api_as: ApiAs, uid: str) -> None:
        _record(uid)
        _record(f"{uid}-other")
        first, second = _files(api)
        token = parse_qs(urlsplit(first["signed_url"]).query)["token"][0]
        stranger = _files(api_as(f"{uid}-other"))[0]
        assert stranger["id"] == first["id"], "the same recording of another user: only the token tells them apart"
        assert anybody.get(f"{AUDIO}/{second['id']}", params={"token": token}).status_code == 403
        assert anybody.get(f"{AUDIO}/urls", params={"token": token}).status_code == 401
        encoded, expires, signature = token.split(".")
        other = listening_links.leave_to_listen(uid=f"{uid}-other", conversation_id="c1", recording_id=first["id"])
        assert other is not None
        for forged in (
            f"{other.split('.')[0]}.{expires}.{signature}",
            f"{encoded}.{int(expires) + 1}.{signature}",
            f"{encoded}.{expires}.{'0' * 64}",
            f"{encoded}.{expires}.é",
            f"{encoded}.x.{signature}",
            "a.b",
            "",
            "%",
        ):
            answer = anybody.get(f"{AUDIO}/{first['id']}", params={"token": forged})
            assert answer.status_code in {401, 403}, forged
            assert answer.json()["detail"]

    def test_it_ends(self, api: httpx.Client, anybody: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listening_links, "VALID_S", -100.0)
        _record(uid)
        answer = anybody.get(_files(api)[0]["signed_url"])
        assert (answer.status_code, answer.json()) == (403, {"detail": "The address has expired"})

    def test_without_a_key_to_sign_with_there_are_none(
        self, api: httpx.Client, anybody: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _record(uid)
        url = _files(api)[0]["signed_url"]
        keyless = settings().model_copy(update={"url_signing_key": None})
        monkeypatch.setattr(listening_links, "settings", lambda: keyless)
        assert _files(api)[0]["signed_url"] is None
        assert anybody.get(url).status_code == 403
