"""What a user has changed stays when a conversation is processed again."""

from common.conversations.user_edits import action_item_key, keep_user_edits, note_action_item
from common.models.conversation import Conversation
from common.models.structured import Structured
from tests.support.making import a_conversation

NEW = Structured.model_validate(
    {
        "title": "New",
        "overview": "New overview",
        "action_items": ["call the landlord.", "Buy paint"],
        "events": [{"title": "viewing", "start": "2026-05-08T10:00:00Z"}],
    }
)


def _kept(structured: dict[str, object], **fields: object) -> Structured:
    return keep_user_edits(a_conversation(structured=structured, **fields), NEW)


def _descriptions(structured: Structured) -> list[str]:
    return [item.description for item in structured.action_items]


def test_without_edits_the_new_structure_is_taken_as_it_is() -> None:
    assert _kept({"title": "Old", "action_items": ["Old task"]}) == NEW


def test_title_and_overview_of_the_user_stay_even_when_empty() -> None:
    kept = _kept({}, user_title="Mine", user_overview="")
    assert (kept.title, kept.overview) == ("Mine", "")


def test_what_is_done_stays_done_and_is_not_found_again() -> None:
    kept = _kept({"action_items": [{"description": "Call the landlord", "completed": True}]})
    assert _descriptions(kept) == ["Call the landlord", "Buy paint"]
    assert kept.action_items[0].completed


def test_what_was_deleted_does_not_come_back() -> None:
    kept = _kept({}, user_action_items={action_item_key("Call the landlord"): None})
    assert _descriptions(kept) == ["Buy paint"]


def test_what_was_reworded_twice_is_known_by_its_first_wording() -> None:
    conversation = a_conversation(structured={"action_items": ["Call the landlord"]})
    for wording in ("Write to her", "Visit her"):
        [item] = conversation.structured.action_items
        noted = note_action_item(conversation, item, wording=wording)
        conversation = Conversation.model_validate(
            {**conversation.model_dump(), "structured": {"action_items": [wording]}, "user_action_items": noted}
        )
    assert conversation.user_action_items == {action_item_key("call the landlord"): "Visit her"}
    assert _descriptions(keep_user_edits(conversation, NEW)) == ["Visit her", "Buy paint"]


def test_an_exported_event_stays_once() -> None:
    kept = _kept({"events": [{"title": "Viewing", "start": "2026-05-08T10:00:00Z", "created": True}]})
    assert [(event.title, event.created) for event in kept.events] == [("Viewing", True)]
