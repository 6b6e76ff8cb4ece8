"""What older writers left is read, and what a client may change is all that it can."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from common.models.action_item import ActionItem, ActionItemChanges, action_item_id
from common.models.events import ActionItemDue
from common.models.goal import Goal

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def _item(**fields: Any) -> ActionItem:
    return ActionItem.model_validate({"id": "i", "uid": "u", "description": "x", "created_at": NOON, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {"completed": None, "exported": None, "updated_at": None},
        {"indent_level": 9},
        {"indent_level": "deep"},
        {"new": 1},
    ],
)
def test_an_action_item_of_an_older_writer_is_read(fields: dict[str, Any]) -> None:
    item = _item(**fields)
    assert (item.completed, item.exported, item.indent_level, item.updated_at) == (False, False, 0, NOON)


def test_an_action_item_round_trips_and_says_its_status() -> None:
    item = _item(due_at=NOON, completed=True, indent_level=2)
    assert ActionItem.model_validate(item.to_firestore()) == item
    assert item.to_json()["status"] == "completed"
    assert _item().to_json()["status"] == "active"


def test_its_id_follows_from_owner_description_and_generation() -> None:
    ids = {
        action_item_id(uid="u", description="x"),
        action_item_id(uid="v", description="x"),
        action_item_id(uid="u", description="y"),
        action_item_id(uid="u", description="x", generation=1),
    }
    assert len(ids) == 4
    assert action_item_id(uid="u", description="x") in ids


def test_a_null_clears_what_can_be_empty_and_is_ignored_elsewhere() -> None:
    changes = ActionItemChanges.model_validate({"due_at": None, "description": None, "sort_order": 0})
    assert changes.fields() == {"due_at": None, "sort_order": 0}
    assert ActionItemChanges().fields() == {}


def test_an_announcement_is_the_same_for_the_same_change_and_another_for_another() -> None:
    first = ActionItemDue(uid="u", action_item_id="i", change="changed", changed_at=NOON)
    assert first.event_id == ActionItemDue(uid="u", action_item_id="i", change="changed", changed_at=NOON).event_id
    later = NOON.replace(hour=13)
    assert first.event_id != ActionItemDue(uid="u", action_item_id="i", change="changed", changed_at=later).event_id
    assert ActionItemDue.model_validate_json(first.model_dump_json()) == first


@pytest.mark.parametrize("fields", [{"goal_type": "odd"}, {"goal_type": None, "unit": None, "is_active": None}])
def test_a_goal_of_an_older_writer_is_read(fields: dict[str, Any]) -> None:
    goal = Goal.model_validate({"id": "g", "created_at": NOON, "target_value": 3, **fields})
    assert (goal.goal_type, goal.is_active, goal.updated_at) == ("scale", True, NOON)
    assert isinstance(goal.target_value, float)
    assert Goal.model_validate(goal.to_firestore()) == goal


def test_a_goal_holds_numbers_only() -> None:
    with pytest.raises(ValidationError):
        Goal(created_at=NOON, updated_at=NOON, target_value=float("nan"))
