"""What realtime apps are told of a live connection: names of what is stored, and only where somebody wants them."""

import pytest

from common.database import segment_batches, topics
from common.users.webhooks import WebhookType, set_webhook
from tests.wire.apps.conftest import Announced, announced
from tests.wire.live import kept
from tests.wire.live.conftest import Connect
from tests.wire.live.device import PCM, Device

HOOK = "https://hooks.example.com/in"
__all__ = ["announced"]


def _ended(app: Device, uid: str) -> str:
    app.close()
    [conversation_id] = kept.ids(uid)
    kept.left_by_all(uid, conversation_id)
    return conversation_id


def test_where_nobody_wants_anything_nothing_is_announced(device: Connect, uid: str, announced: Announced) -> None:
    app = device()
    app.say(*range(1, 8))
    app.until_heard(*range(1, 8))
    app.until_stored(7)
    _ended(app, uid)
    assert announced() == []


def test_words_are_announced_once_each_where_words_are_wanted_and_no_audio(
    device: Connect,
    uid: str,
    announced: Announced,
) -> None:
    set_webhook(WebhookType.REALTIME_TRANSCRIPT, HOOK, uid=uid)
    app = device()
    app.say(*range(1, 8))
    app.until_heard(*range(1, 8))
    conversation_id = _ended(app, uid)
    events = announced()
    assert {event.conversation_id for event in events} == {conversation_id}
    told = [batch for event in events for batch in event.batches]
    stored = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
    assert sorted(told) == sorted(batch.stretch for batch in stored)
    assert not [event for event in events if event.audio or event.developer_audio]
    assert not [
        number for number in range(1, 8) if f'"{number}"' in "".join(event.model_dump_json() for event in events)
    ]


@pytest.mark.parametrize("channels", [1, 2])
def test_audio_is_announced_where_audio_is_wanted_and_all_of_it(
    device: Connect,
    uid: str,
    announced: Announced,
    channels: int,
) -> None:
    set_webhook(WebhookType.AUDIO_BYTES, f"{HOOK},5", uid=uid)
    app = device(f"{PCM}&channels={channels}")
    for number in range(1, 13):
        if channels == 1:
            app.say(number)
        else:
            for channel in range(2):
                for _ in range(10):
                    app.send(bytes([channel]) + bytes([number, 0]) * 1600)
    app.until_stored(12)
    conversation_id = _ended(app, uid)
    told = [name for event in announced() for name in event.developer_audio]
    stored = kept.blocks(uid, conversation_id)
    assert len(told) == len(set(told)) == len(stored)
    assert {name.split("/")[2] for name in told} == {block.session_id for block in stored}
    assert len({block.session_id for block in stored}) == channels


def test_a_topic_that_is_away_costs_no_word(device: Connect, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_webhook(WebhookType.REALTIME_TRANSCRIPT, HOOK, uid=uid)
    failed: list[str] = []

    def away(*_: object) -> None:
        failed.append("away")
        raise RuntimeError("away")

    monkeypatch.setattr(topics, "publish", away)
    app = device()
    app.say(1, 2)
    app.until_heard(1, 2)
    conversation_id = _ended(app, uid)
    assert failed
    assert kept.words(uid, conversation_id) == [1, 2]
