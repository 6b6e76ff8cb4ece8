from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from common.core import clock
from tests.wire.tasks.conftest import QUEUE, Tasks
from tests.wire.tasks.target import Target

LATER = timedelta(hours=1)


def test_an_unnamed_task_gets_a_name_and_the_defaults(tasks: Tasks) -> None:
    task = tasks.create("http://127.0.0.1:9/x", schedule_time=clock.now() + LATER)
    assert task.name.startswith(f"{QUEUE}/tasks/")
    assert task.http_request.http_method == tasks_v2.HttpMethod.POST
    assert task.dispatch_deadline == timedelta(minutes=10)
    assert task.view == tasks_v2.Task.View.BASIC
    assert task.http_request.body == b""
    full = tasks.client.get_task(request={"name": task.name, "response_view": "FULL"})
    assert full.http_request.body == b"{}"


def test_a_name_is_refused_while_the_task_waits_and_after_it_ran_or_was_deleted(tasks: Tasks, target: Target) -> None:
    tasks.create(target.url, name="waits", schedule_time=clock.now() + LATER)
    with pytest.raises(exceptions.AlreadyExists):
        tasks.create(target.url, name="waits")
    tasks.client.delete_task(name=f"{QUEUE}/tasks/waits")
    with pytest.raises(exceptions.AlreadyExists, match="too recently"):
        tasks.create(target.url, name="waits")
    tasks.create(target.url, name="runs")
    target.wait(1)
    with pytest.raises(exceptions.AlreadyExists):
        tasks.create(target.url, name="runs")
    assert len(target.requests) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"http": {"body": b"x" * 102_400}}, "too large"),
        ({"schedule_time": clock.now() + timedelta(days=31)}, "too far"),
        ({"dispatch_deadline": timedelta(seconds=14)}, "dispatchDeadline"),
        ({"dispatch_deadline": timedelta(minutes=31)}, "dispatchDeadline"),
        ({"name": "no.dots"}, "Task name"),
        ({"name": "x" * 501}, "Task name"),
        ({"url": "ftp://x/"}, "absolute URL"),
        ({"url": "/relative"}, "absolute URL"),
        ({"http": {"body": b"x", "http_method": "GET"}}, "body"),
        ({"http": {"oidc_token": tasks_v2.OidcToken(audience="a")}}, "service_account_email"),
    ],
)
def test_what_the_service_cannot_take_is_an_invalid_argument(
    tasks: Tasks, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=message):
        tasks.create(**{"url": "http://127.0.0.1:9/x", **fields})


def test_app_engine_tasks_and_empty_ones_are_refused(tasks: Tasks) -> None:
    engine = tasks_v2.Task(app_engine_http_request=tasks_v2.AppEngineHttpRequest(relative_uri="/x"))
    for task in (engine, tasks_v2.Task()):
        with pytest.raises(exceptions.InvalidArgument):
            tasks.client.create_task(parent=QUEUE, task=task)


def test_a_task_of_another_queue_or_of_none_is_refused(tasks: Tasks) -> None:
    task = tasks_v2.Task(name=f"{QUEUE}2/tasks/a", http_request=tasks_v2.HttpRequest(url="http://h/"))
    with pytest.raises(exceptions.InvalidArgument, match="does not lie"):
        tasks.client.create_task(parent=QUEUE, task=task)
    with pytest.raises(exceptions.NotFound):
        tasks.client.create_task(parent=f"{QUEUE}2", task=task)


def test_tasks_are_listed_in_pages(tasks: Tasks) -> None:
    names = {tasks.create("http://h/", name=f"t{n}", schedule_time=clock.now() + LATER).name for n in range(5)}
    pages = list(tasks.client.list_tasks(request={"parent": QUEUE, "page_size": 2}).pages)
    assert [len(page.tasks) for page in pages] == [2, 2, 1]
    assert {task.name for page in pages for task in page.tasks} == names


def test_unknown_tasks_are_not_found(tasks: Tasks) -> None:
    for call in (tasks.client.get_task, tasks.client.delete_task, tasks.client.run_task):
        with pytest.raises(exceptions.NotFound):
            call(name=f"{QUEUE}/tasks/nothing")


def test_a_deleted_task_is_not_dispatched(tasks: Tasks, target: Target) -> None:
    task = tasks.create(target.url, schedule_time=clock.now() + timedelta(seconds=0.3))
    tasks.client.delete_task(name=task.name)
    tasks.create(target.url, schedule_time=clock.now() + timedelta(seconds=0.5), http={"body": b"after"})
    assert [request.body for request in target.wait(1)] == [b"after"]
