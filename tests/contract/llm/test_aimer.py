"""What a language model says of goals: something that can be measured, and not more than fits a screen."""

import json
from typing import Any

import pytest

from common.core.errors import ProviderError
from common.llm.aiming import LONGEST_ADVICE, LONGEST_TITLE, Aimer
from common.llm.ports import LanguageModel
from common.models.goal import Goal
from tests.contract.llm.provider_server import ProviderServer, Reply
from tests.support.making import NOON

GOOD = {
    "title": "Run 20 km a week",
    "type": "numeric",
    "target": 20,
    "minimum": 0,
    "maximum": 50,
    "reasoning": "You run",
}
GOAL = Goal(title="Read", target_value=12, current_value=3, unit="books", created_at=NOON, updated_at=NOON)


@pytest.fixture
def aimer(model: LanguageModel) -> Aimer:
    return Aimer(model)


def _script(server: ProviderServer, **fields: Any) -> None:
    server.script.append(Reply(json.dumps(GOOD | fields)))


def test_a_goal_follows_from_what_is_known_and_is_not_pursued(aimer: Aimer, server: ProviderServer) -> None:
    _script(server)
    found = aimer.suggest(["Runs every morning"], pursued=["Read 12 books"])
    assert (found.title, found.goal_type, found.target) == ("Run 20 km a week", "numeric", 20.0)
    assert (found.minimum, found.maximum, found.reasoning) == (0.0, 50.0, "You run")
    sent = json.dumps(server.requests[0].body)
    assert "Runs every morning" in sent
    assert "Read 12 books" in sent


@pytest.mark.parametrize("odd", [{"title": " "}, {"target": 60}, {"minimum": 30}, {"maximum": -1}])
def test_what_cannot_be_measured_is_an_error(aimer: Aimer, server: ProviderServer, odd: dict[str, Any]) -> None:
    _script(server, **odd)
    with pytest.raises(ProviderError):
        aimer.suggest([], pursued=[])


def test_a_long_title_is_cut(aimer: Aimer, server: ProviderServer) -> None:
    _script(server, title="word " * 100)
    assert len(aimer.suggest([], pursued=[]).title) <= LONGEST_TITLE


def test_advice_knows_how_far_the_goal_has_come(aimer: Aimer, server: ProviderServer) -> None:
    server.script.append(Reply(json.dumps({"advice": "Read  tonight. " + "x " * 1000})))
    advice = aimer.advise(GOAL, ["Has a daughter"])
    assert advice.startswith("Read tonight.")
    assert len(advice) <= LONGEST_ADVICE
    assert "Read: 3 books of 12 books" in json.dumps(server.requests[0].body)


def test_no_advice_is_an_error(aimer: Aimer, server: ProviderServer) -> None:
    server.script.append(Reply(json.dumps({"advice": " "})))
    with pytest.raises(ProviderError):
        aimer.advise(GOAL, [])
