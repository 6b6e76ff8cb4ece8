"""New tasks go to the list that a user has chosen at a service, each once, through the real event."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from common.action_items.edit import add_action_item
from common.action_items.elsewhere import following
from common.action_items.elsewhere.export import export
from common.action_items.elsewhere.granted import renewed, say_over
from common.action_items.elsewhere.leaving import leave
from common.action_items.elsewhere.putting import put_task
from common.action_items.elsewhere.services import NewTask
from common.action_items.exporting import announce_export
from common.core import clock
from common.core.errors import ConflictError, NotFoundError, ProviderError
from common.core.settings import settings
from common.database import action_items, notifications, task_grants, users
from common.models.action_item import ActionItem
from common.models.events import ActionItemsToExport, Due
from common.models.task_grant import TaskGrant
from common.models.user import TaskApp, TaskPlace
from common.users.due import tell
from common.users.task_apps import choose_place, choose_task_app, connect_task_app
from tests.support.due_events import due_events
from tests.support.stores import Stores
from tests.support.task_services import CLIENT_ID, CLIENT_SECRET, TOKEN_PATHS, TaskServices, serving

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


@pytest.mark.parametrize("why", ["no place chosen", "may not do this", "not wanted there"])
def test_what_trying_again_would_not_change_is_left_to_the_user(
    services: TaskServices, uid: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "no place chosen":
        monkeypatch.setattr(f"{__name__}.PLACES", {})
    _keeps_tasks_at(TaskApp.ASANA if why == "no place chosen" else TaskApp.TODOIST, services, uid=uid)
    if why == "may not do this":
        services.scripted.append((403, b"{}"))
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


def _told(uid: str) -> list[str]:
    return [each.title for each in notifications.of(uid=uid).stream(notifications.of(uid=uid).collection.limit(9))]


def test_a_list_that_lets_us_in_no_longer_is_said_so_once_and_gets_nothing_more(
    services: TaskServices, uid: str
) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    services.tokens.clear()
    items = [add_action_item(uid=uid, description=each) for each in (MILK, CALL)]
    assert export(_event(uid, *items)) == "0 of 2 put"
    assert _told(uid) == ["Todoist"]
    assert users.find(uid=uid).default_task_integration is None
    assert not users.find(uid=uid).task_integrations["todoist"].connected
    asked = len(services.received)
    assert export(_event(uid, add_action_item(uid=uid, description="Something else"))) == "not wanted"
    assert len(services.received) == asked
    assert _told(uid) == ["Todoist"]


def _is_over(*, uid: str, refresh_token: str = "first") -> TaskGrant:  # noqa: S107 - of a test
    grant = TaskGrant(id="todoist", access_token="old", refresh_token=refresh_token, expires_at=clock.now())  # noqa: S106
    task_grants.of(uid=uid).put(grant)
    return grant


def test_a_refresh_token_that_is_good_once_is_used_once_however_many_ask(services: TaskServices, uid: str) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    services.renewing, services.renewal_s = {"first"}, 0.3
    _is_over(uid=uid)
    with ThreadPoolExecutor(5) as pool:
        ids = list(pool.map(lambda n: put_task(TaskApp.TODOIST, NewTask(f"{MILK} {n}"), uid=uid), range(5)))
    assert len(set(ids)) == 5
    assert len([each for each in services.received if each.path in TOKEN_PATHS]) == 1


def test_who_is_refused_new_tokens_is_told_once_and_can_sign_in_again(services: TaskServices, uid: str) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    services.renewing = set()
    _is_over(uid=uid)

    def try_it(_: int) -> None:
        with pytest.raises((ConflictError, NotFoundError)):
            put_task(TaskApp.TODOIST, NewTask(MILK), uid=uid)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(try_it, range(3)))
    assert _told(uid) == ["Todoist"]
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    assert export(_event(uid, add_action_item(uid=uid, description=MILK))) == "1 of 1 put"


@pytest.mark.parametrize("said", [(401, b'{"error": "invalid_client"}'), (500, b""), (200, b"nonsense"), (429, b"")])
def test_what_is_not_the_user_s_fault_is_tried_again_and_costs_them_nothing(
    services: TaskServices, uid: str, said: tuple[int, bytes]
) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    _is_over(uid=uid)
    services.renewals.append(said)
    event = _event(uid, add_action_item(uid=uid, description=MILK))
    with pytest.raises(ProviderError):
        export(event)
    assert export(event) == "1 of 1 put"
    assert _told(uid) == []


def test_who_has_signed_in_again_meanwhile_keeps_what_they_were_granted(services: TaskServices, uid: str) -> None:
    _keeps_tasks_at(TaskApp.TODOIST, services, uid=uid)
    old = _is_over(uid=uid)
    services.tokens.add("new")
    new = TaskGrant(id="todoist", access_token="new", edition="2")  # noqa: S106 - of a test
    services.meanwhile = lambda: task_grants.of(uid=uid).put(new)
    assert renewed(TaskApp.TODOIST, old, uid=uid) == new
    say_over(TaskApp.TODOIST, old, uid=uid)
    assert task_grants.of(uid=uid).get("todoist") == new
    assert _told(uid) == []


def test_a_list_that_is_not_known_here_gets_nothing_and_holds_up_nothing(uid: str) -> None:
    users.change(uid=uid, default_task_integration="somebody_else_s")
    assert export(_event(uid, add_action_item(uid=uid, description=MILK))) == "not wanted"


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Los_Angeles", "2026-05-04"), ("Asia/Kolkata", "2026-05-05"), (None, "2026-05-05")]
)
def test_where_the_day_alone_is_kept_it_is_the_user_s(
    services: TaskServices, uid: str, zone: str | None, day: str
) -> None:
    _keeps_tasks_at(TaskApp.GOOGLE_TASKS, services, uid=uid)
    users.change(uid=uid, time_zone=zone)
    due_at = datetime(2026, 5, 5, 6, 59, tzinfo=UTC)
    export(_event(uid, add_action_item(uid=uid, description=MILK, due_at=due_at)))
    [task] = services.tasks
    assert task.body["due"] == f"{day}T00:00:00.000Z"
