"""Which conversation a connection's audio goes to."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from common.conversations import lifecycle
from common.conversations.finalize import finalize_conversation
from common.conversations.live import opening
from common.conversations.live.leaving import leave_conversation
from common.conversations.live.opening import Opened, open_conversation
from common.conversations.live.parameters import ListenParameters
from common.conversations.live.take import Take
from common.core import clock
from common.core.ids import new_id
from common.core.settings import settings
from common.database import audio_blocks, conversations, segment_batches, users
from common.database.audio_blocks import AudioBlock
from common.models.conversation import Conversation, ConversationStatus, Interval
from common.models.events import FinalizeConversation
from common.speech.blocks import encode_block
from tests.support.making import a_batch, a_segment
from tests.support.stores import Stores

pytestmark = pytest.mark.usefixtures("stores")

NAME = "A3BB189E-8BF9-3888-9912-ACE4E6543002"


class Connections:
    """Connections of one user, that come and go."""

    def __init__(self, uid: str) -> None:
        self.uid = uid
        self._sessions: dict[str, str] = {}

    def arrive(self, session_id: str = "", *, at: datetime | None = None, **query: Any) -> Opened:
        session_id = session_id or new_id().replace("-", "")[:12]
        opened = open_conversation(
            uid=self.uid,
            session_id=session_id,
            parameters=ListenParameters.model_validate(query),
            instance="i",
            audio_at=at or clock.now(),
        )
        self._sessions[opened.conversation_id] = session_id
        return opened

    def leave(self, opened: Opened, covered: Sequence[Interval] = ()) -> None:
        session_id = self._sessions[opened.conversation_id]
        take = Take(conversation_id=opened.conversation_id, session_id=session_id, begin=0, offset=0)
        leave_conversation(take, uid=self.uid, covered=list(covered))

    def visit(self, *covered: Interval, **query: Any) -> str:
        """Come and go, with so much settled; which conversation that was."""
        opened = self.arrive(**query)
        self.leave(opened, covered)
        return opened.conversation_id

    def get(self, conversation_id: str) -> Conversation:
        return conversations.get(uid=self.uid, conversation_id=conversation_id)

    def update(self, conversation_id: str, **fields: Any) -> None:
        conversations.reference(uid=self.uid, conversation_id=conversation_id).update(fields)

    def ids(self) -> set[str]:
        return {snapshot.id for snapshot in conversations.collection(uid=self.uid).stream()}


@pytest.fixture
def user(uid: str) -> Connections:
    return Connections(uid)


@pytest.fixture
def a_short_silence() -> Iterator[None]:
    """Every silence is over at once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CONVERSATION_TIMEOUT_S", "1")
        settings.cache_clear()
        yield
    settings.cache_clear()


class TestBeginning:
    """A conversation as it is noted at first."""

    def test_it_says_who_records_it_and_what_for(self, user: Connections) -> None:
        users.change(uid=user.uid, private_cloud_sync_enabled=True)
        opened = user.arrive(
            "s1",
            source="phone_call",
            language="auto",
            call_id="call-7",
            client_device_id="ios_12ab34cd",
            client_platform="ios",
            conversation_role="primary",
            custom_stt="enabled",
            channels="2",
        )
        begun = user.get(opened.conversation_id)
        assert not opened.resumed
        assert begun.external_data == {"conversation_role": "primary", "recording_session_id": "s1"}
        assert (begun.call_id, begun.client_device_id, begun.client_platform) == ("call-7", "ios_12ab34cd", "ios")
        assert (begun.private_cloud_sync_enabled, begun.uses_custom_stt) == (True, True)
        assert (begun.source, begun.language, begun.capture.timeout_s) == ("phone_call", "multi", 14_400)

    def test_a_client_that_says_nothing_gets_the_defaults(self, user: Connections) -> None:
        begun = user.get(user.arrive("s1").conversation_id)
        assert begun.external_data == {"conversation_role": "ambient", "recording_session_id": "s1"}
        assert (begun.call_id, begun.client_device_id, begun.client_platform) == (None, None, None)
        assert (begun.private_cloud_sync_enabled, begun.uses_custom_stt) == (False, False)

    def test_asking_again_after_a_failure_half_way_is_asking_once(self, user: Connections) -> None:
        first, again = user.arrive("s1"), user.arrive("s1")
        assert first.conversation_id == again.conversation_id
        assert list(user.get(first.conversation_id).capture.sessions) == ["s1"]


