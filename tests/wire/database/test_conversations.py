"""Collection `conversations` through Google's client: one document per conversation, changed in transactions."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.core.errors import ConflictError, NotFoundError
from common.database import conversations, stuck_conversations, transcripts
from common.models.conversation import Conversation, ConversationStatus
from common.models.segment import TranscriptSegment
from tests.support.making import NOON, a_conversation, a_segment, at

pytestmark = pytest.mark.usefixtures("stores")


def _content(conversation: Conversation | None) -> dict[str, Any]:
    """Everything but how the transcript is stored."""
    assert conversation is not None
    return conversation.model_dump(exclude={"transcript_segments_compressed", "transcript_chunks"})


def _long_transcript(hours: float) -> list[TranscriptSegment]:
    """Talk at 150 words a minute, of words that do not compress better than a language does."""
    chance = random.Random(7)  # noqa: S311 - reproducible, no secret
    vocabulary = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(4000)]
    return [
        a_segment(" ".join(chance.choices(vocabulary, k=15)), second, second + 6, id=f"{second:08x}")
        for second in range(0, int(hours * 3600), 6)
    ]


class TestCreating:
    """A conversation is created once."""

    def test_it_is_read_back_as_it_was_written(self, uid: str) -> None:
        written = conversations.create(
            a_conversation(
                transcript_segments=[a_segment("Hello", 0, 1.5)],
                structured={"title": "T", "action_items": [{"description": "x", "due_at": at(60)}]},
                external_data={"nested": {"list": [1, 2.5, "three", None]}},
                covered={"s": [{"start": 0, "end": 1.5}]},
            ),
            uid=uid,
        )
        assert written.updated_at is not None
        assert _content(conversations.get(uid=uid, conversation_id="c1")) == _content(written)

    def test_a_second_one_under_the_same_id_is_a_conflict_and_changes_nothing(self, uid: str) -> None:
        first = conversations.create(a_conversation(language="en"), uid=uid)
        with pytest.raises(ConflictError):
            conversations.create(a_conversation(language="de"), uid=uid)
        assert _content(conversations.get(uid=uid, conversation_id="c1")) == _content(first)

    def test_of_two_at_once_one_wins(self, uid: str) -> None:
        def create(language: str) -> bool:
            try:
                conversations.create(a_conversation(language=language), uid=uid)
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(create, ["a", "b", "c", "d"])) == 1

    def test_another_users_conversation_is_not_found(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        assert conversations.find(uid=f"{uid}-other", conversation_id="c1") is None
        with pytest.raises(NotFoundError):
            conversations.get(uid=f"{uid}-other", conversation_id="c1")

    @pytest.mark.parametrize("conversation_id", ["", ".", "..", "a/b", "__x__", "x" * 1501])
    def test_an_id_that_cannot_be_is_not_found(self, uid: str, conversation_id: str) -> None:
        with pytest.raises(NotFoundError):
            conversations.get(uid=uid, conversation_id=conversation_id)


class TestChanging:
    """A decision is applied to the document as it is then."""

    def test_concurrent_changes_are_serialised_and_none_is_lost(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        calls = []

        def count_up(current: Conversation) -> Conversation:
            calls.append(current.run)
            return current.model_copy(update={"run": current.run + 1})

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: conversations.change(uid=uid, conversation_id="c1", decide=count_up), range(12)))
        assert conversations.get(uid=uid, conversation_id="c1").run == 12

    def test_a_decision_that_was_overtaken_is_made_again(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        seen: list[str | None] = []

        def decide(current: Conversation) -> Conversation:
            seen.append(current.language)
            if len(seen) == 1:
                # Somebody else's write, begun while this transaction holds what it read; it commits as soon as it may.
                other = threading.Thread(
                    target=lambda: conversations.reference(uid=uid, conversation_id="c1").update({"language": "de"})
                )
                other.start()
                others.append(other)
            return current.model_copy(update={"run": current.run + 1})

        others: list[threading.Thread] = []
        changed = conversations.change(uid=uid, conversation_id="c1", decide=decide)
        for other in others:
            other.join()
        assert changed is not None
        after = conversations.get(uid=uid, conversation_id="c1")
        assert (after.run, after.language) == (1, "de"), "neither write undid the other"

    def test_to_leave_it_is_to_write_nothing(self, uid: str) -> None:
        created = conversations.create(a_conversation(), uid=uid)
        left = conversations.change(uid=uid, conversation_id="c1", decide=lambda _: None)
        assert _content(left) == _content(created)
        assert conversations.get(uid=uid, conversation_id="c1").updated_at == created.updated_at

    def test_what_a_decision_raises_is_raised_and_nothing_is_written(self, uid: str) -> None:
        created = conversations.create(a_conversation(), uid=uid)

        def refuse(_: Conversation) -> Conversation:
            raise ConflictError("no")

        with pytest.raises(ConflictError):
            conversations.change(uid=uid, conversation_id="c1", decide=refuse)
        assert _content(conversations.get(uid=uid, conversation_id="c1")) == _content(created)

    def test_of_one_that_is_gone_nothing_becomes(self, uid: str) -> None:
        assert conversations.change(uid=uid, conversation_id="gone", decide=lambda current: current) is None

    def test_a_field_of_another_version_survives(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        conversations.reference(uid=uid, conversation_id="c1").update({"lifecycle_version": 7})
        conversations.change(
            uid=uid, conversation_id="c1", decide=lambda current: current.model_copy(update={"starred": True})
        )
        stored = conversations.reference(uid=uid, conversation_id="c1").get().to_dict() or {}
        assert (stored["lifecycle_version"], stored["starred"]) == (7, True)

    def test_an_old_document_with_a_plain_transcript_is_read_and_changed(self, uid: str) -> None:
        old = {
            "id": "c1",
            "created_at": NOON,
            "source": "friend",
            "transcript_segments": [{"text": "Hi", "speaker": "SPEAKER_01", "start": 0, "end": 1, "is_user": True}],
            "structured": {"title": "T", "action_items": ["Call"]},
        }
        conversations.reference(uid=uid, conversation_id="c1").set(old)
        read = conversations.get(uid=uid, conversation_id="c1")
        assert read.transcript_segments[0].text == "Hi"
        changed = conversations.change(
            uid=uid,
            conversation_id="c1",
            decide=lambda current: current.model_copy(
                update={"transcript_segments": [*current.transcript_segments, a_segment("more", 2, 3)]}
            ),
        )
        assert changed == conversations.get(uid=uid, conversation_id="c1")
        assert [segment.text for segment in changed.transcript_segments] == ["Hi", "more"] if changed else False


def _with_transcript(segments: list[TranscriptSegment]) -> Callable[[Conversation], Conversation]:
    return lambda current: current.model_copy(update={"transcript_segments": segments})


class TestLongTranscripts:
    """What does not fit into the document stands beside it, and nobody notices."""

    def test_ten_hours_of_talk_come_back_and_the_document_stays_small(self, uid: str) -> None:
        segments = _long_transcript(10)
        assert len(transcripts._pack([segment.model_dump(mode="json") for segment in segments])) > 64 * 1024
        conversations.create(a_conversation(), uid=uid)
        conversations.change(uid=uid, conversation_id="c1", decide=_with_transcript(segments))
        assert conversations.get(uid=uid, conversation_id="c1").transcript_segments == segments
        snapshot = conversations.reference(uid=uid, conversation_id="c1").get()
        size = len(repr(snapshot.to_dict()))
        assert size < 200_000
        chunks = list(snapshot.reference.collection(transcripts.CHUNKS).stream())
        assert len(chunks) == (snapshot.to_dict() or {})["transcript_chunks"] == 6

    def test_it_may_be_created_long_and_become_short_and_long_again(self, uid: str) -> None:
        long, longer, short = _long_transcript(4), _long_transcript(6), _long_transcript(0.1)
        conversations.create(a_conversation(transcript_segments=long), uid=uid)
        assert conversations.get(uid=uid, conversation_id="c1").transcript_segments == long
        for segments in (short, longer, long, short):
            conversations.change(uid=uid, conversation_id="c1", decide=_with_transcript(segments))
            assert conversations.get(uid=uid, conversation_id="c1").transcript_segments == segments

    def test_another_change_leaves_the_chunks_alone(self, uid: str) -> None:
        segments = _long_transcript(4)
        conversations.create(a_conversation(transcript_segments=segments), uid=uid)
        chunk = conversations.reference(uid=uid, conversation_id="c1").collection(transcripts.CHUNKS).document("00000")
        before = chunk.get().update_time
        changed = conversations.change(
            uid=uid, conversation_id="c1", decide=lambda current: current.model_copy(update={"starred": True})
        )
        assert changed is not None
        assert changed.transcript_segments == segments
        assert chunk.get().update_time == before

    def test_lists_do_without_the_chunks(self, uid: str) -> None:
        conversations.create(a_conversation(transcript_segments=_long_transcript(4)), uid=uid)
        [listed] = conversations.list_newest(uid=uid, limit=10)
        assert listed.transcript_segments == []


class TestListing:
    """Every query the code makes is one that production has an index for: the server refuses the rest."""

    @pytest.fixture
    def five(self, uid: str) -> list[str]:
        statuses = ["completed", "processing", "completed", "failed", "in_progress"]
        for number, status in enumerate(statuses):
            conversations.create(
                a_conversation(id=f"c{number}", status=status, created_at=at(number), discarded=number == 2), uid=uid
            )
        return [f"c{number}" for number in range(5)]

    @pytest.mark.usefixtures("five")
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({}, ["c4", "c3", "c2", "c1", "c0"]),
            ({"limit": 2}, ["c4", "c3"]),
            ({"limit": 2, "offset": 2}, ["c2", "c1"]),
            ({"offset": 9}, []),
            ({"statuses": ["completed"]}, ["c2", "c0"]),
            ({"statuses": ["processing", "completed"]}, ["c2", "c1", "c0"]),
            ({"statuses": ["completed"], "include_discarded": False}, ["c0"]),
            ({"statuses": ["processing", "completed"], "include_discarded": False}, ["c1", "c0"]),
            ({"include_discarded": False}, ["c4", "c3", "c1", "c0"]),
            ({"since": at(1)}, ["c4", "c3", "c2", "c1"]),
            ({"until": at(1)}, ["c1", "c0"]),
            ({"since": at(1), "until": at(3)}, ["c3", "c2", "c1"]),
            (
                {"statuses": ["processing", "completed"], "include_discarded": False, "since": at(0), "until": at(3)},
                ["c1", "c0"],
            ),
        ],
    )
    def test_the_newest_come_first(self, uid: str, asked: dict[str, Any], expected: list[str]) -> None:
        listed = conversations.list_newest(uid=uid, **{"limit": 100, **asked})
        assert [conversation.id for conversation in listed] == expected

    @pytest.mark.usefixtures("five")
    def test_one_that_cannot_be_read_does_not_hide_the_others(self, uid: str) -> None:
        conversations.reference(uid=uid, conversation_id="c3").update({"structured": "nonsense"})
        listed = conversations.list_newest(uid=uid, limit=10)
        assert [conversation.id for conversation in listed] == ["c4", "c2", "c1", "c0"]

    @pytest.mark.usefixtures("five")
    def test_those_asked_for_come_in_the_order_asked(self, uid: str) -> None:
        found = conversations.find_many(uid=uid, conversation_ids=["c3", "missing", "c0"])
        assert [conversation.id for conversation in found] == ["c3", "c0"]

    def test_asking_for_none_is_fine(self, uid: str) -> None:
        assert conversations.find_many(uid=uid, conversation_ids=[]) == []

    def test_the_newest_live_one_is_no_upload(self, uid: str) -> None:
        assert conversations.find_newest_live(uid=uid, status=ConversationStatus.IN_PROGRESS) is None
        for number, kind in enumerate(["live", "live", "upload"]):
            conversations.create(
                a_conversation(id=f"c{number}", created_at=at(number), capture={"kind": kind}), uid=uid
            )
        newest = conversations.find_newest_live(uid=uid, status=ConversationStatus.IN_PROGRESS)
        assert newest is not None
        assert newest.id == "c1"

    def test_the_stalled_are_found_over_all_users_oldest_first(self, uid: str) -> None:
        before = datetime(2001, 1, 1, tzinfo=UTC)
        for number, owner in enumerate([uid, f"{uid}-2", uid]):
            created = a_conversation(id=f"old-{number}", status="merging")
            conversations.create(created, uid=owner)
            conversations.reference(uid=owner, conversation_id=created.id).update(
                {"updated_at": before - timedelta(days=number)}
            )
        found = stuck_conversations.list_unchanged_since(before, status=ConversationStatus.MERGING, limit=10)
        ours = [(owner, conversation.id) for owner, conversation in found if owner.startswith(uid)]
        assert ours == [(uid, "old-2"), (f"{uid}-2", "old-1")], "that moment itself is not before it"

    def test_those_due_for_a_retry_are_found_over_all_users(self, uid: str) -> None:
        for number, due in enumerate([at(0), at(10), None]):
            failure = {"step": "s", "reason": "r", "retry_at": due}
            conversations.create(a_conversation(id=f"f{number}", status="failed", failure=failure), uid=uid)
        found = stuck_conversations.list_due_for_retry(at(5), limit=50)
        assert [conversation.id for owner, conversation in found if owner == uid] == ["f0"]


class TestSessions:
    """A connection notes what is its own without touching the rest."""

    def test_only_its_fields_are_written(self, uid: str) -> None:
        conversations.create(
            a_conversation(capture={"kind": "live", "sessions": {"a1": {}, "b2": {}}, "timeout_s": 7}), uid=uid
        )
        fields = {"open": False, "covered": [{"start": 0.0, "end": 2.5}]}
        assert conversations.set_session(uid=uid, conversation_id="c1", session_id="a1", fields=fields)
        capture = conversations.get(uid=uid, conversation_id="c1").capture
        assert (capture.sessions["a1"].open, capture.sessions["b2"].open, capture.timeout_s) == (False, True, 7)
        assert capture.sessions["a1"].covered[0].end == 2.5

    def test_an_id_that_begins_with_a_digit_is_an_id(self, uid: str) -> None:
        conversations.create(a_conversation(capture={"kind": "live", "sessions": {"0a-b": {}}}), uid=uid)
        assert conversations.set_session(uid=uid, conversation_id="c1", session_id="0a-b", fields={"open": False})
        assert not conversations.get(uid=uid, conversation_id="c1").capture.sessions["0a-b"].open

    def test_one_that_is_gone_is_not_brought_back(self, uid: str) -> None:
        assert not conversations.set_session(uid=uid, conversation_id="c1", session_id="a", fields={"open": False})
        assert conversations.find(uid=uid, conversation_id="c1") is None


class TestDeleting:
    """The document first, what is below it with the event."""

    def test_it_is_gone_and_a_second_time_not_found(self, uid: str) -> None:
        conversations.create(a_conversation(), uid=uid)
        conversations.delete(uid=uid, conversation_id="c1")
        assert conversations.find(uid=uid, conversation_id="c1") is None
        with pytest.raises(NotFoundError):
            conversations.delete(uid=uid, conversation_id="c1")

    def test_everything_below_goes_and_nothing_of_its_neighbour(self, uid: str) -> None:
        segments = _long_transcript(3)
        for conversation_id in ("c1", "c2"):
            conversations.create(a_conversation(id=conversation_id, transcript_segments=segments), uid=uid)
            below = conversations.reference(uid=uid, conversation_id=conversation_id)
            below.collection("segments").document("s").set({"x": 1})
            below.collection("photos").document("p").set({"x": 1})
        conversations.delete(uid=uid, conversation_id="c1")
        conversations.delete_children(uid=uid, conversation_id="c1")
        assert list(conversations.reference(uid=uid, conversation_id="c1").collections()) == []
        neighbour = conversations.reference(uid=uid, conversation_id="c2")
        assert {child.id for child in neighbour.collections()} == {"segments", "photos", "transcript"}
