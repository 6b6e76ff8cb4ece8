"""Several connections at once: of one user, on one instance or two, and of several users."""

import pytest

from common.conversations.structure import structure_conversation
from common.core.settings import settings
from common.database import conversations
from tests.support.stores import Stores
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM
from tests.wire.live.test_conversations import close, memory_ids

pytestmark = pytest.mark.usefixtures("first_words", "counting")


@pytest.fixture(params=["one instance", "two instances"])
def second_address(request: pytest.FixtureRequest) -> str:
    """Where the second connection goes."""
    name = "instance" if request.param == "one instance" else "other_instance"
    return str(request.getfixturevalue(name))


class TestOneUser:
    """Two devices, or one that has come back before its old connection was noticed to be dead."""

    def test_both_keep_their_words_in_one_conversation(self, device: Connect, uid: str, second_address: str) -> None:
        one = device()
        one.say(1)
        conversation_id = one.until_stored(1)
        other = device(to=second_address)
        for number in range(2, 8):
            one.say(number)
            other.say(10 + number)
        one.until_heard(*range(1, 8))
        other.until_heard(*range(12, 18))
        one.close()
        other.close()
        kept.left_by_all(uid, conversation_id)
        assert kept.ids(uid) == [conversation_id]
        assert sorted(kept.audio(uid, conversation_id).values()) == [list(range(1, 8)), list(range(12, 18))]
        assert kept.words(uid, conversation_id) == [*range(1, 8), *range(12, 18)]
        for app in (one, other):
            assert app.events("memory_processing_started") == []
            assert app.events("memory_created") == [], "a live conversation is not finished"
        assert not set(one.heard) & set(other.heard), "each hears itself"

    def test_of_too_many_the_oldest_is_let_go_with_all_it_said_stored_and_nobody_else_notices(
        self, device: Connect, uid: str, configure: Configure
    ) -> None:
        assert settings().connections_per_user == 32
        configure(connections_per_user=2)
        one, other, somebody_else = device(), device(), device(user=f"{uid}-2")
        for app in (one, other, somebody_else):
            app.say(1)
        conversation_id = one.until_stored(1)
        newest = device()
        assert one.closed() == (1001, "too many connections")
        for app in (other, newest, somebody_else):
            app.say(2)
            app.until_stored(1)
        newest.close()
        newest.closed()
        again = device()
        for app in (other, again):
            app.say(3)
            app.until_stored(1)
        assert [1] in kept.audio(uid, conversation_id).values()

    def test_the_oldest_is_who_came_first_and_not_who_was_known_first(
        self, device: Connect, uid: str, configure: Configure, stores: Stores
    ) -> None:
        configure(connections_per_user=2)
        browser = device(bearer=None, path="/v4/web/listen")
        necklace = device()
        necklace.say(1)
        necklace.until_stored(1)
        browser.tell("auth", token=stores.identity.id_token(uid))
        browser.say(2)
        browser.until_stored(1)
        newest = device()
        assert browser.closed() == (1001, "too many connections")
        for app in (necklace, newest):
            app.say(3)
            app.until_stored(1)

    def test_both_are_told_of_the_end_and_go_on_together(self, device: Connect, uid: str, second_address: str) -> None:
        one = device()
        one.say(1)
        one.until_heard(1)
        first = one.until_stored(1)
        other = device(to=second_address)
        other.say(2)
        other.until_heard(2)
        other.until_stored(1)
        close(uid, first)
        for app in (one, other):
            assert app.until_event("memory_processing_started")["memory"]["id"] == first
        one.say(3)
        second = one.until_stored(1, after=[first])
        other.say(4)
        other.until_heard(4)
        one.until_heard(3)
        assert other.until_stored(1, after=[first]) == second
        kept.left_by_all(uid, first)
        assert structure_conversation(uid=uid, conversation_id=first, run=1) == "completed"
        for app in (one, other):
            assert app.until_event("memory_created")["memory"]["id"] == first
            app.quiet(0.2)
            assert memory_ids(app, "memory_created") == [first]
        assert kept.ids(uid) == [first, second]
        one.close()
        other.close()
        kept.left_by_all(uid, second)
        assert (kept.said(uid, first), kept.said(uid, second)) == ([1, 2], [3, 4])

    def test_the_one_that_stays_is_told_of_the_end_after_the_other_has_left(
        self, device: Connect, uid: str, second_address: str
    ) -> None:
        leaves, stays = device(), device(to=second_address)
        for app, number in ((leaves, 1), (stays, 2)):
            app.say(number)
            app.until_heard(number)
            app.until_stored(1)
        [conversation_id] = kept.ids(uid)
        leaves.close()
        kept.soon(
            lambda: (
                sorted(
                    session.open
                    for session in conversations.get(uid=uid, conversation_id=conversation_id).capture.sessions.values()
                )
                == [False, True]
            ),
            within_s=5,
            what="one has left",
        )
        close(uid, conversation_id)
        stays.until_event("memory_processing_started")
        stays.say(3)
        stays.until_stored(1, after=[conversation_id])
        kept.left_by_all(uid, conversation_id)
        assert kept.said(uid, conversation_id) == [1, 2]

    def test_two_sources_at_once_do_not_close_each_others_conversations(
        self, device: Connect, uid: str, second_address: str
    ) -> None:
        necklace, desktop = device(f"{PCM}&source=omi"), device(f"{PCM}&source=desktop", to=second_address)
        for number in range(1, 7):
            necklace.say(number)
            necklace.quiet(0.1)
            desktop.say(10 + number)
            desktop.quiet(0.1)
        necklace.until_heard(*range(1, 7))
        desktop.until_heard(*range(11, 17))
        for app in (necklace, desktop):
            app.quiet(0.3)
            app.close()
        said = [kept.said(uid, conversation_id) for conversation_id in kept.ids(uid)]
        assert sorted(number for numbers in said for number in numbers) == [*range(1, 7), *range(11, 17)]
        assert len(said) <= 3, f"one each, not one per frame: {said}"

    def test_one_that_heard_nothing_itself_is_told_of_the_end_too(
        self, device: Connect, uid: str, second_address: str
    ) -> None:
        talks, silent = device(), device(to=second_address)
        talks.say(1)
        talks.until_heard(1)
        silent.say(0)
        conversation_id = silent.until_stored(1)
        close(uid, conversation_id)
        for app in (talks, silent):
            told = app.until_event("memory_processing_started")["memory"]
            assert [segment["text"] for segment in told["transcript_segments"]] == ["1"]


class TestTwoUsers:
    """What is one's is not the other's."""

    def test_neither_hears_of_the_other(self, device: Connect, uid: str) -> None:
        mine, theirs = device(), device(user=f"{uid}-other")
        mine.say(1, 2)
        theirs.say(3, 4)
        mine.until_heard(1, 2)
        theirs.until_heard(3, 4)
        my_conversation, their_conversation = mine.until_stored(2), theirs.until_stored(2)
        close(uid, my_conversation)
        mine.until_event("memory_processing_started")
        kept.left_by_all(uid, my_conversation)
        assert structure_conversation(uid=uid, conversation_id=my_conversation, run=1) == "completed"
        mine.until_event("memory_created")
        theirs.quiet(0.3)
        assert theirs.events("memory_processing_started") == []
        assert theirs.events("memory_created") == []
        assert set(theirs.heard) == {3, 4}
        assert set(mine.heard) == {1, 2}
        assert kept.ids(f"{uid}-other") == [their_conversation]
        assert kept.said(f"{uid}-other", their_conversation) == [3, 4]
        assert kept.said(uid, my_conversation) == [1, 2]
