"""An answer that was interrupted goes on when its message is sent again under its key."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from common.action_items.edit import list_action_items
from common.chat import pacing
from common.chat.steps import RESTS
from common.core.settings import settings
from common.database import chat_threads
from common.models.app import App
from tests.contract.llm.provider_server import Reply
from tests.support.chat_model import ChatModel, Says, calls, chat_model, says
from tests.support.stores import Stores, free_port
from tests.support.waiting import eventually
from tests.support.webhook_receiver import Receiver, answering
from tests.wire.api.conftest import ApiAs
from tests.wire.chat.talking import say, talked

PROGRAM = """
import sys, uvicorn
from common.entry.api.app import create_app
from common.entry.api.chat.routes import PART
uvicorn.run(create_app([PART]), host="127.0.0.1", port=int(sys.argv[1]), log_config=None)
"""


@contextmanager
def _instance() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Another instance of the service, in a process that can be killed."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(port)], env=dict(os.environ))  # noqa: S603 - ours
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait(10)


def _answers(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{url}/openapi.json", timeout=5).status_code == 200
    return False


def _until(happened: threading.Event, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What arrives until something happens elsewhere."""
    for piece in pieces:
        yield piece
        if b"data: " in piece:
            assert happened.wait(20)
            return


def _threads(uid: str) -> list[str]:
    return [each.id for each in chat_threads.threads(uid=uid).list_documents()]


def test_a_killed_instances_work_is_gone_on_with_by_another(
    api: httpx.Client, openai: ChatModel, uid: str, weather: App, receiver: Receiver, stores: Stores
) -> None:
    asked_again = threading.Event()

    def hang(_: ChatModel) -> Reply:
        asked_again.set()
        return Reply(delay_s=30)

    openai.next.extend([Says(("Let me ask. ",), ((f"{weather.id}_weather", {"city": "Rome"}),)), hang])
    with _instance() as (url, process):
        eventually(lambda: _answers(url), within_s=30, what="the instance answers")
        headers = {"Authorization": f"Bearer {stores.identity.id_token(uid)}"}
        body = {"text": "How is the weather?", "client_message_id": "k"}
        with (
            suppress(httpx.HTTPError),
            httpx.Client(headers=headers, timeout=30) as client,
            client.stream("POST", f"{url}/v2/messages", json=body) as stream,
        ):
            assert b"data: Let me ask." in b"".join(_until(asked_again, stream.iter_raw()))
            process.send_signal(signal.SIGKILL)
    assert len(_threads(uid)) == 1
    openai.next.append(says("Take an umbrella."))
    said = say(api, "How is the weather?", client_message_id="k")
    assert said.text == "Let me ask. Take an umbrella."
    assert said.done is not None
    assert said.done["text"] == said.text
    assert len(receiver.received) == 1
    assert "It rains." in json.dumps(openai.turns[-1].body)
    assert len(openai.decided) == 1
    assert _threads(uid) == []


def test_a_model_that_failed_after_a_tool_is_asked_again_without_the_tool(
    api: httpx.Client, model: ChatModel, uid: str
) -> None:
    talked(uid, "flat", "the flat costs nine hundred")
    model.next.extend([calls("search_conversations_tool", query="flat costs"), Reply(status=400)])
    assert say(api, client_message_id="k").kinds[-1] == "error"
    model.next.append(says("Nine hundred [1]."))
    said = say(api, client_message_id="k")
    assert said.text == "Nine hundred."
    assert said.done is not None
    assert said.done["memories_id"] == ["flat"]
    assert len(model.turns) == 3
    assert _threads(uid) == []


