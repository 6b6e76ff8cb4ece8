"""What a connection brings belongs to the trace that its handshake names, whoever it is done by and for how long."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
import uvloop

from common.conversations.finalize import close_conversation
from common.core.tracing import Trace
from common.database import conversations
from common.entry.listening.server import ListenServer
from local.http import bound_socket
from tests.support.stores import Stores
from tests.wire.live.conftest import Connect

TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


@pytest.fixture(scope="module")
def deployed(stores: Stores) -> Iterator[str]:
    """An instance in the loop that it has when it is deployed, which calls back in a context of its own."""
    assert stores.environment
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    listener = bound_socket("127.0.0.1", 0)
    listener.listen()
    server = ListenServer()
    asyncio.run_coroutine_threadsafe(server.start(listener), loop).result(timeout=10)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(timeout=30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": TRACE.traceparent},
        {"X-Cloud-Trace-Context": f"{TRACE.trace_id}/67667974448284343;o=1"},
    ],
)
def test_every_conversation_of_a_connection_carries_its_trace(
    stores: Stores, device: Connect, deployed: str, uid: str, headers: dict[str, str]
) -> None:
    app = device(to=deployed, headers=headers)
    app.say(1, 2, 3)
    first = app.until_stored(3)
    closed = close_conversation(conversations.get(uid=uid, conversation_id=first), uid=uid)
    app.until_event("memory_processing_started")
    app.say(4, 5)
    second = app.until_stored(2, after=[first])
    begun = conversations.get(uid=uid, conversation_id=second)
    assert closed is not None
    for conversation in (closed, begun):
        assert conversation.traceparent == TRACE.traceparent, conversation.status
    [timer] = [task for task in stores.waiting_tasks() if second.encode() in task.http_request.body]
    assert timer.http_request.headers["traceparent"] == TRACE.traceparent


def test_who_names_no_trace_is_followed_in_a_new_one(device: Connect, uid: str) -> None:
    told = []
    for _ in range(2):
        app = device()
        app.say(1)
        conversation_id = app.until_stored(1)
        told.append(conversations.get(uid=uid, conversation_id=conversation_id).traceparent)
        app.close()
        conversations.delete(uid=uid, conversation_id=conversation_id)
    assert None not in told
    assert len({each.split("-")[1] for each in told if each}) == 2
