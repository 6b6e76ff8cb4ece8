"""A language model that chats, for the product: a server that speaks either protocol and says what a test tells it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from common.core.settings import settings
from common.llm import providers
from tests.contract.llm.provider_server import ProviderServer, Reply, Request, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Kind = Literal["openai", "vertex"]


@dataclass(frozen=True)
class Says:
    """What the model says next: words, and calls of tools as name and arguments (text is sent as it is)."""

    words: tuple[str, ...] = ()
    calls: tuple[tuple[str, dict[str, Any] | str], ...] = ()


def says(*words: str) -> Says:
    """Only words."""
    return Says(words)


def calls(name: str, **arguments: Any) -> Says:
    """One call."""
    return Says(calls=((name, arguments),))


Next = Says | Reply | Callable[["ChatModel"], Says | Reply]


@dataclass
class Decision:
    """What is answered when a question's needs are asked for; `reply` in place of that."""

    context: bool = True
    changes: bool = True
    reply: Reply | None = None


class ChatModel(ProviderServer):
    """Says what stands in `next`, one turn each, and "Fine." when there is nothing left."""

    def __init__(self) -> None:
        super().__init__()
        self.next: deque[Next] = deque()
        self.decision = Decision()
        self.turns: list[Request] = []
        self.decided: list[Request] = []

    def next_reply(self, request: Request) -> Reply:
        """What this request is answered with."""
        path = request.path.partition("?")[0]
        if not (request.body.get("stream") or path.endswith(":streamGenerateContent")):
            self.decided.append(request)
            needs = {"context": self.decision.context, "changes": self.decision.changes}
            return self.decision.reply or Reply(answer=json.dumps(needs))
        self.turns.append(request)
        wanted: Next = self.next.popleft() if self.next else says("Fine.")
        made = wanted if isinstance(wanted, Says | Reply) else wanted(self)
        return made if isinstance(made, Reply) else spoken(made, openai="/chat/" in path, turn=len(self.turns))

    def seen(self) -> str:
        """Everything that the model was ever shown, as text."""
        return json.dumps([each.body for each in (*self.turns, *self.decided)], ensure_ascii=False)

    def tools(self, turn: int = -1) -> set[str]:
        """The names of the tools that it was told of."""
        listed = self.turns[turn].body.get("tools") or []
        if listed and "functionDeclarations" in listed[0]:
            return {each["name"] for each in listed[0]["functionDeclarations"]}
        return {each["function"]["name"] for each in listed}


def spoken(said: Says, *, openai: bool, turn: int = 0, **options: Any) -> Reply:
    """A turn in the form of either protocol, in as many events as a provider would make of it."""
    events = _openai(said, turn) if openai else _vertex(said)
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    if openai:
        body += "data: [DONE]\n\n"
    return Reply(body=body.encode(), headers={"Content-Type": "text/event-stream"}, **options)


def _openai(said: Says, turn: int) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"content": word} for word in said.words]
    for place, (name, arguments) in enumerate(said.calls):
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        first = {"index": place, "id": f"call_{turn}_{place}", "type": "function"}
        deltas.append({"tool_calls": [{**first, "function": {"name": name, "arguments": ""}}]})
        middle = len(text) // 2
        deltas += [
            {"tool_calls": [{"index": place, "function": {"arguments": half}}]}
            for half in (text[:middle], text[middle:])
        ]
    ends = "tool_calls" if said.calls else "stop"
    events = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    return [*events, {"choices": [{"index": 0, "delta": {}, "finish_reason": ends}]}]


def _vertex(said: Says) -> list[dict[str, Any]]:
    parts: list[list[dict[str, Any]]] = [[{"text": word}] for word in said.words]
    if said.calls:
        parts.append([_function_call(name, arguments) for name, arguments in said.calls])
    events: list[dict[str, Any]] = [{"candidates": [{"content": {"role": "model", "parts": each}}]} for each in parts]
    return [*events, {"candidates": [{"finishReason": "STOP"}]}]


def _function_call(name: str, arguments: dict[str, Any] | str) -> dict[str, Any]:
    known = name if name[:1].isalpha() else f"_{name}"
    return {"functionCall": {"name": known, "args": arguments if isinstance(arguments, dict) else {}}}


@contextmanager
def chat_model(kind: Kind, folder: Path, **configured: str) -> Iterator[ChatModel]:
    """The product chats with the model that this gives until the block ends."""
    model = ChatModel()
    with model.serving(), pytest.MonkeyPatch.context() as patched:
        for name, value in {**environment(kind, model, folder), **configured}.items():
            patched.setenv(name.upper(), value)
        _forget()
        yield model
        if providers._openai_endpoint.cache_info().currsize:
            providers._openai_endpoint().close()
        if providers._vertex_project.cache_info().currsize:
            providers._vertex_project(settings().vertex_location).close()
    _forget()


def environment(kind: Kind, model: ChatModel, folder: Path) -> dict[str, str]:
    """The variables that lead the product to a model."""
    if kind == "openai":
        return {"LANGUAGE_MODEL": kind, "OPENAI_BASE_URL": f"{model.address}/v1"}
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    account = folder / "account.json"
    pem = key.private_bytes(encoding, form, serialization.NoEncryption())
    account.write_text(json.dumps(credentials(model.address, pem)))
    return {
        "LANGUAGE_MODEL": kind,
        "VERTEX_BASE_URL": model.address,
        "GOOGLE_APPLICATION_CREDENTIALS": str(account),
    }


def _forget() -> None:
    for made in (
        settings,
        providers.language_model,
        providers.talker,
        providers._openai_endpoint,
        providers._vertex_project,
    ):
        made.cache_clear()
