import time
from datetime import timedelta

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.protobuf import field_mask_pb2

from common.core import clock
from tests.wire.tasks.conftest import PARENT, QUEUE, Tasks
from tests.wire.tasks.target import Target

RUNNING, PAUSED = tasks_v2.Queue.State.RUNNING, tasks_v2.Queue.State.PAUSED


def test_a_queue_is_created_with_googles_defaults(tasks: Tasks) -> None:
    queue = tasks.client.create_queue(parent=PARENT, queue=tasks_v2.Queue(name=f"{PARENT}/queues/new"))
    assert (queue.state, queue.retry_config.max_attempts, queue.retry_config.max_doublings) == (RUNNING, 100, 16)
    assert queue.rate_limits.max_concurrent_dispatches == 1000
    assert tasks.client.get_queue(name=queue.name) == queue
    with pytest.raises(exceptions.AlreadyExists):
        tasks.client.create_queue(parent=PARENT, queue=queue)


@pytest.mark.parametrize("name", ["projects/p1/queues/x", f"{PARENT}/queues/under_score", f"{PARENT}/queues/"])
def test_bad_queue_names_are_refused(tasks: Tasks, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        tasks.client.create_queue(parent=PARENT, queue=tasks_v2.Queue(name=name))


def test_queues_are_listed_by_location_in_pages(tasks: Tasks) -> None:
    for name in ("a", "b"):
        tasks.client.create_queue(parent=PARENT, queue=tasks_v2.Queue(name=f"{PARENT}/queues/{name}"))
    elsewhere = "projects/p1/locations/us-central12"
    tasks.client.create_queue(parent=elsewhere, queue=tasks_v2.Queue(name=f"{elsewhere}/queues/c"))
    listed = [queue.name for queue in tasks.client.list_queues(request={"parent": PARENT, "page_size": 2})]
    assert listed == [f"{PARENT}/queues/a", f"{PARENT}/queues/b", QUEUE]


def test_an_update_changes_what_its_mask_names(tasks: Tasks) -> None:
    changed = tasks_v2.Queue(name=QUEUE, retry_config=tasks_v2.RetryConfig(max_attempts=7, max_doublings=3))
    mask = field_mask_pb2.FieldMask(paths=["retry_config.max_attempts"])
    queue = tasks.client.update_queue(queue=changed, update_mask=mask)
    assert (queue.retry_config.max_attempts, queue.retry_config.max_doublings) == (7, 16)
    assert queue.retry_config.min_backoff == timedelta(milliseconds=50)
    created = tasks.client.update_queue(queue=tasks_v2.Queue(name=f"{PARENT}/queues/born"))
    assert created.state == RUNNING


def test_a_paused_queue_dispatches_only_what_is_run_by_hand(tasks: Tasks, target: Target) -> None:
    assert tasks.client.pause_queue(name=QUEUE).state == PAUSED
    tasks.create(target.url, http={"body": b"waits"})
    forced = tasks.create(target.url, http={"body": b"forced"})
    time.sleep(0.1)
    assert target.requests == []
    tasks.client.run_task(name=forced.name)
    assert [request.body for request in target.wait(1)] == [b"forced"]
    assert tasks.client.resume_queue(name=QUEUE).state == RUNNING
    assert [request.body for request in target.wait(2)] == [b"forced", b"waits"]


def test_a_purge_deletes_the_tasks_and_keeps_the_queue(tasks: Tasks, target: Target) -> None:
    tasks.create(target.url, schedule_time=clock.now() + timedelta(seconds=0.2))
    assert tasks.client.purge_queue(name=QUEUE).purge_time
    assert list(tasks.client.list_tasks(parent=QUEUE)) == []
    time.sleep(0.4)
    assert target.requests == []


def test_a_deleted_queue_takes_its_tasks_with_it(tasks: Tasks, target: Target) -> None:
    tasks.create(target.url, name="a", schedule_time=clock.now() + timedelta(seconds=0.2))
    tasks.client.delete_queue(name=QUEUE)
    for call in (tasks.client.get_queue, tasks.client.delete_queue, tasks.client.pause_queue):
        with pytest.raises(exceptions.NotFound):
            call(name=QUEUE)
    with pytest.raises(exceptions.NotFound):
        tasks.create(target.url)
    time.sleep(0.4)
    assert target.requests == []


def test_concurrency_is_bounded_by_the_rate_limits(tasks: Tasks, target: Target) -> None:
    tasks.configure(max_concurrent_dispatches=2)
    target.hold_s = 0.3
    for _ in range(4):
        tasks.create(target.url)
    target.wait(2)
    time.sleep(0.15)
    assert len(target.requests) == 2
    target.wait(4)