class TestResuming:
    """A connection that names no conversation goes on with what it has interrupted."""

    def test_the_same_source_and_device_go_on(self, user: Connections) -> None:
        first = user.visit(client_device_id="a")
        opened = user.arrive(client_device_id="a", at=clock.now() + timedelta(seconds=3))
        assert (opened.conversation_id, opened.resumed) == (first, True)
        assert opened.offset == pytest.approx(3, abs=1)

    def test_words_that_were_told_ahead_of_time_stay_before_what_comes(self, user: Connections) -> None:
        first = user.visit()
        batch = a_batch(50, 60, a_segment("early", 50, 60), heard_at=clock.now())
        segment_batches.put(batch, uid=user.uid, conversation_id=first)
        assert user.arrive().offset == pytest.approx(60)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({"source": "omi"}, {"source": "desktop"}),
            ({"client_device_id": "a"}, {"client_device_id": "b"}),
            ({"source": "omi", "client_device_id": "a"}, {"source": "phone", "client_device_id": "a"}),
        ],
    )
    def test_another_source_or_device_begins_another_and_closes_what_was_left(
        self, user: Connections, before: dict[str, str], after: dict[str, str]
    ) -> None:
        first = user.visit(**before)
        second = user.visit(**after)
        assert first != second
        assert user.get(first).status is ConversationStatus.PROCESSING
        assert user.get(second).status is ConversationStatus.IN_PROGRESS

    def test_a_device_that_does_not_say_which_it_is_goes_on(self, user: Connections) -> None:
        first = user.visit(client_device_id="a")
        assert user.visit() == first

    def test_two_devices_at_once_have_a_conversation_each_and_come_back_to_it(self, user: Connections) -> None:
        one, other = user.arrive(client_device_id="a"), user.arrive(client_device_id="b")
        assert one.conversation_id != other.conversation_id
        assert user.arrive(client_device_id="a").conversation_id == one.conversation_id
        assert user.arrive(client_device_id="b").conversation_id == other.conversation_id
        assert user.ids() == {one.conversation_id, other.conversation_id}

    def test_pictures_that_renamed_a_conversation_do_not_make_its_device_a_stranger(self, user: Connections) -> None:
        first = user.visit(source="omi")
        user.update(first, source="openglass", **{"capture.source": "omi"})
        assert user.visit(source="omi") == first

    @pytest.mark.parametrize("field", ["deleted", "discarded", "is_locked"])
    def test_what_is_deleted_discarded_or_locked_is_never_gone_on_with(self, user: Connections, field: str) -> None:
        first = user.visit()
        user.update(first, **{field: True})
        assert user.visit() != first

    @pytest.mark.parametrize("status", ["processing", "completed", "failed", "merging"])
    def test_speaking_within_two_minutes_of_the_end_does_not_reopen_it(self, user: Connections, status: str) -> None:
        first = user.visit()
        user.update(first, status=status, run=1)
        second = user.visit()
        assert first != second
        assert user.get(first).status == status
        assert user.visit() == second


