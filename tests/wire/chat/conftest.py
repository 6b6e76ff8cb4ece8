"""The chat over HTTP with a language model of either kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.chat.tools import mcp
from common.database import installs
from common.models.app import App
from tests.support.apps import make_app
from tests.support.chat_model import ChatModel, Kind, chat_model
from tests.support.providers import WordEmbedder
from tests.support.stores import Stores
from tests.support.webhook_receiver import Receiver, answering, receiving
from tests.wire.api.conftest import address, anybody, api, api_as

__all__ = ["address", "anybody", "api", "api_as"]


@pytest.fixture(params=["openai", "vertex"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """The protocol."""
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def model(kind: Kind, stores: Stores, words: WordEmbedder, tmp_path: Path) -> Iterator[ChatModel]:
    """The model, of both kinds in turn; apps' addresses may be on this machine."""
    del stores, words
    mcp._known.clear()
    with chat_model(kind, tmp_path, OUTSIDE_MAY_BE_HERE="1") as made:
        yield made


@pytest.fixture
def openai(stores: Stores, words: WordEmbedder, tmp_path: Path) -> Iterator[ChatModel]:
    """The model, of one kind, for what has nothing to do with the protocol."""
    del stores, words
    mcp._known.clear()
    with chat_model("openai", tmp_path, OUTSIDE_MAY_BE_HERE="1") as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """What an app's tool leads to; it says that it rains."""
    with receiving() as running:
        running.answers = [answering(b'{"result": "It rains."}')]
        yield running


@pytest.fixture
def weather(receiver: Receiver, uid: str) -> App:
    """An app with one tool that the user has turned on."""
    app = make_app(chat_tools=[{"name": "weather", "endpoint": receiver.url}])
    installs.enable(app, uid=uid)
    return app
