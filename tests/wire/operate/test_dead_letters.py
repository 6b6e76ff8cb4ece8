"""What was given up: looked at, done again, dropped."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from google.cloud.pubsub_v1 import SubscriberClient

from common.conversations import lifecycle
from common.core.settings import settings
from common.database import claims, conversations, dead_letters, topics
from common.database.claims import Claim, ClaimState, Settled
from common.database.clients import publisher_client
from common.models.conversation import ConversationStatus
from common.models.events import ConversationCompleted, DeadLettered, NotificationDue
from tests.support.making import a_conversation
from tests.support.stores import Stores
from tests.wire.operate.conftest import Operate, Ran


@pytest.fixture(autouse=True)
def waiting(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The subscription, empty, and nearby."""
    assert stores
    monkeypatch.setattr(dead_letters, "_WAIT_S", 0.2)
    with SubscriberClient() as subscriber:
        project = settings().google_cloud_project
        path = subscriber.subscription_path(project, "dead-letter")
        subscriber.create_subscription(name=path, topic=subscriber.topic_path(project, "dead-letter"))
        yield
        subscriber.delete_subscription(subscription=path)


def _give_up(uid: str, step: str, subject: str = "c1", run: int = 0, reason: str = "it was too much") -> DeadLettered:
    letter = DeadLettered(uid=uid, step=step, subject=subject, run=run, reason=reason)
    topics.publish(letter)
    return letter


def _park(uid: str, step: str, subject: str, run: int) -> None:
    claim = claims.acquire(uid=uid, step=step, subject=subject, run=run, lease_seconds=120)
    assert isinstance(claim, Claim)
    claims.park(claim, reason="it was too much")


def _counts(ran: Ran) -> dict[str, Any]:
    return {name: value for name, value in ran.told.items() if name != "rows"}


class Listening:
    """What is published on a topic from now on."""

    def __init__(self, topic: str) -> None:
        self._subscriber = SubscriberClient()
        project = settings().google_cloud_project
        self._path = self._subscriber.subscription_path(project, f"test-{uuid4().hex}")
        self._subscriber.create_subscription(name=self._path, topic=self._subscriber.topic_path(project, topic))

    def bodies(self) -> list[bytes]:
        answer = self._subscriber.pull(subscription=self._path, max_messages=10, timeout=0.5)
        self._subscriber.close()
        return [message.message.data for message in answer.received_messages]


def test_without_any_all_is_well(operate: Operate) -> None:
    ran = operate("dead-letters", "list")
    assert (ran.code, ran.rows) == (0, [])


def test_looking_shows_who_what_and_why_and_takes_nothing_away(operate: Operate, uid: str) -> None:
    first, second = _give_up(uid, "extract_memories"), _give_up(uid, "run_apps", reason="no more credit")
    for _ in range(2):
        ran = operate("dead-letters", "list")
        assert ran.code == 1
        assert [row["id"] for row in ran.rows] == [first.event_id, second.event_id]
        assert [row["reason"] for row in ran.rows] == ["it was too much", "no more credit"]
        assert {row["uid"] for row in ran.rows} == {uid}
    assert [row["id"] for row in operate("dead-letters", "list", "--step", "run_apps").rows] == [second.event_id]
    assert operate("dead-letters", "list", "--user", "somebody-else").rows == []
    limited = operate("dead-letters", "list", "--limit", "1")
    assert _counts(limited) == {"letters": 1, "further": 1}


def test_whom_it_is_about_is_asked_before_how_many(operate: Operate, uid: str) -> None:
    for _ in range(2):
        _give_up("before-them", "relay_segments")
    letters = [_give_up(uid, "relay_segments", subject=f"c{at}") for at in range(2)]
    ran = operate("dead-letters", "drop", "--all", "--user", uid, "--limit", "1", "--yes")
    assert (ran.code, ran.told) == (1, {"dropped": 1, "further": 1})
    left = operate("dead-letters", "list", "--user", uid)
    assert [row["id"] for row in left.rows] == [letters[1].event_id]
    ran = operate("dead-letters", "drop", "--all", "--user", uid, "--limit", "1", "--yes")
    assert (ran.code, ran.told) == (0, {"dropped": 1})