class TestNaming:
    """A client names the conversation it records."""

    def test_it_begins_under_that_name_and_is_gone_on_with(self, user: Connections) -> None:
        opened = user.arrive(client_conversation_id=NAME)
        assert (opened.conversation_id, opened.resumed) == (NAME, False)
        again = user.arrive(client_conversation_id=NAME, source="desktop", client_device_id="other")
        assert (again.conversation_id, again.resumed) == (NAME, True)
        assert len(user.get(NAME).capture.sessions) == 2

    @pytest.mark.usefixtures("a_short_silence")
    def test_it_is_gone_on_with_after_whatever_silence(self, user: Connections) -> None:
        first = user.visit(client_conversation_id=NAME)
        user.update(first, started_at=clock.now() - timedelta(hours=3), created_at=clock.now() - timedelta(hours=3))
        opened = user.arrive(client_conversation_id=NAME)
        assert opened.conversation_id == first
        assert opened.offset == pytest.approx(3 * 3600, abs=5)

    def test_another_name_is_another_conversation_at_once(self, user: Connections) -> None:
        first = user.visit(client_conversation_id=NAME)
        second = user.visit(client_conversation_id=new_id())
        assert first != second
        assert user.get(first).status is ConversationStatus.IN_PROGRESS, "its client may come back to it"

    @pytest.mark.parametrize("status", ["processing", "completed", "failed", "merging"])
    def test_where_it_is_over_another_takes_its_place_for_all_who_come(self, user: Connections, status: str) -> None:
        first = user.visit(client_conversation_id=NAME)
        user.update(first, status=status, run=1)
        second = user.visit(client_conversation_id=NAME)
        assert second != first
        assert user.visit(client_conversation_id=NAME) == second
        user.update(second, status=status, run=1)
        third = user.visit(client_conversation_id=NAME)
        assert third not in {first, second}
        assert [user.get(each).status for each in (first, second, third)] == [status, status, "in_progress"]

    @pytest.mark.parametrize("field", ["deleted", "discarded", "is_locked"])
    def test_what_may_not_be_gone_on_with_is_left_alone(self, user: Connections, field: str) -> None:
        first = user.visit(client_conversation_id=NAME)
        user.update(first, **{field: True})
        before = user.get(first)
        assert user.visit(client_conversation_id=NAME) != first
        assert user.get(first) == before

    def test_no_word_goes_into_a_grave(self, user: Connections) -> None:
        first = user.visit(client_conversation_id=NAME)
        conversations.delete(uid=user.uid, conversation_id=first)
        second = user.visit(client_conversation_id=NAME)
        assert second != first
        assert user.ids() == {second}

    def test_the_name_of_somebody_elses_conversation_leads_to_ones_own(self, user: Connections, uid: str) -> None:
        stranger = Connections(f"{uid}-other")
        theirs = stranger.visit(client_conversation_id=NAME)
        before = stranger.get(theirs)
        mine = user.visit(client_conversation_id=NAME)
        assert stranger.get(theirs) == before
        assert user.ids() == {mine}

    def test_what_is_named_but_was_not_captured_live_is_left_alone(self, user: Connections) -> None:
        first = user.visit(client_conversation_id=NAME)
        user.update(first, **{"capture.kind": "upload"})
        assert user.visit(client_conversation_id=NAME) != first

    def test_a_name_used_without_end_still_leads_somewhere(self, user: Connections) -> None:
        for _ in range(23):
            opened = user.arrive(client_conversation_id=NAME)
            user.leave(opened)
            user.update(opened.conversation_id, status="completed", run=1)
        assert len(user.ids()) == 23

    @pytest.mark.parametrize("ended", [False, True])
    def test_sockets_that_come_at_once_join_the_same_one(self, user: Connections, ended: bool) -> None:  # noqa: FBT001
        if ended:
            user.update(user.visit(client_conversation_id=NAME), status="completed", run=1)
        with ThreadPoolExecutor(4) as pool:
            opened = list(pool.map(lambda _: user.arrive(client_conversation_id=NAME), range(4)))
        [conversation_id] = {each.conversation_id for each in opened}
        assert [each.resumed for each in opened].count(False) == 1
        assert len(user.get(conversation_id).capture.sessions) == 4
        assert len(user.ids()) == 1 + ended


