import time
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from common.core import clock
from local.delivery import Faults
from tests.wire.tasks.conftest import QUEUE, Tasks, serve_tasks
from tests.wire.tasks.target import Target


def _gone(tasks: Tasks, name: str) -> None:
    for _ in range(500):
        try:
            tasks.client.get_task(name=name)
        except exceptions.NotFound:
            return
        time.sleep(0.01)
    pytest.fail("the task is still there")


def test_a_task_is_posted_with_googles_headers_and_then_gone(tasks: Tasks, target: Target) -> None:
    before = time.time()
    oidc = tasks_v2.OidcToken(service_account_email="sa@p1.iam.gserviceaccount.com", audience="https://aud")
    http = {"body": b'{"a":1}', "headers": {"X-Own": "yes", "X-CloudTasks-QueueName": "forged"}, "oidc_token": oidc}
    task = tasks.create(target.url + "?q=1", name="conv-1", http=http)
    (request,) = target.wait(1)
    assert (request.method, request.path, request.body) == ("POST", "/work?q=1", b'{"a":1}')
    headers = request.headers
    assert headers["user-agent"] == "Google-Cloud-Tasks"
    assert headers["x-cloudtasks-queuename"] == "q1"
    assert headers["x-cloudtasks-taskname"] == "conv-1"
    assert headers["x-cloudtasks-taskretrycount"] == headers["x-cloudtasks-taskexecutioncount"] == "0"
    assert before - 1 <= float(headers["x-cloudtasks-tasketa"]) <= time.time()
    assert headers["authorization"] == "Bearer signed|https://aud|sa@p1.iam.gserviceaccount.com"
    assert headers["x-own"] == "yes"
    assert "content-type" not in headers
    assert "x-cloudtasks-taskpreviousresponse" not in headers
    _gone(tasks, task.name)


def test_the_audience_defaults_to_the_url(tasks: Tasks, target: Target) -> None:
    tasks.create(target.url, http={"oidc_token": tasks_v2.OidcToken(service_account_email="e")})
    assert target.wait(1)[0].headers["authorization"] == f"Bearer signed|{target.url}|e"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_the_method_is_the_tasks_own(tasks: Tasks, target: Target, method: str) -> None:
    tasks.create(target.url, http={"http_method": method})
    assert target.wait(1)[0].method == method


def test_a_retry_tells_what_came_before(tasks: Tasks, target: Target) -> None:
    target.answers = [(500, {}), (404, {}), (200, {})]
    tasks.create(target.url)
    target.wait(3)
    seen = [
        [r.headers.get(f"x-cloudtasks-task{h}") for h in ("retrycount", "executioncount", "previousresponse")]
        for r in target.requests
    ]
    assert seen == [["0", "0", None], ["1", "0", "500"], ["2", "1", "404"]]
    assert target.requests[1].headers["x-cloudtasks-taskretryreason"] == "500 Internal Server Error"


def test_attempts_are_recorded_on_the_task(tasks: Tasks, target: Target) -> None:
    tasks.configure(min_backoff_s=60)
    target.answers = [(503, {})]
    task = tasks.create(target.url)
    target.wait(1)
    for _ in range(200):
        current = tasks.client.get_task(name=task.name)
        if current.response_count:
            break
        time.sleep(0.01)
    assert (current.dispatch_count, current.response_count) == (1, 1)
    assert current.last_attempt.response_status.code == 14
    assert current.first_attempt.dispatch_time == current.last_attempt.dispatch_time


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(tasks: Tasks, target: Target, status: int, *, as_date: bool) -> None:
    value = format_datetime(clock.now() + timedelta(seconds=2), usegmt=True) if as_date else "1"
    target.answers = [(status, {"Retry-After": value})]
    tasks.create(target.url)
    first, second = target.wait(2)
    assert second.at - first.at >= 0.9


def test_a_task_is_deleted_when_its_attempts_are_used_up(tasks: Tasks, target: Target) -> None:
    tasks.configure(max_attempts=2, min_backoff_s=0.02)
    target.answers = [(500, {})] * 5
    task = tasks.create(target.url)
    target.wait(2)
    _gone(tasks, task.name)
    time.sleep(0.2)
    assert len(target.requests) == 2


def test_the_retry_duration_must_be_used_up_too(tasks: Tasks, target: Target) -> None:
    tasks.configure(max_attempts=1, max_retry_duration_s=0.5, min_backoff_s=0.1, max_backoff_s=0.1)
    target.answers = [(500, {})] * 50
    task = tasks.create(target.url)
    _gone(tasks, task.name)
    assert 3 <= len(target.requests) <= 7


def test_a_target_that_is_down_is_tried_again(tasks: Tasks, target: Target) -> None:
    task = tasks.create("http://127.0.0.1:9/nobody")
    time.sleep(0.3)
    assert tasks.client.get_task(name=task.name).dispatch_count >= 2
    assert target.requests == []


def test_the_dispatch_deadline_breaks_a_slow_target_off(
    tasks: Tasks, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "scale", lambda: 100.0)
    target.hold_s = 3.0
    tasks.create(target.url, dispatch_deadline=timedelta(seconds=15))
    first, second = target.wait(2)
    assert 0.1 < second.at - first.at < 2.5
    assert second.headers["x-cloudtasks-taskpreviousresponse"] == "0"


def test_schedule_time_is_kept_and_run_task_does_not_wait_for_it(tasks: Tasks, target: Target) -> None:
    due = clock.now() + timedelta(seconds=0.4)
    tasks.create(target.url, schedule_time=due, http={"body": b"scheduled"})
    task = tasks.create(target.url, schedule_time=clock.now() + timedelta(hours=2), http={"body": b"forced"})
    tasks.client.run_task(name=task.name)
    assert [request.body for request in target.wait(2)] == [b"forced", b"scheduled"]
    assert clock.now() >= due


def test_a_task_waits_through_a_restart(tmp_path: Path, target: Target) -> None:
    path = tmp_path / "state.sqlite"
    with serve_tasks(path) as tasks:
        tasks.create(target.url, name="sleeper", schedule_time=clock.now() + timedelta(seconds=0.5))
    assert target.requests == []
    with serve_tasks(path) as tasks:
        assert target.wait(1)[0].headers["x-cloudtasks-taskname"] == "sleeper"
        _gone(tasks, f"{QUEUE}/tasks/sleeper")
        with pytest.raises(exceptions.AlreadyExists):
            tasks.create(target.url, name="sleeper")


def test_faults_dispatch_a_task_twice(tasks: Tasks, target: Target) -> None:
    tasks.server.set_faults(Faults(duplicate=True))
    task = tasks.create(target.url)
    first, second = target.wait(2)
    assert first.headers["x-cloudtasks-taskname"] == second.headers["x-cloudtasks-taskname"]
    _gone(tasks, task.name)
