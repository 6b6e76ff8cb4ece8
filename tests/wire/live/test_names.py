"""Which conversation a connection is told to be in, names itself, or ends."""

import time

import pytest

from common.core.ids import new_id
from common.database import conversations
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM
from tests.wire.live.test_conversations import close

pytestmark = pytest.mark.usefixtures("first_words", "counting")


class TestFinalize:
    """The client ends its conversation."""

    def test_it_is_closed_and_what_comes_next_is_another(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1)
        app.until_heard(1)
        first = app.until_stored(1)
        app.tell("finalize", reason="button")
        assert app.until_event("memory_processing_started")["memory"]["id"] == first
        app.say(2)
        second = app.until_stored(1, after=[first])
        kept.left_by_all(uid, first)
        assert (kept.words(uid, first), kept.ids(uid)) == ([1], [first, second])

    def test_where_there_is_none_nothing_happens(self, device: Connect, uid: str) -> None:
        app = device()
        app.tell("finalize")
        app.say(1)
        app.until_heard(1)
        assert len(kept.ids(uid)) == 1


class TestNames:
    """Conversations that the client names, and what it is told of where its audio goes."""

    def test_it_is_told_where_its_audio_goes(self, device: Connect, uid: str) -> None:
        app = device()
        app.say(1)
        first = app.until_stored(1)
        close(uid, first)
        app.until_event("memory_processing_started")
        app.say(2)
        second = app.until_stored(1, after=[first])
        told = app.events("conversation_session")
        assert [(each["conversation_id"], each["lifecycle_phase"], each["lifecycle_sequence"]) for each in told] == [
            (first, "opened", 1),
            (second, "opened", 2),
        ]
        assert {each["status"] for each in told} == {"in_progress"}
        assert len({each["recording_session_id"] for each in told}) == 2
        app.close()
        kept.left_by_all(uid, second)
        again = device()
        again.say(3)
        [resumed] = [again.until_event("conversation_session")]
        assert (resumed["conversation_id"], resumed["lifecycle_phase"]) == (second, "resumed")

    def test_one_that_it_names_is_resumed_and_one_that_is_over_is_followed_by_another(
        self, device: Connect, uid: str, configure: Configure
    ) -> None:
        configure(conversation_timeout_s=1)
        name = new_id().upper()
        query = f"{PCM}&client_conversation_id={name}"
        for number in (1, 2):
            app = device(query)
            app.say(number)
            assert app.until_stored(1) == name, "as it is spelled by the client"
            app.close()
            kept.left_by_all(uid, name)
            time.sleep(0.15)  # three seconds of the stores' time
        assert kept.said(uid, name) == [1, 2], "whatever the silence"
        close(uid, name)
        third, fourth = device(query), device(query)
        third.say(3)
        other = third.until_stored(1)
        fourth.say(4)
        assert fourth.until_stored(1) == other != name, "both of the same name"
        assert kept.said(uid, name) == [1, 2]
        third.close()
        fourth.close()
        kept.left_by_all(uid, other)
        assert kept.said(uid, other) == [3, 4]

    def test_two_at_once_under_a_new_name_share_it(self, device: Connect, uid: str) -> None:
        query = f"{PCM}&client_conversation_id={new_id()}"
        one, other = device(query), device(query)
        one.say(1, 2)
        other.say(11, 12)
        assert one.until_stored(2) == other.until_stored(2)
        one.until_heard(1, 2)
        other.until_heard(11, 12)
        [conversation_id] = kept.ids(uid)
        assert kept.words(uid, conversation_id) == [1, 2, 11, 12]

    def test_a_name_that_is_none_is_1008(self, device: Connect) -> None:
        assert device(f"{PCM}&client_conversation_id=mine").closed() == (
            1008,
            "unusable parameters: client_conversation_id",
        )

    def test_another_device_begins_another_conversation(self, device: Connect, uid: str) -> None:
        headers = [{"X-App-Platform": "ios", "X-Device-Id-Hash": each} for each in ("aa", "bb", "bb")]
        found = []
        for number, header in enumerate(headers, start=1):
            app = device(headers=header)
            app.say(number)
            found.append(app.until_stored(1))
            app.close()
            kept.left_by_all(uid, found[-1])
        assert found[0] != found[1] == found[2]
        assert conversations.get(uid=uid, conversation_id=found[1]).client_device_id == "ios_bb"
