"""Which alarm the devices shall have, by what an item is now."""

from typing import Any

import pytest

from common.action_items.reminding import DELETE, REMINDER, UPDATE, Change, kind_of
from common.models.action_item import ActionItem
from tests.support.making import NOON, at

LATER = at(3600)


def _item(**fields: Any) -> ActionItem:
    known = {"id": "a1", "uid": "u", "description": "Call", "created_at": at(-60), "updated_at": at(-60)}
    return ActionItem.model_validate({**known, "due_at": LATER, **fields})


@pytest.mark.parametrize(
    ("change", "item", "kind"),
    [
        pytest.param("created", _item(), REMINDER, id="new and due"),
        pytest.param("changed", _item(), UPDATE, id="moved"),
        pytest.param("changed", _item(completed=True), DELETE, id="done"),
        pytest.param("changed", _item(due_at=None), DELETE, id="due no more"),
        pytest.param("changed", _item(due_at=NOON), DELETE, id="overdue"),
        pytest.param("changed", None, DELETE, id="deleted meanwhile"),
        pytest.param("deleted", None, DELETE, id="deleted"),
        pytest.param("deleted", _item(), UPDATE, id="deleted and there again"),
        pytest.param("created", None, None, id="gone before anybody had an alarm"),
        pytest.param("created", _item(completed=True), None, id="done before"),
        pytest.param("created", _item(due_at=at(-1)), None, id="overdue from the beginning"),
    ],
)
def test_the_alarm_is_what_the_item_says_now(change: Change, item: ActionItem | None, kind: str | None) -> None:
    assert kind_of(change, item, now=NOON) == kind
