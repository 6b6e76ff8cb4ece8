"""New tasks go to the list that a user has chosen at a service, each once, through the real event."""

from collections.abc import Iterator

import pytest

from common.action_items.edit import add_action_item
from common.action_items.elsewhere import following
from common.action_items.elsewhere.export import export
from common.action_items.elsewhere.leaving import leave
from common.action_items.exporting import announce_export
from common.core import clock
from common.core.errors import ProviderError
from common.core.settings import settings
from common.database import action_items, task_grants
from common.models.action_item import ActionItem
from common.models.events import ActionItemsToExport, Due
from common.models.task_grant import TaskGrant
from common.models.user import TaskApp, TaskPlace
from common.users.due import tell
from common.users.task_apps import choose_place, choose_task_app, connect_task_app
from tests.support.due_events import due_events
from tests.support.stores import Stores
from tests.support.task_services import CLIENT_ID, CLIENT_SECRET, TaskServices, serving

PLACES = {
    TaskApp.ASANA: TaskPlace(workspace_gid="w1", project_gid="p1"),
    TaskApp.CLICKUP: TaskPlace(list_id="l1"),
}
SERVICES = [TaskApp.TODOIST, TaskApp.ASANA, TaskApp.GOOGLE_TASKS, TaskApp.CLICKUP]
MILK, CALL = "Buy milk and bread", "Call the landlord about the heating"