class TestComingBack:
    """A device that loses its connection every few seconds, for hours."""

    @pytest.mark.parametrize("query", [{}, {"client_conversation_id": NAME}])
    def test_after_very_many_connections_another_one_begins_and_nothing_is_lost(
        self, user: Connections, monkeypatch: pytest.MonkeyPatch, query: dict[str, Any]
    ) -> None:
        monkeypatch.setattr(opening, "MOST_SESSIONS", 3)
        visited = [user.visit(**query) for _ in range(8)]
        assert [visited.count(each) for each in dict.fromkeys(visited)] == [3, 3, 2]
        assert {user.get(each).status for each in visited} == {ConversationStatus.IN_PROGRESS}

    def test_after_very_many_losses_another_one_begins(
        self, user: Connections, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(opening, "MOST_STRETCHES", 40)
        lossy = [Interval(start=second, end=second + 0.5) for second in range(30)]
        visited = [user.visit(*lossy) for _ in range(4)]
        assert [visited.count(each) for each in dict.fromkeys(visited)] == [2, 2]

    def test_however_much_was_said_it_costs_a_few_reads(self, user: Connections, stores: Stores) -> None:
        conversation_id = user.visit()
        counts = []
        for number in range(20):
            batch = a_batch(number, number + 1, a_segment("word", number, number + 1), heard_at=clock.now())
            segment_batches.put(batch, uid=user.uid, conversation_id=conversation_id)
            before = stores.firestore.usage.reads
            opened = user.arrive()
            counts.append(stores.firestore.usage.reads - before)
            assert opened.offset >= number + 1
            user.leave(opened)
        assert max(counts) <= min(counts) + 2, counts


class TestComingAtOnce:
    """Connections that find nothing in progress at the same moment: a device that reconnects twice, or an app."""

    @pytest.mark.parametrize("left", ["nothing", "one whose time is over"])
    def test_those_of_one_device_have_one_conversation(self, user: Connections, left: str) -> None:
        before = set() if left == "nothing" else {user.visit(client_device_id="ios_1")}
        for each in before:
            user.update(each, created_at=clock.now() - clock.duration(1000))
        with ThreadPoolExecutor(6) as pool:
            opened = list(pool.map(lambda _: user.arrive(client_device_id="ios_1"), range(6)))
        [conversation_id] = {each.conversation_id for each in opened}
        assert user.ids() - before == {conversation_id}
        assert [each.resumed for each in opened].count(False) == 1
        assert len(user.get(conversation_id).capture.sessions) == 6

    def test_two_devices_have_one_each(self, user: Connections) -> None:
        with ThreadPoolExecutor(4) as pool:
            devices = ["ios_1", "ios_1", "mac_2", "mac_2"]
            opened = list(pool.map(lambda device: user.arrive(client_device_id=device), devices))
        assert opened[0].conversation_id == opened[1].conversation_id
        assert opened[2].conversation_id == opened[3].conversation_id
        assert len(user.ids()) == 2


class TestEnding:
    """The silence timer of conversations without audio, or with audio nobody has to understand."""

    def words(self, user: Connections, conversation_id: str, *, ago_s: float) -> None:
        batch = a_batch(1, 2, a_segment("word", 1, 2), heard_at=clock.now() - clock.duration(ago_s))
        segment_batches.put(batch, uid=user.uid, conversation_id=conversation_id)

    def finalize(self, user: Connections, conversation_id: str) -> ConversationStatus:
        finalize_conversation(FinalizeConversation(uid=user.uid, conversation_id=conversation_id))
        return user.get(conversation_id).status

    def test_words_alone_keep_it_open_and_silence_ends_it(self, user: Connections) -> None:
        first = user.visit(custom_stt="enabled")
        user.update(first, created_at=clock.now() - clock.duration(1000))
        self.words(user, first, ago_s=60)
        assert self.finalize(user, first) is ConversationStatus.IN_PROGRESS
        self.words(user, first, ago_s=121)
        assert self.finalize(user, first) is ConversationStatus.PROCESSING

    def test_nothing_at_all_ends_it_too(self, user: Connections) -> None:
        first = user.visit(custom_stt="enabled")
        assert self.finalize(user, first) is ConversationStatus.IN_PROGRESS
        user.update(first, created_at=clock.now() - clock.duration(121))
        assert self.finalize(user, first) is ConversationStatus.PROCESSING

    def test_audio_that_is_covered_does_not_hold_it_open_when_no_words_come(self, user: Connections) -> None:
        first = user.visit(custom_stt="enabled")
        user.update(first, created_at=clock.now() - clock.duration(1000))
        self.words(user, first, ago_s=130)
        block = AudioBlock("s", 0.0, 1000.0, "pcm16", 16_000, covered=(a_batch(0, 1000).interval,))
        audio_blocks.put(block, encode_block([b"\0\0"]), uid=user.uid, conversation_id=first)
        assert self.finalize(user, first) is ConversationStatus.PROCESSING

    def test_one_that_was_closed_begins_a_run(self, user: Connections) -> None:
        first = user.visit()
        closed = conversations.change(uid=user.uid, conversation_id=first, decide=lifecycle.begin_processing)
        assert closed is not None
        assert self.finalize(user, first) is ConversationStatus.PROCESSING
        assert user.get(first).run == 1
