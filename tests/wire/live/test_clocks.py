"""Clocks that are put forward or back while somebody speaks: nothing is lost, out of order or stuck."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from common.conversations.finalize import finalize_conversation
from common.conversations.live import belonging, channel, opening, telling
from common.core import clock
from common.database import conversations, segment_batches
from common.models.conversation import ConversationStatus
from common.models.events import FinalizeConversation
from tests.support.waiting import eventually
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect

pytestmark = pytest.mark.usefixtures("first_words", "counting")

HOUR = timedelta(hours=1)
PutClock = Callable[[timedelta], None]


class _Clock:
    """The instance's clock, `off` from the right time; everybody else's is right."""

    off = timedelta()

    def __getattr__(self, name: str) -> Any:
        return getattr(clock, name)

    def now(self) -> datetime:
        return clock.now() + self.off


@pytest.fixture
def put_clock(monkeypatch: pytest.MonkeyPatch) -> PutClock:
    """Puts the instance's clock so far from the right time."""
    made = _Clock()
    for module in (belonging, channel, opening, telling):
        monkeypatch.setattr(module, "clock", made)

    def put(off: timedelta) -> None:
        made.off = off

    return put


def _order(uid: str, conversation_id: str) -> list[str]:
    batches = segment_batches.list_batches(uid=uid, conversation_id=conversation_id)
    return [each.text for each in sorted((s for batch in batches for s in batch.segments), key=lambda s: s.start)]


@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forward", "back"])
class TestPut:
    """An hour forward, or back."""

    def test_the_talk_goes_on_in_its_order_also_over_a_connection_that_broke(
        self, device: Connect, uid: str, put_clock: PutClock, step: timedelta
    ) -> None:
        app = device()
        app.say(1, 2)
        app.until_heard(1, 2)
        put_clock(step)
        app.say(3, 4)
        app.until_heard(3, 4)
        conversation_id = app.until_stored(4)
        app.close()
        kept.left_by_all(uid, conversation_id)
        again = device()
        again.say(5)
        again.until_heard(5)
        put_clock(timedelta())
        again.say(6)
        again.until_heard(6)
        again.close()
        found = kept.ids(uid)
        for each in found:
            kept.left_by_all(uid, each)
        said = {each: _order(uid, each) for each in found}
        assert said[conversation_id][:4] == ["1", "2", "3", "4"]
        assert sorted(text for texts in said.values() for text in texts) == ["1", "2", "3", "4", "5", "6"]
        for each, texts in said.items():
            assert texts == sorted(texts)
            assert kept.holes(uid, each) == []

    def test_it_is_not_taken_for_silent_while_somebody_speaks_and_is_afterwards(
        self, device: Connect, uid: str, put_clock: PutClock, step: timedelta, configure: Configure
    ) -> None:
        configure(conversation_timeout_s=40)  # two seconds of real time

        def ask() -> ConversationStatus:
            finalize_conversation(FinalizeConversation(uid=uid, conversation_id=conversation_id))
            return conversations.get(uid=uid, conversation_id=conversation_id).status

        app = device()
        app.say(1)
        app.until_heard(1)
        conversation_id = app.until_stored(1)
        put_clock(step)
        for number in range(2, 7):
            app.say(number)
            app.until_heard(number)
            app.until_stored(number)
            assert ask() is ConversationStatus.IN_PROGRESS
            app.quiet(0.8)
        eventually(
            lambda: ask() is not ConversationStatus.IN_PROGRESS, within_s=15, what="silence ends it", every_s=0.5
        )
