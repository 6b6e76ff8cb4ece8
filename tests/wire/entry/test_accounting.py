"""What a request or an event has used is in the user's day afterwards; a budget has the other kind stand in."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
import pytest

from common.conversations.describe_photo import BUDGET, describe_photo
from common.core import clock, metering
from common.core.metering import Used
from common.core.settings import settings
from common.database import photo_files, photos, spending, tasks
from common.database.account_deletions import DELETIONS
from common.entry.accounting import accounted, new_meter
from common.entry.api.app import create_app
from common.entry.api.identity import User
from common.entry.api.parts import Part
from common.entry.api.routing import Router
from common.llm import providers
from common.llm.ports import Dialogue, Turn
from common.models.account_deletion import AccountDeletion, DeletionState
from common.models.attachments import ConversationPhoto
from common.models.events import DescribePhoto
from local.http import HttpServer
from tests.contract.llm.provider_server import Reply
from tests.support.making import NOON
from tests.support.models import language_model
from tests.support.stores import Stores
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("stores")

router = Router(prefix="/v1/test")


@router.get("/think")
def think(user: User) -> dict[str, str]:
    """Uses a model twice."""
    metering.count("language_model", "m", Used(calls=1, tokens_in=10, tokens_out=2))
    metering.count("language_model", "m", Used(calls=1, tokens_in=5, tokens_out=1, estimated=6))
    return {"uid": user}


@pytest.fixture(scope="module")
def address(stores: Stores) -> Iterator[str]:
    server = HttpServer(create_app([Part(("/v1/test",), lambda: [router])]))
    yield f"http://127.0.0.1:{stores.run(server.start())}"
    stores.run(server.stop())


def test_a_request_is_charged_to_who_asked_before_it_is_answered(stores: Stores, address: str, uid: str) -> None:
    headers = {"Authorization": f"Bearer {stores.identity.id_token(uid)}"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: httpx.get(f"{address}/v1/test/think", headers=headers, timeout=30), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    [(name, spent)] = spending.today(uid=uid).language_model.items()
    assert (name, spent.calls, spent.tokens_in, spent.tokens_out, spent.estimated) == ("m", 16, 120, 24, 48)


def test_a_request_of_nobody_is_charged_to_nobody(stores: Stores, address: str) -> None:
    before = len(stores.changes)
    assert httpx.get(f"{address}/v1/test/think", timeout=30).status_code == 401
    assert len(stores.changes) == before


def test_names_with_dots_and_spaces_are_kept_apart(uid: str) -> None:
    for name in ("gpt-4.1-mini (openai)", "gpt-4 (openai)"):
        with accounted():
            metering.charge(uid)
            metering.count("language_model", name, Used(calls=1, tokens_in=3))
            metering.count("speech", "deepgram", Used(calls=1, seconds=1.5))
    today = spending.today(uid=uid)
    assert {name: spent.tokens_in for name, spent in today.language_model.items()} == {
        "gpt-4.1-mini (openai)": 3,
        "gpt-4 (openai)": 3,
    }
    assert today.speech["deepgram"].seconds == 3.0
    assert today.tokens == 6


def test_what_failed_is_charged_all_the_same(uid: str) -> None:
    def fail() -> None:
        with accounted():
            metering.charge(uid)
            metering.count("language_model", "m", Used(calls=1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert spending.today(uid=uid).language_model["m"].calls == 1


@pytest.mark.parametrize("state", [DeletionState.SETTLING, DeletionState.DONE])
def test_what_ends_long_after_its_user_has_left_is_charged_to_nobody(
    uid: str, monkeypatch: pytest.MonkeyPatch, state: DeletionState
) -> None:
    meter = new_meter()
    meter.uid = uid
    meter.add(("speech", "local"), Used(calls=1, seconds=5.0))
    meter.flush()
    DELETIONS.create(AccountDeletion(id=uid, requested_at=clock.now(), state=state, finished_at=clock.now()))
    later = clock.now() + clock.duration(600.0)
    monkeypatch.setattr(clock, "now", lambda: later)
    meter.add(("speech", "local"), Used(calls=1, seconds=5.0))
    meter.close()
    days = spending.list_since(later - timedelta(days=1), uid=uid)
    assert [day.speech["local"].calls for day in days] == [1]


def test_days_are_read_in_order(uid: str) -> None:
    for day in ("2026-05-03", "2026-05-04", "2026-05-05"):
        spending.of(uid=uid).reference(day).set({"id": day})
    assert [each.id for each in spending.list_since(NOON, uid=uid)] == ["2026-05-04", "2026-05-05"]


DIALOGUE = Dialogue(
    turns=(Turn("You", "We will send the budget to Anna on Friday and then we plan the trip.", 0, 5, is_user=True),),
    started_at=NOON,
    language="en",
)
STRUCTURE = '{"title": "The Trip", "overview": "o", "emoji": "x", "category": "work", "action_items": [], "events": []}'


def test_beyond_the_budget_the_extractive_kind_stands_in_and_says_so(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "embedder", _Words)
    with language_model(language_tokens_per_user_day="200") as server:
        server.script += [Reply(answer=STRUCTURE, usage=(150, 60))]
        with accounted():
            metering.charge(uid)
            rich = providers.structurer()
            assert rich.structure(DIALOGUE).title == "The Trip"
            assert providers.language_model() is None, "within one piece of work, too"
        assert spending.today(uid=uid).tokens == 210
        with accounted():
            metering.charge(uid)
            poor = providers.structurer()
            assert poor.name.startswith("extractive")
            assert poor.structure(DIALOGUE).title
            assert providers.talker() is None
            assert providers.translator() is None
        with accounted():
            metering.charge(f"{uid}-else")
            assert providers.structurer() is rich, "another user's budget is theirs"
        assert providers.structurer() is rich, "what is done for nobody has no budget"
        assert len(server.requests) == 1


def test_pictures_beyond_the_budget_are_put_off_until_the_next_day(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[DescribePhoto, datetime | None]] = []
    monkeypatch.setattr(tasks, "enqueue_photo", lambda task, *, at=None: asked.append((task, at)))
    stored = photo_files.put("p1", b"jpeg", uid=uid, conversation_id="c1", content_type="image/jpeg")
    photo = ConversationPhoto(id="p1", storage_id=stored, created_at=NOON)
    kept = photos.of(uid=uid, conversation_id="c1")
    kept.create(photo)
    spending.add(uid, {("language_model", "m"): Used(tokens_in=5)})
    first = DescribePhoto(uid=uid, conversation_id="c1", photo_id="p1")
    with language_model(language_tokens_per_user_day="5") as server:
        with accounted():
            metering.charge(uid)
            assert describe_photo(first) == "put off"
        [(again, moment)] = asked
        assert server.requests == []
        assert kept.get("p1").failure == BUDGET
        tomorrow = (clock.now() + timedelta(days=1)).date()
        assert moment is not None
        assert (moment.date(), moment.hour) == (tomorrow, 0)
        monkeypatch.setattr(clock, "now", lambda: moment)
        server.script.append(Reply(json.dumps({"description": "A cat.", "telling": True})))
        with accounted():
            metering.charge(uid)
            assert describe_photo(again) == "described"
    assert (kept.get("p1").description, kept.get("p1").failure) == ("A cat.", None)


def test_without_a_limit_nobody_looks(uid: str) -> None:
    with language_model():
        assert settings().language_tokens_per_user_day == 0
        with accounted() as meter:
            metering.charge(uid)
            assert providers.language_model() is not None
            assert meter.known is None


class _Words:
    name = "words"
    dimension = 2

    def embed(self, texts: list[str], *, purpose: str) -> list[list[float]]:  # noqa: ARG002 - the port has it
        return [[1.0, 0.0] for _ in texts]


def test_nothing_used_takes_nothing_away(uid: str) -> None:
    spending.add(uid, {("speech", "r"): Used(calls=1, seconds=2.0)})
    spending.add(uid, {("speech", "r"): Used(), ("language_model", "m"): Used(calls=1)})
    spent = spending.today(uid=uid)
    assert (spent.speech["r"].seconds, spent.language_model["m"].calls) == (2.0, 1)


def test_what_comes_late_holds_no_event_loop_up(stores: Stores, uid: str) -> None:
    async def count_late() -> None:
        """In the loop that the stores answer in: whoever waited for them here would wait for ever."""
        meter.close()
        meter.add(("speech", "r"), Used(seconds=2.0))

    meter = new_meter()
    meter.uid = uid
    stores.run(count_late())
    spent = eventually(lambda: spending.today(uid=uid).speech.get("r"), within_s=5, what="it is written down")
    assert spent.seconds == 2.0