def test_that_there_are_more_than_can_be_taken_is_said(
    operate: Operate, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operate.verbs.dead_letters.MOST", 2)
    for at in range(3):
        _give_up(uid, "relay_segments", subject=f"c{at}")
    ran = operate("dead-letters", "drop", "--all", "--yes")
    assert (ran.code, ran.told) == (1, {"dropped": 2, "further": "0 or more"})


def test_a_failed_conversation_goes_through_the_chain_again_once(operate: Operate, uid: str) -> None:
    conversations.create(a_conversation(status="processing", run=3), uid=uid)
    fail = partial(lifecycle.fail, run=3, step=lifecycle.STRUCTURING, reason="it was too much")
    conversations.change(uid=uid, conversation_id="c1", decide=fail)
    letter = _give_up(uid, lifecycle.STRUCTURING, run=3)
    ran = operate("dead-letters", "replay", letter.event_id)
    assert (ran.code, _counts(ran)) == (0, {"letters": 1, "replayed": 1})
    assert ran.rows == [{"id": letter.event_id, "came": "replayed"}]
    again = conversations.get(uid=uid, conversation_id="c1")
    assert (again.status, again.run) == (ConversationStatus.PROCESSING, 4)
    assert operate("dead-letters", "list").rows == []
    _give_up(uid, lifecycle.STRUCTURING, run=3)
    claims.acquire(uid=uid, step=lifecycle.STRUCTURING, subject="c1", run=4, lease_seconds=120)
    assert _counts(operate("dead-letters", "replay", "--all")) == {"letters": 1, "nothing to do": 1}
    assert conversations.get(uid=uid, conversation_id="c1").run == 4, "somebody is at it"


def test_what_follows_a_conversation_is_announced_again_and_only_what_was_given_up_is_open(
    operate: Operate, uid: str
) -> None:
    conversations.create(a_conversation(status="completed", run=2, discarded=True), uid=uid)
    _park(uid, "extract_memories", "c1", 2)
    _give_up(uid, "extract_memories", run=2)
    listening = Listening("conversation-completed")
    assert _counts(operate("dead-letters", "replay", "--all")) == {"letters": 1, "replayed": 1}
    [body] = listening.bodies()
    told = ConversationCompleted.model_validate_json(body)
    assert told == ConversationCompleted(uid=uid, conversation_id="c1", run=2, discarded=True)
    again = claims.acquire(uid=uid, step="extract_memories", subject="c1", run=2, lease_seconds=120)
    assert isinstance(again, Claim)
    assert again.attempts == 1, "with all its attempts"
    claims.finish(again, result="done")
    _give_up(uid, "extract_memories", run=2)
    assert _counts(operate("dead-letters", "replay", "--all")) == {"letters": 1, "nothing to do": 1}
    assert claims.acquire(uid=uid, step="extract_memories", subject="c1", run=2, lease_seconds=120) == Settled(
        ClaimState.DONE, "done"
    )


@pytest.mark.parametrize("run", [1, 2])
def test_what_is_about_something_gone_or_overtaken_is_removed(operate: Operate, uid: str, run: int) -> None:
    if run == 1:
        conversations.create(a_conversation(status="completed", run=2), uid=uid)
    _park(uid, "run_apps", "c1", run)
    _give_up(uid, "run_apps", run=run)
    listening = Listening("conversation-completed")
    assert _counts(operate("dead-letters", "replay", "--all")) == {"letters": 1, "nothing to do": 1}
    assert listening.bodies() == []
    assert operate("dead-letters", "list").rows == []


def test_a_notification_is_due_again(operate: Operate, uid: str) -> None:
    due = NotificationDue(uid=uid, notification_id="n1")
    _give_up(uid, "notify_user", subject=due.event_id)
    listening = Listening("notification-due")
    assert _counts(operate("dead-letters", "replay", "--all")) == {"letters": 1, "replayed": 1}
    assert [NotificationDue.model_validate_json(body) for body in listening.bodies()] == [due]


def test_a_follower_is_called_at_once(operate: Operate, uid: str) -> None:
    for step in ("index_conversation", "index_memory", "index_action_item", "purge_conversation"):
        _give_up(uid, step, subject="gone")
    assert _counts(operate("dead-letters", "replay", "--all")) == {"letters": 4, "replayed": 4}


def test_what_cannot_be_replayed_or_read_stays_until_it_is_dropped(operate: Operate, uid: str) -> None:
    topic = publisher_client().topic_path(settings().google_cloud_project, "dead-letter")
    publisher_client().publish(topic, b"gibberish").result(timeout=10)
    _give_up(uid, "transcribe_upload", subject="whatever")
    _give_up(uid, "notify_user", subject="notification-due:neither:this:nor:that")
    ran = operate("dead-letters", "replay", "--all")
    assert (ran.code, _counts(ran)) == (1, {"letters": 3, "cannot be replayed": 2, "failed": 1})
    assert "cannot be replayed: the file has to be handed in again" in {row["came"] for row in ran.rows}
    assert operate("dead-letters", "drop", "--all").code == 2, "it was not confirmed"
    assert len(operate("dead-letters", "list").rows) == 3
    assert operate("dead-letters", "drop", "--user", uid, "--all", "--yes").told == {"dropped": 2}
    assert operate("dead-letters", "drop", "unreadable", "--yes").told == {"dropped": 1}
    assert operate("dead-letters", "list").rows == []


@pytest.mark.parametrize(
    "words", [["replay"], ["drop", "--yes"], ["replay", "--all", "x"], ["list", "--limit", "9999"]]
)
def test_nothing_is_replayed_or_dropped_that_was_not_named(operate: Operate, uid: str, words: list[str]) -> None:
    _give_up(uid, "run_apps")
    assert operate("dead-letters", *words).code == 2
    assert operate("dead-letters", "drop", "of-nobody", "--yes").code == 1
    assert len(operate("dead-letters", "list").rows) == 1


def test_where_nothing_waits_for_them_it_is_said(operate: Operate, stores: Stores) -> None:
    project = settings().google_cloud_project
    with SubscriberClient() as subscriber:
        path = subscriber.subscription_path(project, "dead-letter")
        subscriber.delete_subscription(subscription=path)
        ran = operate("dead-letters", "list")
        subscriber.create_subscription(name=path, topic=subscriber.topic_path(project, "dead-letter"))
    assert ran.code == 1
    assert "does not exist" in ran.complained
    assert stores
