"""An answer is finished and kept though its reader, or the instance that made it, has gone in between."""

import socket
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from common.chat.assurance import Assurance
from common.chat.converse import Sent, receive, respond
from common.chat.finishing import finish_answer
from common.chat.pacing import TOTAL_S
from common.chat.ports import Words
from common.core import clock
from common.core.errors import ProviderError
from common.core.settings import settings
from common.database import chat_threads, messages
from common.models.app import App
from common.models.chat import Message, MessageContext, MessageSender
from common.models.events import FinishAnswer
from tests.contract.llm.provider_server import Reply
from tests.support.chat_model import ChatModel, Says, says
from tests.support.stores import Stores
from tests.support.webhook_receiver import Receiver
from tests.wire.chat.talking import say


def _tasks(stores: Stores, uid: str) -> list[FinishAnswer]:
    url = settings().finish_answer_url
    bodies = [task.http_request.body for task in stores.waiting_tasks() if task.http_request.url == url]
    found = [FinishAnswer.model_validate_json(body) for body in bodies]
    return [task for task in found if task.uid == uid]


def _answers(uid: str) -> list[Message]:
    found = messages.list_newest(messages.Chat(), uid=uid, limit=10, offset=0)
    return [message for message in found if message.sender is MessageSender.AI]


def _threads(uid: str) -> list[str]:
    return [each.id for each in chat_threads.threads(uid=uid).list_documents()]


def _abandoned(uid: str, openai: ChatModel, weather: App) -> None:
    """An instance has asked a tool, and then the model, and is no more."""
    asked_again = threading.Event()

    def hang(_: ChatModel) -> Reply:
        asked_again.set()
        return Reply(delay_s=20)

    openai.next.extend([Says(("Let me ask. ",), ((f"{weather.id}_weather", {"city": "Rome"}),)), hang])
    message = receive(Sent(text="How is the weather?"), uid=uid)
    context = MessageContext(type="conversation", id="flat", title="Flats")
    steps = respond(
        message, uid=uid, context=context, assurance=Assurance(message, uid=uid, context=context, within_s=300)
    )
    for step in steps:
        if isinstance(step, Words):
            break
    assert asked_again.wait(20)
    steps.close()  # type: ignore[attr-defined]  # it is a generator


def test_what_an_instance_left_is_gone_on_with_and_no_tool_is_called_again(
    uid: str, openai: ChatModel, weather: App, receiver: Receiver, stores: Stores
) -> None:
    _abandoned(uid, openai, weather)
    [task] = _tasks(stores, uid)
    assert _answers(uid) == []
    openai.next.append(says("Take an umbrella."))
    assert finish_answer(task) == "answered"
    [answer] = _answers(uid)
    assert answer.text == "Let me ask. Take an umbrella."
    assert len(receiver.received) == 1
    [asked] = [each["content"] for each in openai.turns[-1].body["messages"] if each["role"] == "user"]
    assert asked.endswith('(I am looking at this conversation: "Flats")')
    assert _threads(uid) == []
    assert finish_answer(task) == "settled"
    assert len(_answers(uid)) == 1


def test_the_task_waits_until_the_request_has_no_time_left(
    uid: str, openai: ChatModel, weather: App, stores: Stores
) -> None:
    _abandoned(uid, openai, weather)
    [due] = [task.schedule_time for task in stores.waiting_tasks() if uid.encode() in task.http_request.body]
    assert timedelta(seconds=TOTAL_S) < due - clock.now() < timedelta(seconds=TOTAL_S + 60)
    [body] = [task.http_request.body for task in stores.waiting_tasks() if uid.encode() in task.http_request.body]
    assert b"weather" not in body
    assert b"Flats" not in body


def test_what_was_answered_is_settled(uid: str, api: httpx.Client, openai: ChatModel, stores: Stores) -> None:
    assert say(api).text == "Fine."
    [task] = _tasks(stores, uid)
    assert finish_answer(task) == "settled"
    assert len(openai.turns) == 1


@pytest.mark.parametrize("key", [{}, {"client_message_id": "k"}])
def test_an_answer_whose_failure_was_told_is_not_made_behind_the_readers_back(
    uid: str, api: httpx.Client, openai: ChatModel, stores: Stores, key: dict[str, str]
) -> None:
    openai.next.append(Reply(status=400))
    assert say(api, **key).kinds[-1] == "error"
    [task] = _tasks(stores, uid)
    assert finish_answer(task) == "settled"
    assert _answers(uid) == []
    assert say(api, **key).text == "Fine."


def test_one_that_failed_when_its_reader_had_left_is_made(
    uid: str, api: httpx.Client, openai: ChatModel, stores: Stores, address: str
) -> None:
    asked, left = threading.Event(), threading.Event()

    def fail(_: ChatModel) -> Reply:
        asked.set()
        left.wait(10)
        return Reply(status=400)

    openai.next.append(fail)
    where, body = urlsplit(address), b'{"text": "tell me"}'
    with socket.create_connection((str(where.hostname), int(where.port or 0))) as client:
        head = (
            f"POST /v2/messages HTTP/1.1\r\nHost: x\r\nAuthorization: {api.headers['authorization']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        client.sendall(head.encode() + body)
        assert asked.wait(20)
    threading.Event().wait(0.3)
    left.set()
    threading.Event().wait(1.0)
    [task] = _tasks(stores, uid)
    assert _answers(uid) == []
    assert finish_answer(task) == "answered"
    assert [answer.text for answer in _answers(uid)] == ["Fine."]


def test_who_asks_again_has_a_task_of_their_own(uid: str, openai: ChatModel, stores: Stores) -> None:
    message = receive(Sent(text="How is the weather?", key="k"), uid=uid)
    openai.next.extend([Reply(status=400), Reply(status=400)])
    for _ in range(2):
        with pytest.raises(ProviderError):
            list(respond(message, uid=uid, assurance=Assurance(message, uid=uid)))
    outcomes = sorted(finish_answer(task) for task in _tasks(stores, uid))
    assert outcomes == ["answered", "settled"]


def test_of_a_message_that_is_gone_or_old_nothing_is_made(
    uid: str, api: httpx.Client, openai: ChatModel, weather: App, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    _abandoned(uid, openai, weather)
    [task] = _tasks(stores, uid)
    turns, later = len(openai.turns), clock.now() + timedelta(hours=2)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: later)
        assert finish_answer(task) == "too late"
    assert len(openai.turns) == turns
    api.delete("/v2/messages")
    turns = len(openai.turns)  # who clears a chat is greeted
    assert finish_answer(task) == "deleted"
    assert len(openai.turns) == turns


def test_when_the_model_is_away_it_is_tried_again_later(
    uid: str, openai: ChatModel, weather: App, stores: Stores
) -> None:
    _abandoned(uid, openai, weather)
    [task] = _tasks(stores, uid)
    openai.next.extend([Reply(status=400)] * 2)  # the second time without the tools of apps
    with pytest.raises(ProviderError):
        finish_answer(task)
    openai.next.append(says("Take an umbrella."))
    assert finish_answer(task) == "answered"
