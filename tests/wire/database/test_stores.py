"""Blocks, batches, uploads, events, tasks and the cache, through the real clients."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google.api_core.exceptions import NotFound
from google.cloud.pubsub_v1 import SubscriberClient

from common.conversations import coverage
from common.core import clock
from common.core.errors import InvalidInputError
from common.core.settings import settings
from common.database import audio_blocks, cache, clients, conversations, segment_batches, tasks, topics, uploads
from common.database.audio_blocks import AudioBlock
from common.database.watch import ConversationWatch
from common.models.conversation import ConversationStatus, Interval
from common.models.events import ConversationCompleted, FinalizeConversation, TranscribeSpan
from common.models.upload import Upload
from local.environment import BUCKETS, PROJECT
from tests.support.making import a_batch, a_block, a_conversation, a_segment
from tests.support.stores import Stores, free_port

pytestmark = pytest.mark.usefixtures("stores")


class TestAudioBlocks:
    """Named by owner, conversation, session and time; the metadata says what was understood."""

    def _put(self, uid: str, block: AudioBlock, data: bytes = b"x", conversation_id: str = "c1") -> None:
        audio_blocks.put(block, data, uid=uid, conversation_id=conversation_id)

    def _list(self, uid: str, conversation_id: str = "c1") -> list[AudioBlock]:
        return audio_blocks.list_blocks(uid=uid, conversation_id=conversation_id)

    def test_what_is_put_is_listed_and_read(self, uid: str) -> None:
        block = a_block(5.0, 10.04, covered=((0, 2.5), (3, 4.125)), codec="opus_fs320", sample_rate=16_000)
        self._put(uid, block, b"\x00\xff audio")
        [listed] = self._list(uid)
        assert listed.name == f"{uid}/c1/s/0000005000-0000010040"
        assert (listed.session_id, listed.start, listed.end) == ("s", 5.0, 10.04)
        assert (listed.codec, listed.sample_rate, listed.covered) == ("opus_fs320", 16_000, block.covered)
        assert listed.stored_at is not None
        assert abs(listed.stored_at - clock.now()) < timedelta(seconds=30)
        assert audio_blocks.read(listed) == b"\x00\xff audio"

    def test_of_what_was_settled_apart_again_and_again_each_block_says_the_newest(self, uid: str) -> None:
        """As with a device that loses something all the time: there may be 8 KiB beside the sound, and it is stored."""
        settled = [(9000 + second, 9000 + second + 0.75) for second in range(3300)]
        for known in range(5, len(settled) + 1, 300):
            block = a_block(known - 5, known, covered=tuple(settled[:known]))
            self._put(uid, replace(block, marks="m" * 5600))
        listed = self._list(uid)
        assert len(listed) == 11
        assert listed[-1].covered[-1] == Interval(start=9000 + 3004, end=9000 + 3004.75)
        assert 60 < len(listed[-1].covered) < 160

        audio_blocks.copy_all(
            uid=uid, conversation_id="c1", to="c2", later_s=lambda _: 90_000.0, session=lambda name: name
        )
        copied = self._list(uid, "c2")
        assert copied[-1].covered[-1].end == pytest.approx(90_000 + 9000 + 3004.75)

    def test_what_is_voiced_without_a_word_stands_with_a_block_as_far_as_there_is_room(self, uid: str) -> None:
        apart = tuple(Interval(start=10.0 * each, end=10.0 * each + 5) for each in range(100))
        block = a_block(0, 1000, covered=((0, 1000),))
        self._put(uid, replace(block, wordless=apart, marks="m" * 5600))
        [listed] = self._list(uid)
        assert listed.covered == block.covered
        assert 40 < len(listed.wordless) < 100
        assert listed.wordless == apart[-len(listed.wordless) :]
        audio_blocks.copy_all(
            uid=uid, conversation_id="c1", to="c2", later_s=lambda _: 500.0, session=lambda name: name
        )
        [copied] = self._list(uid, "c2")
        assert copied.wordless[-1] == Interval(start=1490, end=1495)

    def test_what_each_block_leaves_out_stands_with_those_before_it(self, uid: str) -> None:
        settled = [(float(second), second + 0.75) for second in range(1200)]
        for known in range(5, len(settled) + 1, 5):
            self._put(uid, a_block(known - 5, known, covered=tuple(settled[:known])))
        said = coverage.union(span for block in self._list(uid) for span in block.covered)
        assert [(span.start, span.end) for span in said] == settled

    def test_the_same_block_again_replaces_it(self, uid: str) -> None:
        self._put(uid, a_block(0, 5), b"first")
        self._put(uid, a_block(0, 5, covered=((0, 5),)), b"second")
        [listed] = self._list(uid)
        assert audio_blocks.read(listed) == b"second"
        assert len(listed.covered) == 1

    def test_they_come_by_session_and_time_even_after_hours(self, uid: str) -> None:
        for session, start in (("t", 0), ("s", 36_000), ("s", 5), ("s", 990)):
            self._put(uid, a_block(start, start + 5, session_id=session))
        assert [(block.session_id, block.start) for block in self._list(uid)] == [
            ("s", 5),
            ("s", 990),
            ("s", 36_000),
            ("t", 0),
        ]

    def test_a_conversation_whose_id_begins_alike_is_another(self, uid: str) -> None:
        self._put(uid, a_block(0, 5), conversation_id="c1")
        self._put(uid, a_block(0, 5), conversation_id="c10")
        assert len(self._list(uid)) == 1
        assert audio_blocks.delete_all(uid=uid, conversation_id="c1") == 1
        assert len(self._list(uid, "c10")) == 1

    def test_all_are_deleted_and_deleting_none_is_fine(self, uid: str) -> None:
        for start in range(0, 15, 5):
            self._put(uid, a_block(start, start + 5))
        assert audio_blocks.delete_all(uid=uid, conversation_id="c1") == 3
        assert self._list(uid) == []
        assert audio_blocks.delete_all(uid=uid, conversation_id="c1") == 0

    def test_one_deleted_meanwhile_says_so(self, uid: str) -> None:
        self._put(uid, a_block(0, 5))
        [listed] = self._list(uid)
        audio_blocks.delete_all(uid=uid, conversation_id="c1")
        with pytest.raises(NotFound):
            audio_blocks.read(listed)

    def test_those_that_are_named_are_deleted_and_those_gone_already_are_fine(self, uid: str) -> None:
        for start in range(0, 15, 5):
            self._put(uid, a_block(start, start + 5))
        first, second, third = self._list(uid)
        for _ in range(2):
            audio_blocks.delete([first, third])
        assert self._list(uid) == [second]

    def test_what_is_kept_is_out_of_reach_of_the_lifecycle_rule_and_as_it_was(self, uid: str) -> None:
        for start in range(0, 100, 5):
            self._put(uid, a_block(start, start + 5, covered=((start, start + 4),)))
        self._put(uid, a_block(0, 5), conversation_id="c10")
        before, bytes_before = self._list(uid), audio_blocks.read(self._list(uid)[3])
        for _ in range(2):
            audio_blocks.keep_all(uid=uid, conversation_id="c1")
        assert self._list(uid) == before
        assert audio_blocks.read(before[3]) == bytes_before
        blobs = list(clients.storage_client().list_blobs(settings().audio_bucket, prefix=f"{uid}/"))
        classes = {blob.name.split("/")[1]: blob.storage_class for blob in blobs}
        assert classes == {"c1": "NEARLINE", "c10": "STANDARD"}
        audio_blocks.copy_all(uid=uid, conversation_id="c1", to="c2", later_s=lambda _: 0.0, session=lambda name: name)
        copied = list(clients.storage_client().list_blobs(settings().audio_bucket, prefix=f"{uid}/c2/"))
        assert {blob.storage_class for blob in copied} == {"NEARLINE"}
        assert len(copied) == audio_blocks.delete_all(uid=uid, conversation_id="c1") == 20

    def test_what_is_deleted_while_it_is_kept_stays_deleted(self, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._put(uid, a_block(0, 5))
        listed = clients.storage_client().list_blobs

        def deleted_meanwhile(*args: Any, **options: Any) -> list[Any]:
            found = list(listed(*args, **options))
            for blob in found:
                blob.bucket.delete_blob(blob.name)
            return found

        with monkeypatch.context() as patched:
            patched.setattr(clients.storage_client(), "list_blobs", deleted_meanwhile)
            audio_blocks.keep_all(uid=uid, conversation_id="c1")
        assert self._list(uid) == []

    def test_a_name_cannot_be_escaped(self, uid: str) -> None:
        with pytest.raises(ValueError, match="slash"):
            self._put(uid, a_block(0, 5), conversation_id="../c2")


class TestSegmentBatches:
    """What was understood while the conversation was not yet compacted."""

    def test_batches_come_by_session_and_time_and_again_is_the_same(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        late, early = a_batch(1000, 1001, a_segment("late", 1000, 1001)), a_batch(5, 6, a_segment("early", 5, 6))
        other = a_batch(0, 1, session_id="t", given_up="noise")
        for batch in (late, other, early, late):
            segment_batches.put(batch, uid=uid, conversation_id="c1")
        assert segment_batches.list_batches(uid=uid, conversation_id="c1") == [early, late, other]

    def test_only_those_named_are_deleted_however_many(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        batches = [a_batch(second, second + 1) for second in range(403)]
        store = conversations.reference(uid=uid, conversation_id="c1").collection("segments")
        write = clients.firestore_client().batch()
        for batch in batches:
            write.set(store.document(batch.id), batch.to_firestore())
        write.commit()
        segment_batches.delete(batches[:402], uid=uid, conversation_id="c1")
        assert segment_batches.list_batches(uid=uid, conversation_id="c1") == batches[402:]

    def test_deleting_none_is_fine(self, uid: str) -> None:
        segment_batches.delete([], uid=uid, conversation_id="c1")


def test_an_event_arrives_with_its_id_for_consumers_to_claim_by(uid: str) -> None:
    subscriber: Any = SubscriberClient()
    with subscriber:
        topic = f"projects/{PROJECT}/topics/conversation-completed"
        subscription = f"projects/{PROJECT}/subscriptions/{uid}"
        subscriber.create_subscription(request={"name": subscription, "topic": topic})
        event = ConversationCompleted(uid=uid, conversation_id="c1", run=2)
        topics.publish(event)
        [received] = subscriber.pull(
            request={"subscription": subscription, "max_messages": 5}, timeout=10
        ).received_messages
        assert received.message.attributes["event_id"] == event.event_id
        assert ConversationCompleted.model_validate_json(received.message.data) == event
        subscriber.delete_subscription(request={"subscription": subscription})


class TestTasks:
    """Work for later, at most one task per name."""

    def _waiting(self, stores: Stores, uid: str) -> list[Any]:
        return [task for task in stores.waiting_tasks() if uid.encode() in task.http_request.body]

    def test_the_same_look_is_asked_for_once(self, stores: Stores, uid: str) -> None:
        look = FinalizeConversation(uid=uid, conversation_id="c1")
        due = (clock.now() + timedelta(hours=1)).replace(microsecond=0)
        tasks.schedule_finalize(look, at=due)
        tasks.schedule_finalize(look, at=due)
        [task] = self._waiting(stores, uid)
        assert FinalizeConversation.model_validate_json(task.http_request.body) == look
        assert task.http_request.url == settings().finalize_conversation_url
        assert task.http_request.headers["Content-Type"] == "application/json"
        assert task.http_request.oidc_token.audience == settings().finalize_conversation_url
        assert task.schedule_time.timestamp() == pytest.approx(due.timestamp(), abs=0.001)

    def test_the_next_look_is_another_task_even_within_a_second_of_a_fast_cloud(self, stores: Stores, uid: str) -> None:
        look = FinalizeConversation(uid=uid, conversation_id="c1")
        due = (clock.now() + timedelta(hours=1)).replace(microsecond=0)
        tasks.schedule_finalize(look, at=due)
        tasks.schedule_finalize(look, at=due + clock.duration(5.0))
        assert clock.seconds(5.0) < 1
        assert len(self._waiting(stores, uid)) == 2

    def test_a_queue_that_does_not_answer_at_once_is_asked_again(
        self, stores: Stores, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A connection that died unnoticed, say; and what was done without an answer is not done twice."""
        monkeypatch.setattr(stores.trouble, "share", 0.3)
        due = clock.now() + timedelta(hours=1)
        for number in range(20):
            tasks.schedule_finalize(FinalizeConversation(uid=uid, conversation_id=f"c{number}"), at=due)
        monkeypatch.setattr(stores.trouble, "share", 0.0)
        assert len(self._waiting(stores, uid)) == 20

    def test_a_span_is_enqueued_once_per_run(self, stores: Stores, uid: str) -> None:
        before = len(stores.tasks.received)
        for run in (1, 1, 2):
            tasks.enqueue_span(
                TranscribeSpan(uid=uid, conversation_id="c1", run=run, session_id="s", start_ms=0, end_ms=5)
            )
        deadline = clock.monotonic() + 10
        while len(self._received(stores, uid)) < 2 and clock.monotonic() < deadline:
            threading.Event().wait(0.02)
        sent = self._received(stores, uid)
        assert sorted(TranscribeSpan.model_validate_json(request.content).run for request in sent) == [1, 2]
        assert len(stores.tasks.received) >= before + 2
        assert sent[0].headers["authorization"].startswith("Bearer ")
        assert sent[0].headers["x-cloudtasks-queuename"] != settings().tasks_queue, "timers do not wait for it"

    @staticmethod
    def _received(stores: Stores, uid: str) -> list[Any]:
        return [request for request in stores.tasks.received if uid.encode() in request.content]


