"""What a language model drafts of apps: within the store's rules, whatever it answers, and whatever is wished."""

import json
from typing import Any

import pytest

from common.core.errors import ProviderError
from common.llm.inventing import LONGEST_INSTRUCTIONS, LONGEST_NAME, MOST_IDEAS, Inventor
from common.llm.ports import LanguageModel
from tests.contract.llm.provider_server import ProviderServer, Reply

CATEGORIES = ("financial", "other")
GOOD = {
    "name": "Sorry Counter",
    "description": "Counts apologies.",
    "category": "financial",
    "summary_instructions": "Count how often the user says sorry.",
    "chat_instructions": "",
}


@pytest.fixture
def inventor(model: LanguageModel) -> Inventor:
    return Inventor(model)


def _script(server: ProviderServer, **fields: Any) -> None:
    server.script.append(Reply(json.dumps(GOOD | fields)))


def test_a_wish_becomes_an_app(inventor: Inventor, server: ProviderServer) -> None:
    _script(server)
    idea = inventor.draft("Count how often I say sorry", categories=CATEGORIES, other="other")
    assert (idea.name, idea.category) == ("Sorry Counter", "financial")
    assert (idea.summary_instructions, idea.chat_instructions) == ("Count how often the user says sorry.", "")
    sent = json.dumps(server.requests[0].body)
    assert sent.index("BEGINS") < sent.index("Count how often I say sorry") < sent.rindex("ENDS")


def test_what_goes_beyond_the_rules_is_brought_within_them(inventor: Inventor, server: ProviderServer) -> None:
    _script(server, name="long " * 50, category="made up", summary_instructions="x" * 50_000)
    idea = inventor.draft("A wish", categories=CATEGORIES, other="other")
    assert len(idea.name) <= LONGEST_NAME
    assert idea.category == "other"
    assert len(idea.summary_instructions) == LONGEST_INSTRUCTIONS


@pytest.mark.parametrize("lacking", [{"name": " "}, {"description": ""}, {"summary_instructions": "  "}])
def test_a_draft_that_cannot_work_is_an_error(
    inventor: Inventor, server: ProviderServer, lacking: dict[str, str]
) -> None:
    _script(server, **lacking)
    with pytest.raises(ProviderError):
        inventor.draft("A wish", categories=CATEGORIES, other="other")


@pytest.mark.parametrize(("said", "emoji"), [("🧾 receipts", "🧾"), ("none", "✨")])
def test_an_app_is_presented_with_one_emoji(inventor: Inventor, server: ProviderServer, said: str, emoji: str) -> None:
    server.script.append(Reply(json.dumps({"description": "Counts\n money.", "emoji": said})))
    presented = inventor.present("Counter", "counts")
    assert (presented.description, presented.emoji) == ("Counts money.", emoji)


def test_nothing_said_of_an_app_is_an_error(inventor: Inventor, server: ProviderServer) -> None:
    server.script.append(Reply(json.dumps({"description": " ", "emoji": "🧾"})))
    with pytest.raises(ProviderError):
        inventor.present("Counter", "counts")


def test_proposals_are_few_and_different(inventor: Inventor, server: ProviderServer) -> None:
    wishes = ["Count", "Count", "", *(f"Wish {number}" for number in range(20))]
    server.script.append(Reply(json.dumps({"wishes": wishes})))
    assert inventor.propose() == ["Count", "Wish 0", "Wish 1", "Wish 2", "Wish 3"]
    assert len(wishes) > MOST_IDEAS


@pytest.mark.parametrize("reply", [Reply(status=400), Reply(answer="no JSON")])
def test_a_model_that_fails_is_an_error(inventor: Inventor, server: ProviderServer, reply: Reply) -> None:
    server.script += [reply, reply]
    with pytest.raises(ProviderError):
        inventor.draft("A wish", categories=CATEGORIES, other="other")
