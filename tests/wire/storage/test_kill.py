import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
import requests
from google.cloud import tasks_v2
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.cloud.storage import Client
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from tests.wire.storage.cloud_process import QUEUE, cloud_process
from tests.wire.tasks.target import serve_target

_SLOTS = 40
"""Objects that are written over and over."""


def _storage(ports: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{ports['storage']}")
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
    return Client(project="p1")


def test_every_acknowledged_object_survives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acknowledged: list[int] = []
    with cloud_process(tmp_path) as (process, ports):
        client = _storage(ports, monkeypatch)
        with suppress(requests.RequestException):
            for number in range(100_000):
                if number == _SLOTS + 5:
                    threading.Timer(0.05, process.kill).start()
                content = b"%d" % number * 5000
                client.bucket("audio").blob(f"o{number % _SLOTS}").upload_from_string(content, retry=None)
                acknowledged.append(number)
        client.close()
    assert len(acknowledged) > _SLOTS
    with cloud_process(tmp_path) as (_, ports):
        client = _storage(ports, monkeypatch)
        blobs = list(client.list_blobs("audio"))
        # The last upload may have become live without the answer getting out.
        expected = dict.fromkeys(range(_SLOTS), -1) | {number % _SLOTS: number for number in acknowledged}
        unsure = acknowledged[-1] + 1
        for blob in blobs:
            slot = int(blob.name[1:])
            allowed = [b"%d" % expected[slot] * 5000]
            if slot == unsure % _SLOTS:
                allowed.append(b"%d" % unsure * 5000)
            assert blob.download_as_bytes() in allowed
        client.close()
        files = [path for path in (tmp_path / "blobs").glob("*/*") if path.is_file()]
        assert len(files) == len(blobs) == _SLOTS


def test_a_task_under_way_is_dispatched_again_after_a_kill(tmp_path: Path) -> None:
    with serve_target() as target:
        target.hold_s = 1.0
        with cloud_process(tmp_path) as (_, ports), grpc.insecure_channel(f"127.0.0.1:{ports['tasks']}") as channel:
            client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
            request = tasks_v2.HttpRequest(url=target.url, body=b"once more")
            client.create_task(parent=QUEUE, task=tasks_v2.Task(name=f"{QUEUE}/tasks/t", http_request=request))
            target.wait(1)
        target.hold_s = 0.0
        with cloud_process(tmp_path):
            first, second = target.wait(2)
            assert first.body == second.body == b"once more"
            assert second.headers["x-cloudtasks-taskname"] == "t"
            time.sleep(1.2)
        assert len(target.requests) == 2


def test_every_published_message_survives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    topic, name = "projects/p1/topics/topic", "projects/p1/subscriptions/sub"
    published: list[str] = []
    with cloud_process(tmp_path) as (process, ports):
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{ports['pubsub']}")
        publisher: Any = PublisherClient()
        publisher.create_topic(name=topic)
        with SubscriberClient() as subscriber:
            subscriber.create_subscription(name=name, topic=topic)
        published.extend(publisher.publish(topic, b"%d" % number).result(timeout=10) for number in range(50))
        process.kill()
        publisher.stop()
        publisher.transport.close()
    with cloud_process(tmp_path) as (_, ports):
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{ports['pubsub']}")
        with SubscriberClient() as subscriber:
            answer = subscriber.pull(subscription=name, max_messages=1000)
    assert sorted(received.message.message_id for received in answer.received_messages) == sorted(published)