class TestUploads:
    """Recordings put there by their owner."""

    def _upload(self, name: str, generation: int = 0) -> Upload:
        return Upload(bucket=BUCKETS["uploads"], name=name, generation=generation)

    @pytest.mark.parametrize(("name", "uid"), [("u1/a.wav", "u1"), ("u1/deep/er/a.wav", "u1")])
    def test_the_owner_is_in_the_name(self, name: str, uid: str) -> None:
        assert uploads.owner(self._upload(name)) == uid

    @pytest.mark.parametrize("name", ["a.wav", "/a.wav", "u1/", "", "/"])
    def test_a_name_without_an_owner_is_refused(self, name: str) -> None:
        with pytest.raises(InvalidInputError):
            uploads.owner(self._upload(name))

    def test_exactly_the_announced_generation_is_read(self, uid: str) -> None:
        blob = clients.storage_client().bucket(BUCKETS["uploads"]).blob(f"{uid}/a.wav")
        blob.upload_from_string(b"first")
        announced = self._upload(blob.name, blob.generation)
        with uploads.open_upload(announced) as file:
            assert file.read() == b"first"
        blob.upload_from_string(b"second, and longer")
        with uploads.open_upload(announced) as file, pytest.raises(NotFound):
            file.read()


class TestCache:
    """Only ever makes things faster."""

    def test_the_note_is_kept_and_dropped(self, uid: str) -> None:
        assert cache.recall_live(uid=uid) is None
        cache.remember_live(uid=uid, conversation_id="c1")
        assert cache.recall_live(uid=uid) == "c1"
        client = clients.redis_client()
        assert client is not None
        assert 0 < int(str(client.ttl(f"users:{uid}:in_progress_memory_id"))) <= 300
        cache.forget_live(uid=uid)
        assert cache.recall_live(uid=uid) is None

    @pytest.mark.parametrize("url", ["", "down"])
    def test_without_it_everything_goes_on(self, uid: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0" if url else "")
        monkeypatch.setattr(clients, "redis_client", clients.redis_client.__wrapped__)
        monkeypatch.setattr(cache, "redis_client", clients.redis_client)
        settings.cache_clear()
        try:
            cache.remember_live(uid=uid, conversation_id="c1")
            assert cache.recall_live(uid=uid) is None
            cache.forget_live(uid=uid)
        finally:
            monkeypatch.undo()
            settings.cache_clear()


class TestWatch:
    """One watch per instance: told of every change, and of the end."""

    def test_transitions_and_the_end_are_told(self, uid: str) -> None:
        told: list[tuple[str, str, ConversationStatus | None]] = []
        news = threading.Condition()

        def notify(owner: str, conversation_id: str, status: ConversationStatus | None) -> None:
            with news:
                told.append((owner, conversation_id, status))
                news.notify_all()

        def wait_for(expected: tuple[str, str, ConversationStatus | None]) -> None:
            with news:
                assert news.wait_for(lambda: expected in told, timeout=10), told

        def set_status(conversation_id: str, status: str) -> None:
            conversations.reference(uid=uid, conversation_id=conversation_id).update({"status": status})

        watch = ConversationWatch(instance=uid, notify=notify)
        watch.ensure()
        try:
            capture = {"kind": "live", "instances": [uid]}
            for conversation_id in ("c1", "c2"):
                conversations.create(a_conversation(id=conversation_id, capture=capture), uid=uid)
            conversations.create(a_conversation(id="c3", capture={"kind": "live", "instances": ["another"]}), uid=uid)
            wait_for((uid, "c1", ConversationStatus.IN_PROGRESS))
            set_status("c1", "processing")
            wait_for((uid, "c1", ConversationStatus.PROCESSING))
            set_status("c1", "completed")
            wait_for((uid, "c1", None))
            conversations.delete(uid=uid, conversation_id="c2")
            wait_for((uid, "c2", None))
            assert not [entry for entry in told if entry[1] == "c3"]
            watch.ensure()
        finally:
            watch.close()

    def test_closing_one_that_was_never_started_is_fine(self) -> None:
        ConversationWatch(instance="x", notify=lambda *_: None).close()
