"""With settings that make no sense a service does not begin to serve, a function takes nothing; both say which."""

import asyncio
import json
from collections.abc import Callable

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from common.core import tracing
from common.core.errors import MisconfiguredError
from common.core.settings import settings
from common.entry.api.app import create_app
from common.entry.hops import follow
from common.entry.receiving import http


async def _begin() -> None:
    app = create_app(())
    async with app.router.lifespan_context(app):
        pass


def test_with_settings_that_make_sense_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_MODEL", "extractive")
    asyncio.run(_begin())


def test_with_others_it_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_MODEL", "oracle")
    with pytest.raises(MisconfiguredError, match=r"^LANGUAGE_MODEL: "):
        asyncio.run(_begin())


def test_a_function_says_which_and_has_it_delivered_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def receive(_: Request, handler: Callable[[], object]) -> None:
        follow(tracing.begin(), "a step")  # a line of the log that names a trace asks the settings itself
        handler()

    monkeypatch.setenv("LANGUAGE_MODEL", "oracle")
    answer = http(receive)(settings)(Request(EnvironBuilder(method="POST").get_environ()))

    assert isinstance(answer, tuple)
    assert answer[1] == 503
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["message"], line["reason"].partition(":")[0]) for line in lines] == [
        ("misconfigured", "LANGUAGE_MODEL")
    ]
