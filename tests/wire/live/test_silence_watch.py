"""A connection on which nobody speaks for long is noticed, once, and by nobody who waits for anything else."""

from collections.abc import Callable, Iterator

import pytest

from common.conversations.live import preparing
from common.core import clock
from common.database import topics, users
from common.models.events import UserSilent
from tests.support.due_events import due_events
from tests.support.stores import Stores
from tests.support.voices import silence
from tests.wire.live import kept
from tests.wire.live.conftest import Configure, Connect
from tests.wire.live.device import PCM, Device
from tests.wire.live.outage import Outage
from tests.wire.live.test_recognition import HIS
from tests.wire.live.turns import Connoisseur, Turn, frames

GATED = f"{PCM}&vad_gate=enabled"
SAID = Turn(0, HIS[0], "He says one.")
Noticed = Callable[[], list[UserSilent]]
LONG_S = 1.0
"""Real seconds; twenty of these stores' time."""


@pytest.fixture
def noticed(stores: Stores, uid: str) -> Iterator[Noticed]:
    """What was noticed of the test's user since the last call."""
    assert stores.environment["PUBSUB_EMULATOR_HOST"]
    with due_events(UserSilent, uid=uid) as events:
        yield events


@pytest.fixture(autouse=True)
def soon(configure: Configure) -> None:
    configure(silence_notice_s=20)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Connoisseur:
    made = Connoisseur([SAID])
    monkeypatch.setattr(preparing, "streaming_transcribers", lambda _: [made])
    return made


def _be_quiet(app: Device, seconds: float = 2.0) -> None:
    for frame in frames(silence(seconds)):
        app.send(frame)


def test_where_audio_comes_and_nobody_speaks_it_is_noticed_once(device: Connect, uid: str, noticed: Noticed) -> None:
    app = device(GATED)
    _be_quiet(app)
    app.quiet(0.6 * LONG_S)
    assert noticed() == []
    app.quiet(2.5 * LONG_S)
    [event] = noticed()
    assert event.uid == uid
    assert (event.noticed_at - event.since).total_seconds() == pytest.approx(LONG_S, abs=0.01)


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("query", [GATED, f"{PCM}&vad_gate=disabled"])
def test_who_speaks_is_not_silent_until_long_after(device: Connect, noticed: Noticed, query: str) -> None:
    app = device(query)
    app.quiet(0.7 * LONG_S)
    for frame in frames(SAID.pcm, silence(2)):
        app.send(frame)
    said_at = clock.now()
    app.until(lambda: app.segments, what="the words")
    [event] = kept.soon(noticed, what="the silence after")
    # A little earlier: the last of what was sent is silence, and so is not let through.
    assert (event.since - said_at).total_seconds() > -0.3 * LONG_S


def test_a_client_that_sends_no_audio_is_muted_and_not_silent(device: Connect, noticed: Noticed) -> None:
    app = device(GATED)
    for _ in range(5):
        app.send(b"\0")
        app.quiet(0.4 * LONG_S)
    assert noticed() == []


@pytest.mark.parametrize("who", ["user", "deployment", "nobody recognises"])
def test_who_does_not_want_to_know_or_cannot_costs_nothing(
    device: Connect, uid: str, noticed: Noticed, configure: Configure, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    if who == "user":
        users.change(uid=uid, silence_notification_enabled=False)
    elif who == "deployment":
        configure(silence_notice_s=0)
    else:
        monkeypatch.undo()
        configure(streaming_transcribers="")
    app = device(GATED)
    _be_quiet(app)
    app.quiet(1.8 * LONG_S)
    assert noticed() == []


def test_while_it_cannot_be_said_everything_else_goes_on_and_then_it_is(
    device: Connect, noticed: Noticed, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage(monkeypatch, topics, "publish", calls=1000)
    app = device()
    _be_quiet(app, 0.2)
    kept.soon(lambda: outage.refused > 1, what="tried again")
    app.say(5)
    app.until_heard(5)
    outage.over()
    assert len(kept.soon(noticed, what="said at last")) == 1
