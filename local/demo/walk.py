"""The walk through a running cloud, as a client does it: speak, press stop, read, search; then the same as a file."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from common.core import clock
from common.models.upload import Upload as UploadedObject
from local import environment
from local.demo.device import PACKET_S, listening, stream
from local.demo.others import store_other_conversations
from local.demo.recording import Recording
from local.demo.report import Caption, Report, Search, Upload
from local.demo.view import View
from local.demo.wer import word_error_rate
from local.environment import BUCKETS, PROJECT
from local.identity import Identity

UID = "demo-user"
QUESTION = "What premises does the company want to rent?"
"""Asked about the bundled recording, in words that are not in it."""
# The conversation timeout -1 means: as long as possible. A recording is one conversation, pauses and all.
_PARAMETERS = "codec=opus_fs320&sample_rate=16000&conversation_timeout=-1"
_QUESTION_CHARACTERS = 200
_STORED_WITHIN_S = 15.0
_TERMINAL_WITHIN_S = 300.0
_TERMINAL_PER_S = 4.0
"""More for each second of the recording: a core that others use recognises slower than people talk."""
_FINDABLE_WITHIN_S = 30.0
_POLL_S = 0.1
_REQUEST_S = 60.0


class NothingSaidError(RuntimeError):
    """No word was recognised, so there is no conversation."""


class Walk:
    """One recording's way through one cloud; fills in a report and tells a view.

    Args:
        url: the cloud's http address.
        data: its data folder, which holds the key of its identity.
        recording: what is said.
        report: filled in.
        view: told what happens.
    """

    def __init__(self, url: str, data: Path, *, recording: Recording, report: Report, view: View) -> None:
        self._url = url
        self._data = data
        self._recording = recording
        self._report = report
        self._view = view
        self._token = Identity(data, project=PROJECT).id_token(UID)
        self._began = 0.0
        self._stored = asyncio.Event()

    async def run(self, *, upload: bool) -> None:
        """Go all the way.

        Raises:
            NothingSaidError: no word was recognised.
            httpx.HTTPError, websockets.WebSocketException, OSError: the cloud went away or refused.
        """
        os.environ.update(environment.read(self._data))  # from here on, Google's clients find this cloud
        self._report.others = await asyncio.to_thread(store_other_conversations, uid=UID)
        self._view.ready(self._url, self._report)
        headers = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(base_url=self._url, headers=headers, timeout=_REQUEST_S, trust_env=False) as api:
            conversation = await self._speak(api)
            completed_at = clock.monotonic()
            self._report.conversation = conversation
            self._report.wer = self._wer(conversation)
            self._view.structured(self._report)
            if conversation["status"] == "completed" and not conversation["discarded"]:
                await self._search(api, conversation)
                self._report.timing_s["findable_after_completed"] = clock.monotonic() - completed_at
                self._view.searched(self._report)
            if upload:
                await self._upload(api)
                self._view.uploaded(self._report)

    async def _speak(self, api: httpx.AsyncClient) -> dict[str, Any]:
        """Stream, press stop, and stay connected until the conversation is done, as the app does."""
        timing = self._report.timing_s
        with self._view.streaming(self._report):
            async with listening(self._url, self._token, on_message=self._heard, parameters=_PARAMETERS) as socket:
                self._began = clock.monotonic()
                await stream(socket, self._sent(), speed=self._report.speed)
                spoken_at = clock.monotonic()
                timing["stream"] = spoken_at - self._began
                await self._accepted()
                self._view.stopped()
                conversation = await self._finish(api)
        timing["completed_after_last_word"] = clock.monotonic() - spoken_at
        if self._report.captions:
            first = self._report.captions[0]
            timing["first_caption_after_speech_began"] = first.at_s - first.start / self._report.speed
            timing["caption_after_its_last_word_median"] = median(each.delay_s for each in self._report.captions)
        return conversation

    def _sent(self) -> Iterator[bytes]:
        for number, packet in enumerate(self._recording.packets):
            self._view.sent(number * PACKET_S)
            yield packet

    async def _heard(self, message: Any) -> None:
        if isinstance(message, list):
            at = clock.monotonic() - self._began
            for segment in message:
                caption = Caption(
                    text=segment["text"],
                    speaker=segment["speaker"],
                    start=segment["start"],
                    end=segment["end"],
                    at_s=at,
                    delay_s=at - segment["end"] / self._report.speed,
                )
                self._report.captions.append(caption)
                self._view.caption(caption)
        elif isinstance(message, dict) and message["type"] == "audio_stored":
            self._report.stored_until_s = message["until_s"]
            self._stored.set()
            self._view.stored(message["until_s"])

    async def _accepted(self) -> None:
        """A recording of a few seconds may be sent faster than its conversation is opened."""
        try:
            await asyncio.wait_for(self._stored.wait(), clock.seconds(_STORED_WITHIN_S))
        except TimeoutError:
            return  # what the stop button answers says more

    async def _finish(self, api: httpx.AsyncClient) -> dict[str, Any]:
        answer = await api.post("/v1/conversations", json={})
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NothingSaidError("no word was recognised in it, so there is no conversation")
        conversation: dict[str, Any] = answer.raise_for_status().json()["conversation"]
        return await self._terminal(api, conversation["id"]) or conversation

    async def _terminal(self, api: httpx.AsyncClient, conversation_id: str) -> dict[str, Any] | None:
        """The conversation once it is completed or failed, or as it is when that takes too long."""
        deadline = clock.Deadline(_TERMINAL_WITHIN_S + _TERMINAL_PER_S * self._recording.seconds)
        conversation: dict[str, Any] | None = None
        while True:
            answer = await api.get(f"/v1/conversations/{conversation_id}")
            if answer.status_code != httpx.codes.NOT_FOUND:
                conversation = answer.raise_for_status().json()
            if (conversation and conversation["status"] in {"completed", "failed"}) or deadline.passed:
                return conversation
            await clock.sleep(_POLL_S)

    async def _search(self, api: httpx.AsyncClient, conversation: dict[str, Any]) -> None:
        question = QUESTION if self._recording.bundled else _question(conversation)
        deadline = clock.Deadline(_FINDABLE_WITHIN_S)
        with self._view.working("searching"):
            while True:
                answer = await api.post("/v1/conversations/search", json={"query": question})
                ids = [item["id"] for item in answer.raise_for_status().json()["items"]]
                place = ids.index(conversation["id"]) + 1 if conversation["id"] in ids else None
                self._report.search = Search(question, place, len(ids))
                if place is not None or deadline.passed:
                    return
                await clock.sleep(_POLL_S)

    async def _upload(self, api: httpx.AsyncClient) -> None:
        began = clock.monotonic()
        with self._view.working("transcribing the uploaded file"):
            uploaded = await asyncio.to_thread(self._put)
            conversation = await self._terminal(api, uploaded.key)
        self._report.timing_s["uploaded_file_to_completed"] = clock.monotonic() - began
        self._report.upload = Upload(
            object=f"gs://{uploaded.bucket}/{uploaded.name}",
            conversation_id=uploaded.key,
            status=conversation["status"] if conversation else "not transcribed in time",
            title=conversation["structured"]["title"] if conversation else "",
            wer=self._wer(conversation) if conversation else None,
        )

    def _put(self) -> UploadedObject:
        """Upload with Google's own client."""
        from google.cloud.storage import Client  # noqa: PLC0415 - as of others.py

        blob = Client(project=PROJECT).bucket(BUCKETS["uploads"]).blob(f"{UID}/{self._recording.path.name}")
        blob.upload_from_filename(str(self._recording.path))
        return UploadedObject(bucket=BUCKETS["uploads"], name=blob.name, generation=blob.generation)

    def _wer(self, conversation: dict[str, Any]) -> float | None:
        if self._recording.said is None:
            return None
        heard = " ".join(segment["text"] for segment in conversation["transcript_segments"])
        return word_error_rate(self._recording.said, heard)


def _question(conversation: dict[str, Any]) -> str:
    """Of a recording nobody knows, the title is what can be asked for; else its first words."""
    words = " ".join(segment["text"] for segment in conversation["transcript_segments"])
    return str(conversation["structured"]["title"] or words)[:_QUESTION_CHARACTERS]
