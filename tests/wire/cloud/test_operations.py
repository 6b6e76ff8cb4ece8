"""What would be billed is counted as the price lists say, one known call at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from google.cloud import tasks_v2
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from common.core.ids import new_id
from common.database.clients import pinecone_index, publisher_client, storage_client, tasks_client
from local.environment import BUCKETS, EMBEDDING_DIMENSION, PROJECT, REGION
from local.events import EventRouter
from local.functions import FunctionTransport
from local.gateway import Gateway
from local.http import HttpServer
from local.manifest import load
from local.operations import Operations
from tests.support.stores import Stores

Counted = Callable[[Callable[[], object]], dict[str, float]]


@pytest.fixture
def counted(stores: Stores) -> Counted:
    """What a piece of work adds to the totals."""

    def run(work: Callable[[], object]) -> dict[str, float]:
        before = stores.operations.totals()
        work()
        after = stores.operations.totals()
        return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}

    return run


def test_an_upload_and_a_list_are_class_a_a_download_and_a_look_class_b_and_a_deletion_free(counted: Counted) -> None:
    blob: Any = storage_client().bucket(BUCKETS["audio"]).blob(f"{new_id()}/block")
    assert counted(lambda: blob.upload_from_string(b"sound")) == {"storage.class_a": 1}
    assert counted(blob.download_as_bytes) == {"storage.class_b": 1}
    assert counted(blob.reload) == {"storage.class_b": 1}
    assert counted(blob.patch) == {"storage.class_a": 1}
    assert counted(lambda: list(storage_client().list_blobs(BUCKETS["audio"], prefix="nobody/"))) == {
        "storage.class_a": 1
    }
    assert counted(blob.delete) == {}


def test_an_upload_in_pieces_is_one_operation_and_a_batch_as_many_as_it_carries(counted: Counted) -> None:
    name = new_id()
    bucket: Any = storage_client().bucket(BUCKETS["audio"])
    large: Any = bucket.blob(f"{name}/large", chunk_size=256 * 1024)
    assert counted(lambda: large.upload_from_string(bytes(700_000))) == {"storage.class_a": 1}

    def three_looks() -> None:
        with storage_client().batch():
            for _ in range(3):
                bucket.blob(f"{name}/large").reload()

    assert counted(three_looks) == {"storage.class_b": 3}


def test_a_message_is_billed_by_its_bytes_and_as_a_thousand_at_least(counted: Counted) -> None:
    topic = f"projects/{PROJECT}/topics/dead-letter"
    assert counted(lambda: publisher_client().publish(topic, b"small").result(10)) == {"pubsub.bytes": 1000}
    grown = counted(lambda: publisher_client().publish(topic, bytes(5000)).result(10))
    assert 5000 < grown["pubsub.bytes"] < 5100


def test_a_task_is_billed_when_it_is_made_and_when_it_is_handed_over_and_by_its_size(
    stores: Stores, counted: Counted
) -> None:
    queue = tasks_client().queue_path(PROJECT, REGION, "conversations")

    def hand_over(size: int) -> None:
        already = len(stores.tasks.received)
        request = tasks_v2.HttpRequest(url="http://nobody.functions.internal/", body=bytes(size))
        tasks_client().create_task(parent=queue, task=tasks_v2.Task(http_request=request))
        _until(lambda: len(stores.tasks.received) > already)

    assert counted(lambda: hand_over(10)) == {"tasks.operations": 2}
    assert counted(lambda: hand_over(40_000)) == {"tasks.operations": 4}


def test_vectors_are_billed_in_read_and_write_units(counted: Counted) -> None:
    namespace, values = new_id(), [0.5] * EMBEDDING_DIMENSION
    index: Any = pinecone_index()
    records = [{"id": str(number), "values": values, "metadata": {"uid": "u"}} for number in range(12)]
    # A record is its id, its metadata of 12 bytes and 384 times 4: 1,550 bytes at most, of which 12 are 19 KB.
    assert counted(lambda: index.upsert(vectors=records[:1], namespace=namespace)) == {"pinecone.write_units": 5}
    assert counted(lambda: index.upsert(vectors=records, namespace=namespace)) == {"pinecone.write_units": 19}
    assert counted(lambda: index.query(vector=values, top_k=3, namespace=namespace)) == {"pinecone.read_units": 0.25}
    assert counted(lambda: index.fetch(ids=[each["id"] for each in records], namespace=namespace)) == {
        "pinecone.read_units": 2
    }
    assert counted(lambda: index.delete(ids=["1"], namespace=namespace)) == {"pinecone.write_units": 5}


def test_an_event_travels_as_a_message_once_in_and_once_out() -> None:
    operations, put = Operations(), []

    class Queue:
        def put(self, **delivery: Any) -> None:
            put.append(delivery)

    queue: Any = Queue()
    router = EventRouter(load(), queue, region=REGION, bucket_names=BUCKETS, operations=operations)
    resource = {"bucket": BUCKETS["uploads"], "name": "u/f", "timeCreated": "2026-01-01T00:00:00+00:00"}
    router.object_finalized(resource)
    assert [delivery["target"] for delivery in put] == ["transcribe_upload"]
    assert operations.totals() == {"pubsub.bytes": 2000}


def test_what_passes_the_gateway_is_counted_by_service_with_its_bytes_and_its_time() -> None:
    async def scenario() -> None:
        async def answer(_: Any) -> PlainTextResponse:
            await asyncio.sleep(0.12)
            return PlainTextResponse("x" * 5000)

        operations, service = Operations(), HttpServer(Starlette(routes=[Route("/here", answer)]))
        port = await service.start()

        async def resolve(path: str) -> tuple[str, int] | None:
            return ("api", port) if path == "/here" else None

        gateway = Gateway(resolve, operations)
        address = f"http://127.0.0.1:{await gateway.start()}"
        told = operations.server()
        told_at = f"http://127.0.0.1:{await told.start()}/"
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                await http.get(f"{address}/here")
                await http.get(f"{address}/nowhere")
                totals = (await http.get(told_at)).json()
        finally:
            for server in (gateway, told, service):
                await server.stop()
        assert totals["calls.api"] == 1
        assert 0.2 <= totals["seconds.api"] < 2, "it is billed in whole tenths of a second"
        assert 5000 < totals["bytes_out.api"] < 5500
        assert set(totals) == {"calls.api", "seconds.api", "bytes_out.api"}

    asyncio.run(scenario())


def test_a_function_is_counted_when_it_is_called_and_others_are_not() -> None:
    async def scenario() -> None:
        class Known:
            async def port(self, name: str) -> int:
                return {"sweep": port}[name]

        service = HttpServer(Starlette(routes=[Route("/", lambda _: PlainTextResponse("ok"))]))
        port = await service.start()
        operations = Operations()
        transport = FunctionTransport(operations)
        known: Any = Known()
        transport.serve(known)
        try:
            async with httpx.AsyncClient(transport=transport) as http:
                await http.get("http://sweep.functions.internal/")
                assert (await http.get("http://nobody.functions.internal/")).status_code == 404
                await http.get(f"http://127.0.0.1:{port}/")
        finally:
            await service.stop()
        assert operations.totals()["calls.sweep"] == 1
        assert set(operations.totals()) == {"calls.sweep", "seconds.sweep"}

    asyncio.run(scenario())


def _until(met: Callable[[], bool]) -> None:
    async def wait() -> None:
        async with asyncio.timeout(10):
            while not met():  # noqa: ASYNC110 - it is another thread that makes it true
                await asyncio.sleep(0.02)

    asyncio.run(wait())