def test_what_was_begun_is_gone_on_with_though_the_budget_is_used_up_by_it(
    api: httpx.Client, openai: ChatModel, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE_TOKENS_PER_USER_DAY", "50")
    settings.cache_clear()
    openai.next.extend([calls("create_action_item_tool", description="Milk for the weekend"), Reply(status=400)])
    asked = "Remind me to buy milk"
    assert say(api, asked, client_message_id="k").kinds[-1] == "error"
    openai.next.append(says("I have noted that."))
    assert say(api, asked, client_message_id="k").text == "I have noted that."
    assert [each.description for each in list_action_items(uid=uid, limit=50)[0]] == ["Milk for the weekend"]
    assert "tools" not in openai.turns[-1].body
    assert say(api, "What did I say about milk?").text.endswith(RESTS)


def test_without_a_key_nothing_is_kept_of_the_work(api: httpx.Client, openai: ChatModel, uid: str) -> None:
    openai.next.extend([calls("get_memories_tool"), Reply(status=400)])
    assert say(api).kinds[-1] == "error"
    assert _threads(uid) == []


def test_clearing_the_chat_forgets_what_was_begun(api: httpx.Client, openai: ChatModel, uid: str) -> None:
    openai.next.extend([calls("get_memories_tool"), Reply(status=400)])
    say(api, client_message_id="k")
    assert len(_threads(uid)) == 1
    api.delete("/v2/messages")
    assert _threads(uid) == []


@pytest.mark.parametrize("in_session", [False, True])
def test_nothing_is_left_of_a_chat_that_is_cleared_while_it_is_answered(
    api_as: ApiAs, uid: str, openai: ChatModel, *, in_session: bool
) -> None:
    api = api_as(uid)
    session = api.post("/v2/chat-sessions", json={}).json()["id"] if in_session else None

    def clear_then_answer(_: ChatModel) -> Says:
        path = "/v2/messages" if session is None else f"/v2/chat-sessions/{session}"
        assert api_as(uid).delete(path).status_code == 200
        return says("Too late.")

    openai.next.append(clear_then_answer)
    said = say(api, chat_session_id=session)
    assert (said.done, said.kinds[-1]) == (None, "error")
    left = api.get("/v2/desktop/messages", params={"session_id": session} if session else {}).json()
    assert [each["text"] for each in left] == ([] if in_session else ["Fine."])  # the model's greeting
    assert _threads(uid) == []


def test_thoughts_come_while_the_model_is_silent_and_too_long_an_answer_ends_with_an_error(
    api: httpx.Client, openai: ChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.chat.answerers.TOTAL_S", 1.5)
    monkeypatch.setattr(pacing.paced, "__kwdefaults__", {"heartbeat_s": 0.2})
    openai.next.append(Reply(delay_s=20))
    said = say(api)
    assert said.thoughts.count(pacing.STILL_WORKING) >= 2
    assert said.error is not None
    assert [each["sender"] for each in api.get("/v2/messages").json()] == ["human"]


def test_a_model_that_nobody_waits_for_any_more_is_hung_up_on(
    api: httpx.Client, openai: ChatModel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del openai
    monkeypatch.setattr("common.chat.answerers.TOTAL_S", 1.0)
    hung_up = threading.Event()

    def hang(connection: socket.socket) -> None:
        if not connection.recv(1):
            hung_up.set()

    needs = {"choices": [{"message": {"content": '{"context": false, "changes": false}'}, "finish_reason": "stop"}]}
    receiver.answers = [answering(json.dumps(needs).encode()), hang]
    with chat_model("openai", tmp_path, OPENAI_BASE_URL=receiver.url):
        assert say(api).error is not None
        assert hung_up.wait(5)


def test_two_at_once_under_one_key_agree_on_one_answer(
    api_as: ApiAs, uid: str, openai: ChatModel, weather: App, receiver: Receiver
) -> None:

    def ask_once(model: ChatModel) -> Says:
        known = "It rains." in json.dumps(model.turns[-1].body)
        return says("Fine.") if known else calls(f"{weather.id}_weather", city="Rome")

    openai.next.extend([ask_once] * 4)
    with ThreadPoolExecutor(2) as pool:
        clients = [api_as(uid) for _ in range(2)]
        first, second = pool.map(lambda client: say(client, client_message_id="k"), clients)
    assert first.done is not None
    assert first.done == second.done
    assert len(api_as(uid).get("/v2/messages").json()) == 2
    assert 1 <= len(receiver.received) <= 2


def test_words_come_as_the_model_says_them(api: httpx.Client, openai: ChatModel) -> None:
    openai.next.append(Reply(body=_slow_events(), headers={"Content-Type": "text/event-stream"}, trickle_s=0.004))
    with api.stream("POST", "/v2/messages", json={"text": "x"}) as stream:
        arrived = [piece for piece in stream.iter_raw() if piece.startswith(b"data: ")]
    assert len(arrived) >= 3


def _slow_events() -> bytes:
    said = [{"choices": [{"index": 0, "delta": {"content": word}}]} for word in ("one ", "two ", "three")]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in (*said, end))


def test_nothing_is_traced_to_anybody_whatever_the_environment_says(
    api: httpx.Client, openai: ChatModel, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    for prefix in ("LANGSMITH", "LANGCHAIN"):
        monkeypatch.setenv(f"{prefix}_TRACING_V2", "true")
        monkeypatch.setenv(f"{prefix}_API_KEY", "key")
        monkeypatch.setenv(f"{prefix}_ENDPOINT", receiver.url)
    openai.next.append(calls("get_memories_tool"))
    assert say(api, client_message_id="k").text == "Fine."
    threading.Event().wait(0.5)
    assert receiver.connections == 0
