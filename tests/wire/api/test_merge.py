"""Several conversations become one, or stay as they were."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from common.action_items.collect import collect_action_items
from common.apps.running import run_apps
from common.chat import day_summaries
from common.conversations import merge
from common.conversations.inheriting import LEARNING
from common.conversations.merge import give_up_merge, merge_conversations
from common.conversations.purge import purge_conversation
from common.conversations.structure import structure_conversation
from common.conversations.sweep import sweep
from common.core.errors import RetryableError
from common.core.ids import new_id
from common.database import (
    action_items,
    audio_blocks,
    claims,
    conversations,
    daily_summaries,
    forgotten,
    media,
    memories,
    merges,
    messages,
    photo_files,
    photos,
    segment_batches,
    tasks,
    tombstones,
    transcripts,
)
from common.database.action_items import Filters
from common.database.clients import firestore_client
from common.memories.extract import extract_memories
from common.models.attachments import ConversationPhoto
from common.models.chat import Message, MessageSender
from common.models.conversation import Conversation, ConversationStatus
from common.models.daily_summary import DailySummary, DayActionItem, DayDecision, DayTopic
from common.models.events import ConversationCompleted, MergeConversations
from common.models.memory import Memory
from common.speech.blocks import encode_block
from local import manifest
from tests.support.making import NOON, a_batch, a_block, a_conversation, a_segment, at
from tests.support.stores import Stores
from tests.support.waiting import eventually
from tests.wire.api.conftest import ApiAs

pytestmark = pytest.mark.usefixtures("stores", "first_words")

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def _create(uid: str, conversation_id: str, begins: float = 0, **fields: Any) -> None:
    made = {"created_at": at(begins), "started_at": at(begins), "finished_at": at(begins + 60), **fields}
    conversations.create(a_conversation(**{"id": conversation_id, "status": "completed", **made}), uid=uid)


@pytest.fixture
def two(uid: str) -> list[str]:
    _create(uid, "c0", transcript_segments=[a_segment("we spoke of the budget", 0, 3)])
    _create(uid, "c1", 100, transcript_segments=[a_segment("and then of the garden", 1, 4)])
    return ["c0", "c1"]


def _start(api: httpx.Client, ids: list[str], **body: Any) -> dict[str, Any]:
    answer = api.post("/v1/conversations/merge", json={"conversation_ids": ids, **body})
    assert answer.status_code == 200
    started: dict[str, Any] = answer.json()
    return started


def _task(stores: Stores, into: str) -> MergeConversations:
    def sent() -> dict[str, Any] | None:
        bodies = [json.loads(each.content) for each in stores.tasks.received]
        return next((body for body in bodies if body.get("conversation_id") == into), None)

    return MergeConversations.model_validate(eventually(sent, within_s=5, what="the task"))


def _merged(stores: Stores, api: httpx.Client, uid: str, ids: list[str], **body: Any) -> Conversation:
    task = _task(stores, _start(api, ids, **body)["merged_conversation_id"])
    assert merge_conversations(task) == "merged"
    return conversations.get(uid=uid, conversation_id=task.conversation_id)


def _statuses(uid: str) -> dict[str, ConversationStatus]:
    return {each.id: each.status for each in conversations.list_newest(uid=uid, limit=10)}


class TestMerging:
    """One new conversation in place of the old ones."""

    def test_it_is_answered_at_once_and_done_by_a_task(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any
    ) -> None:
        started = _start(api, two)
        into = started.pop("merged_conversation_id")
        assert started == {
            "status": "merging",
            "message": "2 conversations are being merged",
            "conversation_ids": ["c0", "c1"],
        }
        assert _statuses(uid) == {"c0": "merging", "c1": "merging"}
        assert merge_conversations(_task(stores, into)) == "merged"
        assert _statuses(uid) == {into: "processing"}
        assert tombstones.of(uid=uid).get("c0").cascade is False
        structure_conversation(uid=uid, conversation_id=into, run=1)
        shown = api.get(f"/v1/conversations/{into}").json()
        assert [(each["text"], each["start"]) for each in shown["transcript_segments"]] == [
            ("we spoke of the budget", 0.0),
            ("and then of the garden", 101.0),
        ]
        assert (shown["structured"]["title"], shown["status"], shown["discarded"]) == (
            "we spoke of",
            "completed",
            False,
        )
        assert (shown["started_at"], shown["finished_at"]) == ("2026-05-04T12:00:00Z", "2026-05-04T12:02:40Z")

    def test_without_another_run_it_is_completed(self, stores: Stores, api: httpx.Client, uid: str, two: Any) -> None:
        merged = _merged(stores, api, uid, two, reprocess=False)
        assert (merged.status, merged.run, len(merged.transcript_segments)) == (ConversationStatus.COMPLETED, 0, 2)

    def test_delivered_again_it_changes_nothing(self, stores: Stores, api: httpx.Client, uid: str, two: Any) -> None:
        merged = _merged(stores, api, uid, two)
        task = _task(stores, merged.id)
        assert merge_conversations(task) == "merged"
        assert conversations.get(uid=uid, conversation_id=merged.id) == merged
        api.delete(f"/v1/conversations/{merged.id}")
        assert merge_conversations(task) == "merged"
        assert _statuses(uid) == {}

    def test_of_two_requests_at_once_one_is_taken(self, api: httpx.Client, two: Any) -> None:
        body = {"conversation_ids": two}
        with ThreadPoolExecutor(2) as pool:
            answers = pool.map(lambda _: api.post("/v1/conversations/merge", json=body).status_code, range(2))
            assert sorted(answers) == [200, 409]

    def test_photos_audio_and_what_was_learned_move_along(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any
    ) -> None:
        conversations.reference(uid=uid, conversation_id="c0").update(
            {"photos": [{"id": "p0", "base64": "aA==", "created_at": NOON}]}
        )
        beside = [ConversationPhoto(id="p1", base64="aQ==", created_at=at(5))]
        photos.put_all(beside, uid=uid, conversation_id="c1")
        path = photo_files.put("p2", b"bytes", uid=uid, conversation_id="c1", content_type="image/png")
        photos.put_all([ConversationPhoto(id="p2", storage_id=path, created_at=at(6))], uid=uid, conversation_id="c1")
        block = a_block(0, 5, covered=((0, 5),))
        for conversation_id in two:
            audio_blocks.put(block, encode_block([bytes(320)]), uid=uid, conversation_id=conversation_id)
        user = firestore_client().collection("users").document(uid)
        for name in ("memories", "action_items"):
            user.collection(name).document("x").set({"conversation_id": "c1", "description": "x", "content": "x"})
        merged = _merged(stores, api, uid, two)
        for conversation_id in two:
            purge_conversation(uid=uid, conversation_id=conversation_id)
        shown = api.get(f"/v1/conversations/{merged.id}").json()["photos"]
        assert [(photo["id"], photo["base64"]) for photo in shown] == [
            ("p0", "aA=="),
            ("p1", "aQ=="),
            ("p2", "Ynl0ZXM="),
        ]
        assert merged.capture.photographed
        blocks = audio_blocks.list_blocks(uid=uid, conversation_id=merged.id)
        assert sorted((each.start, each.end, each.covered[0].start) for each in blocks) == [(0, 5, 0), (100, 105, 100)]
        assert len({each.session_id for each in blocks}) == 2
        assert audio_blocks.read(blocks[0]) == encode_block([bytes(320)])
        assert structure_conversation(uid=uid, conversation_id=merged.id, run=1) == "completed"
        for name in ("memories", "action_items"):
            assert user.collection(name).document("x").get().get("conversation_id") == merged.id
        assert action_items.of(uid=uid).collection.document("x").get().exists

    def test_words_that_were_not_compacted_yet_are_not_lost(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any
    ) -> None:
        late = a_batch(10, 12, a_segment("a late word", 10, 12))
        segment_batches.put(late, uid=uid, conversation_id="c1")
        merged = _merged(stores, api, uid, two)
        assert [(each.text, each.start) for each in merged.transcript_segments][-1] == ("a late word", 110)

    def test_long_transcripts_are_whole(self, stores: Stores, api: httpx.Client, uid: str) -> None:
        for number in range(2):
            said = [a_segment(f"{n:x}" * 40 + str(hash((n, "x"))), n, n + 1) for n in range(3000)]
            _create(uid, f"c{number}", number, transcript_segments=said)
        assert len(_merged(stores, api, uid, ["c0", "c1"]).transcript_segments) == 6000


class TestRefusals:
    """What cannot be merged is told at once, and nothing changes."""

    @pytest.mark.parametrize("ids", [[], ["c0"], ["c0", "c0"], ["c0", "c1", "c0"]])
    def test_fewer_than_two_or_doubled(self, api: httpx.Client, two: Any, ids: list[str]) -> None:
        assert two
        answer = api.post("/v1/conversations/merge", json={"conversation_ids": ids})
        assert answer.status_code == 400
        assert answer.json()["detail"]

    @pytest.mark.parametrize(
        ("third", "status"),
        [({"is_locked": True}, 402), ({"status": "processing"}, 409), ({"status": "failed"}, 409), (None, 404)],
    )
    def test_one_that_cannot_be(
        self, api: httpx.Client, uid: str, two: list[str], third: dict[str, Any] | None, status: int
    ) -> None:
        if third is not None:
            _create(uid, "c2", **third)
        answer = api.post("/v1/conversations/merge", json={"conversation_ids": [*two, "c2"]})
        assert answer.status_code == status
        assert _statuses(uid)["c0"] == "completed"

    def test_more_talk_than_one_conversation_takes(
        self, api: httpx.Client, uid: str, two: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        many = [a_segment(f"{number} {new_id()}", number, number + 1) for number in range(1500)]
        monkeypatch.setattr(transcripts, "INLINE_LIMIT", 10_000)
        _create(uid, "long", 200, transcript_segments=many)
        monkeypatch.setattr(merge, "MOST_SEGMENTS", 2000)
        answer = api.post("/v1/conversations/merge", json={"conversation_ids": [*two, "long"]})
        assert (answer.status_code, "too long" in answer.json()["detail"]) == (400, True)
        assert set(_statuses(uid).values()) == {"completed"}
        monkeypatch.setattr(merge, "MOST_SEGMENTS", 2002)
        assert _start(api, [*two, "long"])

    def test_another_users_do_not_exist(self, api_as: ApiAs, two: list[str]) -> None:
        answer = api_as("somebody-else").post("/v1/conversations/merge", json={"conversation_ids": two})
        assert answer.status_code == 404

    @pytest.mark.parametrize("ids", ["c0", [1, 2], ["x"] * 21, ["c0", "x" * 1501]])
    def test_what_is_no_list_of_ids(self, api: httpx.Client, ids: Any) -> None:
        assert api.post("/v1/conversations/merge", json={"conversation_ids": ids}).status_code == 422

    @pytest.mark.parametrize("name", ["..", "__x__", "a/b", ""])
    def test_ids_that_cannot_be(self, api: httpx.Client, name: str) -> None:
        assert api.post("/v1/conversations/merge", json={"conversation_ids": [name, "c1"]}).status_code == 404


class TestWhatFollows:
    """What a conversation teaches stands beside it, and comes later: by then it may wait for a merge, or be gone."""

    def test_while_it_waits_for_a_merge_what_follows_waits_too(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any
    ) -> None:
        for conversation_id in two:
            conversations.reference(uid=uid, conversation_id=conversation_id).update({"run": 1})
        task = _task(stores, _start(api, two)["merged_conversation_id"])
        follow: tuple[Callable[[], str], ...] = (
            lambda: extract_memories(uid=uid, conversation_id="c0", run=1),
            lambda: collect_action_items(uid=uid, conversation_id="c0", run=1),
            lambda: run_apps(ConversationCompleted(uid=uid, conversation_id="c0", run=1, discarded=False)),
        )
        for step in follow:
            with pytest.raises(RetryableError):
                step()
        give_up_merge(task, "tried often enough")
        assert [step() for step in follow] == ["0 new, 0 changed, 0 gone", "0 new, 0 changed, 0 gone", "no app"]

    @pytest.mark.parametrize("learned", [LEARNING, LEARNING[1:], LEARNING[:1], ()])
    def test_it_is_understood_anew_if_one_of_them_has_not_taught_everything_yet(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any, learned: tuple[str, ...]
    ) -> None:
        conversations.reference(uid=uid, conversation_id="c1").update({"run": 1})
        for step in learned:
            claim = claims.acquire(uid=uid, step=step, subject="c1", run=1, lease_seconds=9.0)
            assert isinstance(claim, claims.Claim)
            claims.finish(claim, result="done")
        merged = _merged(stores, api, uid, two, reprocess=False)
        assert (merged.status, merged.run) == (("completed", 0) if learned == LEARNING else ("processing", 1))

    def test_what_must_have_been_done_is_what_follows_a_conversation(self) -> None:
        functions = manifest.load().functions
        for name in LEARNING:
            trigger = functions[name].trigger.pubsub
            assert trigger is not None
            assert trigger.topic == "conversation-completed"

    def test_their_tasks_are_not_taken_for_those_of_another_if_they_are_handed_on_late(
        self, stores: Stores, api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = a_segment("I must call the landlord about the garden tomorrow", 1, 4, is_user=True)
        _create(uid, "c0", transcript_segments=[a_segment("we spoke of the budget", 0, 3)])
        _create(uid, "c2", 100, transcript_segments=[said], status="processing", run=1)
        structure_conversation(uid=uid, conversation_id="c2", run=1)
        collect_action_items(uid=uid, conversation_id="c2", run=1)
        [before], _ = action_items.list_page(Filters(), uid=uid, limit=10)
        task = _task(stores, _start(api, ["c0", "c2"])["merged_conversation_id"])
        with monkeypatch.context() as slow:
            slow.setattr(merge, "inherit", lambda *_, **__: None)
            merge_conversations(task)
        structure_conversation(uid=uid, conversation_id=task.conversation_id, run=1)
        collect_action_items(uid=uid, conversation_id=task.conversation_id, run=1)
        merge_conversations(task)
        [after], _ = action_items.list_page(Filters(), uid=uid, limit=10)
        assert (after.id, after.conversation_id) == (before.id, task.conversation_id)

    def test_what_its_owner_wants_forgotten_stays_so_if_it_is_purged_first(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        note = forgotten.note("memory", "x", conversation_id="c0")
        forgotten.put([note], uid=uid)
        task = _task(stores, _start(api, two)["merged_conversation_id"])
        with monkeypatch.context() as slow:
            slow.setattr(merge, "inherit", lambda *_, **__: None)
            merge_conversations(task)
        purge_conversation(uid=uid, conversation_id="c0")
        assert merge_conversations(task) == "merged"
        assert forgotten.list_of_conversation(task.conversation_id, uid=uid)
        api.delete(f"/v1/conversations/{task.conversation_id}")
        purge_conversation(uid=uid, conversation_id=task.conversation_id)
        assert not forgotten.of(uid=uid).find(note.id)

    def test_it_goes_on_to_what_that_was_merged_into_or_goes_if_that_was_deleted_with_it(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = memories.of(uid=uid)
        known.put(Memory(id="m", uid=uid, content="x", created_at=NOON, updated_at=NOON, conversation_id="c0"))
        _create(uid, "c2", 300, transcript_segments=[a_segment("and of the roof", 1, 4)])
        first = _task(stores, _start(api, two, reprocess=False)["merged_conversation_id"])
        with monkeypatch.context() as slow:
            slow.setattr(merge, "inherit", lambda *_, **__: None)
            merge_conversations(first)
        second = _task(stores, _start(api, [first.conversation_id, "c2"], reprocess=False)["merged_conversation_id"])
        merge_conversations(second)
        merge_conversations(first)
        assert known.get("m").conversation_id == second.conversation_id
        known.reference("m").update({"conversation_id": "c0"})
        api.delete(f"/v1/conversations/{second.conversation_id}", params={"cascade": True})
        merge_conversations(first)
        assert known.find("m") is None


class TestTold:
    """A day in the evening, and answers in the chat, that tell of conversations which become one."""

    def _told(self, uid: str, ids: list[str]) -> None:
        day = DailySummary(
            id="2026-05-04",
            date="2026-05-04",
            headline="Busy",
            highlights=[DayTopic(topic="Budget", conversation_ids=ids)],
            decisions_made=[DayDecision(decision="To paint", conversation_id=ids[1])],
            action_items=[DayActionItem(description="Call", source_conversation_id=ids[0])],
            conversation_ids=[*ids, "other"],
            created_at=at(200),
        )
        daily_summaries.of(uid=uid).put(day)
        answer = Message(
            id="m", text="So it was.", created_at=at(300), sender=MessageSender.AI, memories_id=[*ids, "other"]
        )
        messages.add(answer, uid=uid)
        _create(uid, "other", 50, transcript_segments=[a_segment("we laughed", 0, 3)])

    def test_they_tell_of_what_those_have_become(
        self, stores: Stores, api: httpx.Client, uid: str, two: list[str]
    ) -> None:
        self._told(uid, two)
        merged = _merged(stores, api, uid, two, reprocess=False)
        day = daily_summaries.of(uid=uid).get("2026-05-04")
        assert day.conversation_ids == [merged.id, "other"]
        assert [each.conversation_ids for each in day.highlights] == [[merged.id]]
        assert [each.conversation_id for each in day.decisions_made] == [merged.id]
        assert [each.source_conversation_id for each in day.action_items] == [merged.id]
        assert messages.of(uid=uid).get("m").memories_id == [merged.id, "other"]

    def test_a_day_that_was_made_while_they_were_merged_does_too(
        self, stores: Stores, api: httpx.Client, uid: str, two: list[str]
    ) -> None:
        merged = _merged(stores, api, uid, two, reprocess=False)
        self._told(uid, two)
        told = day_summaries._without_deleted(daily_summaries.of(uid=uid).get("2026-05-04"), uid=uid)
        assert told is not None
        assert told.conversation_ids == [merged.id, "other"]

    def test_merged_on_and_deleted_they_are_not_told_of_any_more(
        self, stores: Stores, api: httpx.Client, uid: str, two: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._told(uid, two)
        first = _task(stores, _start(api, two, reprocess=False)["merged_conversation_id"])
        with monkeypatch.context() as slow:
            slow.setattr(merge, "inherit", lambda *_, **__: None)
            merge_conversations(first)
        _create(uid, "c2", 300, transcript_segments=[a_segment("and of the roof", 1, 4)])
        second = _task(stores, _start(api, [first.conversation_id, "c2"], reprocess=False)["merged_conversation_id"])
        merge_conversations(second)
        merge_conversations(first)
        [day] = daily_summaries.list_newest(uid=uid, limit=5, offset=0)
        assert day.conversation_ids == [second.conversation_id, "other"]
        api.delete(f"/v1/conversations/{second.conversation_id}")
        purge_conversation(uid=uid, conversation_id=second.conversation_id)
        [day] = daily_summaries.list_newest(uid=uid, limit=5, offset=0)
        assert day.conversation_ids == ["other"]


class TestFailing:
    """Whatever goes wrong, the conversations are there."""

    def test_without_a_task_they_are_as_before(
        self, api: httpx.Client, uid: str, two: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: MergeConversations) -> None:
            raise RetryableError("the queue is away")

        monkeypatch.setattr(tasks, "enqueue_merge", fail)
        assert api.post("/v1/conversations/merge", json={"conversation_ids": two}).status_code == 503
        assert _statuses(uid) == {"c0": "completed", "c1": "completed"}
        monkeypatch.undo()
        assert _start(api, two)

    def test_given_up_they_are_as_before_and_nothing_copied_is_left(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = {each: conversations.get(uid=uid, conversation_id=each) for each in two}
        audio_blocks.put(a_block(0, 5), b"x", uid=uid, conversation_id="c0")
        path = photo_files.put("p", b"x", uid=uid, conversation_id="c0", content_type="image/png")
        photos.put_all([ConversationPhoto(id="p", storage_id=path, created_at=at(6))], uid=uid, conversation_id="c0")
        task = _task(stores, _start(api, two)["merged_conversation_id"])
        monkeypatch.setattr(merges, "replace", lambda *_, **__: False)
        with pytest.raises(RetryableError):
            merge_conversations(task)
        assert audio_blocks.list_blocks(uid=uid, conversation_id=task.conversation_id)
        assert len(media.list_paths(f"{uid}/photos/")) == 2
        give_up_merge(task, "tried often enough")
        assert not audio_blocks.list_blocks(uid=uid, conversation_id=task.conversation_id)
        assert media.list_paths(f"{uid}/photos/") == [path]
        for conversation_id, as_it_was in before.items():
            now = conversations.get(uid=uid, conversation_id=conversation_id)
            assert now.model_copy(update={"updated_at": None}) == as_it_was.model_copy(update={"updated_at": None})

    def test_one_that_is_deleted_meanwhile_lets_the_others_be(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any
    ) -> None:
        task = _task(stores, _start(api, two)["merged_conversation_id"])
        api.delete("/v1/conversations/c0")
        assert merge_conversations(task) == "superseded"
        assert _statuses(uid) == {"c1": "completed"}

    def test_one_that_is_changed_meanwhile_is_merged_as_it_is_then(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        task = _task(stores, _start(api, two)["merged_conversation_id"])
        put_all = photos.put_all

        def changed_meanwhile(*args: Any, **kwargs: Any) -> None:
            assert api.patch("/v1/conversations/c1/title?title=Ours").status_code == 200
            put_all(*args, **kwargs)

        monkeypatch.setattr(photos, "put_all", changed_meanwhile)
        with pytest.raises(RetryableError):
            merge_conversations(task)
        monkeypatch.undo()
        assert merge_conversations(task) == "merged"
        assert conversations.get(uid=uid, conversation_id=task.conversation_id).user_title == "Ours"

    def test_the_sweep_puts_back_what_nobody_works_on(
        self, stores: Stores, api: httpx.Client, uid: str, two: Any
    ) -> None:
        task = _task(stores, _start(api, two)["merged_conversation_id"])
        for conversation_id in two:
            conversations.reference(uid=uid, conversation_id=conversation_id).update({"updated_at": LONG_AGO})
        claim = claims.acquire(uid=uid, step=merge.STEP, subject=task.subject, run=0, lease_seconds=1e6)
        assert isinstance(claim, claims.Claim)
        sweep()
        assert set(_statuses(uid).values()) == {"merging"}, "somebody works on it"
        claims.release(claim)
        assert sweep()["unmerged"] == 1
        assert set(_statuses(uid).values()) == {"completed"}
        assert merge_conversations(task) == "superseded"
        assert set(_statuses(uid)) == {"c0", "c1"}