@pytest.fixture(autouse=True)
def services(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Iterator[TaskServices]:
    del stores
    with serving() as running:
        monkeypatch.setenv("TASK_APPS_ADDRESS", running.address)
        monkeypatch.setenv("DATA_KEY_SECRET", "of a test")
        for name in ("TODOIST", "ASANA", "GOOGLE_TASKS", "CLICKUP"):
            monkeypatch.setenv(f"{name}_CLIENT_ID", CLIENT_ID)
            monkeypatch.setenv(f"{name}_CLIENT_SECRET", CLIENT_SECRET)
        settings.cache_clear()
        yield running
    settings.cache_clear()


def _keeps_tasks_at(app: TaskApp, services: TaskServices, *, uid: str) -> None:
    services.tokens.add("of-ours")
    task_grants.of(uid=uid).put(TaskGrant(id=app.value, access_token="of-ours"))  # noqa: S106 - of a test
    connect_task_app(app, connected=True, uid=uid)
    choose_task_app(app, uid=uid)
    if app in PLACES:
        choose_place(app, PLACES[app], uid=uid)


def _event(uid: str, *items: ActionItem) -> ActionItemsToExport:
    return ActionItemsToExport(uid=uid, action_item_ids=tuple(item.id for item in items))


def _said(services: TaskServices) -> list[str]:
    return [task.body["content"] for task in services.tasks]


def test_new_tasks_are_put_there_once_and_say_so(services: TaskServices, uid: str) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    items = [add_action_item(uid=uid, description=each) for each in (MILK, CALL)]
    with due_events(ActionItemsToExport, uid=uid) as announced:
        announce_export(items, uid=uid)
        [event] = announced()
    for _ in range(3):
        tell(Due.model_validate_json(event.model_dump_json()))
    assert sorted(_said(services)) == [MILK, CALL]
    for item in action_items.of(uid=uid).find_many([each.id for each in items]):
        assert (item.exported, item.export_platform) == (True, "todoist")
        assert item.export_date is not None
        assert item.export_date <= clock.now()


def test_what_is_done_by_then_is_not_put_there(services: TaskServices, uid: str) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    done = add_action_item(uid=uid, description=MILK, completed=True)
    assert export(_event(uid, done)) == "nothing to do"
    assert services.tasks == []


def test_while_the_service_is_away_it_is_tried_again_and_nothing_is_doubled(services: TaskServices, uid: str) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    event = _event(uid, *(add_action_item(uid=uid, description=each) for each in (MILK, CALL)))
    services.discards = False
    services.scripted.extend([(200, b'{"id": "1"}'), (503, b"")])
    with pytest.raises(ProviderError):
        export(event)
    assert export(event) == "1 of 1 put"
    assert len(set(_said(services))) == 2
    assert len(services.tasks) == 3  # one of them was refused


def _crash(*_: object, **__: object) -> None:
    raise RuntimeError("gone")


@pytest.mark.parametrize("app", SERVICES)
def test_after_a_crash_before_the_note_it_is_there_once(
    services: TaskServices, uid: str, monkeypatch: pytest.MonkeyPatch, app: TaskApp
) -> None:
    _keeps_tasks_at(app, services, uid=uid)
    services.discards = False
    services.page_size = 1
    other, item = (add_action_item(uid=uid, description=each) for each in (CALL, MILK))
    export(_event(uid, other))
    with monkeypatch.context() as patched:
        patched.setattr(following, "arrange_action_items", _crash)
        with pytest.raises(RuntimeError, match="gone"):
            export(_event(uid, item))
    assert {each.method for each in services.received} == {"POST"}, "who tries for the first time looks for nothing"
    assert export(_event(uid, item)) == "1 of 1 put"
    assert action_items.of(uid=uid).get(item.id).exported
    assert len(services.kept) == 2


@pytest.mark.parametrize("app", SERVICES)
def test_what_was_put_there_but_not_said_so_is_not_put_there_again(
    services: TaskServices, uid: str, app: TaskApp
) -> None:
    _keeps_tasks_at(app, services, uid=uid)
    services.loses_answers = True
    item = add_action_item(uid=uid, description=MILK)
    with pytest.raises(ProviderError):
        export(_event(uid, item))
    services.loses_answers = False
    assert export(_event(uid, item)) == "1 of 1 put"
    assert len(services.kept) == 1


def _is_put_by_the_second_try(services: TaskServices, *, uid: str) -> None:
    """The service fails at the first one, and does not know it again."""
    services.discards = False
    services.scripted.append((503, b""))
    event = _event(uid, add_action_item(uid=uid, description=MILK))
    with pytest.raises(ProviderError):
        export(event)
    assert export(event) == "1 of 1 put"


@pytest.mark.parametrize("app", SERVICES)
def test_what_was_not_put_there_is_put_there_by_the_next_try(services: TaskServices, uid: str, app: TaskApp) -> None:
    _keeps_tasks_at(app, services, uid=uid)
    _is_put_by_the_second_try(services, uid=uid)
    assert len(services.kept) == 1


def test_what_a_user_has_done_before_the_next_try_is_not_put_there_again(
    services: TaskServices, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    item = add_action_item(uid=uid, description=MILK)
    with monkeypatch.context() as patched:
        patched.setattr(following, "arrange_action_items", _crash)
        with pytest.raises(RuntimeError, match="gone"):
            export(_event(uid, item))
    services.kept.clear()
    assert export(_event(uid, item)) == "1 of 1 put"
    assert services.kept == []
    assert len({each.request_id for each in services.tasks}) == 1


def test_an_older_task_of_the_same_words_is_another_one(services: TaskServices, uid: str) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    old = {"id": "old", "content": MILK, "added_at": "2025-01-01T10:00:00Z"}
    services.kept.append(("/api.todoist.com/api/v1/tasks", old))
    _is_put_by_the_second_try(services, uid=uid)
    assert len(services.kept) == 2


@pytest.mark.parametrize("why", ["no place chosen", "shut out", "not wanted there"])
def test_what_trying_again_would_not_change_is_left_to_the_user(
    services: TaskServices, uid: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "no place chosen":
        monkeypatch.setattr(f"{__name__}.PLACES", {})
    _keeps_tasks_at(TaskApp.ASANA if why == "no place chosen" else TaskApp.TODOIST, services, uid=uid)
    if why == "shut out":
        services.tokens.clear()
    elif why == "not wanted there":
        services.scripted.append((400, b"{}"))
    item = add_action_item(uid=uid, description=MILK)
    assert export(_event(uid, item)) == "0 of 1 put"
    assert not action_items.of(uid=uid).get(item.id).exported
    asked = len(services.received)
    assert export(_event(uid, item)) == "0 of 1 put"
    assert len(services.received) == asked


def test_a_list_that_was_disconnected_gets_nothing(services: TaskServices, uid: str) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    item = add_action_item(uid=uid, description=MILK)
    leave("todoist", uid=uid)
    assert export(_event(uid, item)) == "not wanted"
    assert services.tasks == []
