"""The chaos' users: each hands conversations over, works with them, and perhaps leaves; all at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import httpx

from tests.support.chaos.talks import Talk, Way, recorded_talk, spoken_talk, wav_of
from tests.support.offline import named, pcm_bin

if TYPE_CHECKING:
    from tests.support.inside import Inside

_DEVELOPER = "/v1/dev/user/conversations"
_AT_ONCE = 3
_TRIES = 10
_OK = range(200, 300)
_NOBODY: dict[str, Any] = {}


@dataclass
class User:
    """One of them; `leaves_at` is when, by `time.monotonic`. `left` says whether that was accepted."""

    uid: str
    api: httpx.AsyncClient
    inside: Inside
    random: Random
    leaves_at: float | None = None
    left: bool | None = None
    talks: list[Talk] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    _key: dict[str, str] = field(default_factory=dict)

    async def settle_in(self, webhook: str) -> None:
        """While all is well: a key, and an address to be told at."""
        scopes = ["conversations:write", "conversations:read"]
        key = await self.api.post("/v1/dev/keys", json={"name": "chaos", "scopes": scopes})
        self._key = {"Authorization": f"Bearer {key.raise_for_status().json()['key']}"}
        told = {"url": f"{webhook}?user={self.uid}"}
        (await self.api.post("/v1/users/developer/webhook/memory_created", json=told)).raise_for_status()

    async def live(self, until: float) -> None:
        """Do one thing after the other, several at once, until `until` or until they leave."""
        doings: list[tuple[Callable[[], Awaitable[object]], float]] = [
            (lambda: self._hand_over("session"), 4.0),
            (lambda: self._hand_over("keyed segments"), 2.0),
            (lambda: self._hand_over("text"), 3.0),
            (self._upload, 1.0),
            (self._sync, 1.0),
            (self._delete, 2.0),
            (self._reprocess, 1.5),
            (self._merge, 2.0),
            (self._rename, 1.0),
            (self._look_around, 1.0),
            (self._forget_fact, 1.0),
            (self._work_on_task, 1.5),
        ]
        running: set[asyncio.Task[object]] = set()
        while time.monotonic() < until:
            if self.leaves_at is not None and time.monotonic() > self.leaves_at:
                await self._leave()
                break
            if len(running) < _AT_ONCE:
                [doing] = self.random.choices([each for each, _ in doings], [weight for _, weight in doings])
                running.add(asyncio.ensure_future(doing()))
            running = {each for each in running if not each.done() or each.result() is not None}
            await asyncio.sleep(self.random.uniform(0.3, 2.0))
        await asyncio.gather(*running)

    async def _ask(self, method: str, path: str, **asked: Any) -> httpx.Response | None:
        """What is answered; None where nothing is."""
        try:
            answer = await self.api.request(method, path, **asked)
        except httpx.HTTPError:
            self.answers[0] += 1
            return None
        self.answers[answer.status_code] += 1
        return answer

    async def _read(self, path: str) -> Any:
        answer = await self._ask("GET", path)
        return answer.json() if answer is not None and answer.status_code in _OK else None

    async def _hand_over(self, way: Way) -> None:
        talk = spoken_talk(self.uid, way, self.random)
        self.talks.append(talk)
        segments = [
            {"text": said, "speaker": "SPEAKER_00", "is_user": True, "start": at * 5.0, "end": at * 5.0 + 4}
            for at, said in enumerate(talk.marks)
        ]
        headers = {**self._key} if way == "session" else {**self._key, "Idempotency-Key": talk.topic}
        if way == "text":
            path = _DEVELOPER
            body: dict[str, Any] = {"text": ".\n\n".join(talk.marks), "text_source": "audio_transcript"}
        else:
            path = f"{_DEVELOPER}/from-segments"
            body = {"transcript_segments": segments, "source": "phone"}
        if way == "session":
            body["client_session_id"] = talk.topic

        async def send() -> None:
            answer = await self._ask("POST", path, json=body, headers=headers)
            if answer is not None and answer.status_code in _OK:
                talk.accepted = True
                talk.told.add(answer.json()["id"])

        await asyncio.gather(*(send() for _ in range(self.random.choice((1, 2, 3)))))
        await self._until(send, lambda: talk.accepted)

    async def _upload(self) -> None:
        talk, pcm = recorded_talk(self.uid, "upload", self.random)
        self.talks.append(talk)
        try:
            await asyncio.to_thread(self.inside.upload, self.uid, f"{talk.topic}.wav", wav_of(pcm))
        except Exception:  # noqa: BLE001 - whatever a client of Cloud Storage gives up with: nothing was promised
            return
        talk.accepted = True

    async def _sync(self) -> None:
        talk, pcm = recorded_talk(self.uid, "offline", self.random)
        at = timedelta(hours=6 * len(self.talks)).total_seconds()
        self.talks.append(talk)
        files = {"files": (named(at, codec="pcm16"), pcm_bin(pcm))}

        async def send() -> None:
            answer = await self._ask("POST", "/v2/sync-local-files", files=files)
            talk.accepted |= answer is not None and answer.status_code in _OK

        await asyncio.gather(send(), send())
        await self._until(send, lambda: talk.accepted)

    async def _until(self, doing: Callable[[], Awaitable[None]], done: Callable[[], bool]) -> None:
        for _ in range(_TRIES):
            if done():
                return
            await asyncio.sleep(1.0)
            await doing()

    async def _one(self, **wanted: str) -> dict[str, Any] | None:
        found = [
            each
            for each in await self._read("/v1/conversations?limit=100") or []
            if all(each[name] == value for name, value in wanted.items())
        ]
        return self.random.choice(found) if found else None

    def _in(self, conversation: dict[str, Any]) -> list[Talk]:
        said = " ".join(segment["text"] for segment in conversation.get("transcript_segments", [])).lower()
        return [talk for talk in self.talks if talk.topic in said]

    async def _delete(self) -> None:
        chosen = await self._one()
        whole = await self._read(f"/v1/conversations/{chosen['id']}") if chosen else None
        if not whole:
            return
        talks = self._in(whole)
        cascade = self.random.random() < 0.5
        for talk in talks:
            talk.deleted = "asked" if talk.deleted == "no" else talk.deleted
        answer = await self._ask("DELETE", f"/v1/conversations/{whole['id']}", params={"cascade": cascade})
        if answer is not None and answer.status_code in _OK:
            for talk in talks:
                talk.deleted, talk.cascade = "yes", talk.cascade or cascade

    async def _reprocess(self) -> None:
        if chosen := await self._one():
            path = f"/v1/conversations/{chosen['id']}/reprocess"
            await asyncio.gather(*(self._ask("POST", path) for _ in range(self.random.choice((1, 2)))))

    async def _merge(self) -> None:
        first, second = await self._one(status="completed"), await self._one(status="completed")
        if first and second and first["id"] != second["id"]:
            for talk in [*self._in(first), *self._in(second)]:
                talk.merged = True
            body = {"conversation_ids": [first["id"], second["id"]], "reprocess": self.random.random() < 0.6}
            await self._ask("POST", "/v1/conversations/merge", json=body)

    async def _rename(self) -> None:
        if chosen := await self._one():
            title = {"title": f"Number {self.random.randrange(1000)}"}
            await self._ask("PATCH", f"/v1/conversations/{chosen['id']}/title", params=title)

    async def _look_around(self) -> None:
        topic = self.random.choice(self.talks).topic if self.talks else "nothing"
        await self._ask("POST", "/v1/conversations/search", json={"query": topic})
        await self._ask("POST", "/v2/messages", json={"text": "What did I say about beetles?"})
        await self._read("/v1/users/export")

    async def _forget_fact(self) -> None:
        known = await self._read("/v3/memories") or []
        memory = self.random.choice(known) if known else _NOBODY
        talk = next((each for each in self.talks if each.taught and each.fact in memory.get("content", "")), None)
        if talk is not None:
            talk.fact_deleted = "asked" if talk.fact_deleted == "no" else talk.fact_deleted
            answer = await self._ask("DELETE", f"/v3/memories/{memory['id']}")
            talk.fact_deleted = "yes" if answer is not None and answer.status_code in _OK else talk.fact_deleted

    async def _work_on_task(self) -> None:
        listed = (await self._read("/v1/action-items") or {}).get("action_items")
        item = self.random.choice(listed) if listed else _NOBODY
        said = item.get("description", "").lower()
        talk = next((each for each in self.talks if each.taught and each.task in said), None)
        if talk is None:
            return
        path = f"/v1/action-items/{item['id']}"
        if self.random.random() < 0.5:
            await self._ask("PATCH", path, json={"description": f"{item['description']} again"})
            return
        talk.task_deleted = "asked" if talk.task_deleted == "no" else talk.task_deleted
        answer = await self._ask("DELETE", path)
        talk.task_deleted = "yes" if answer is not None and answer.status_code in _OK else talk.task_deleted

    async def _leave(self) -> None:
        self.left = False

        async def ask() -> None:
            answer = await self._ask("DELETE", "/v1/users/delete-account")
            self.left = self.left or (answer is not None and answer.status_code in _OK)

        with suppress(httpx.HTTPError):
            await self._until(ask, lambda: bool(self.left))
