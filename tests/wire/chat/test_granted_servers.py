"""Remote MCP servers that a user has added, in their chats."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from common.database import apps, installs, mcp_grants
from common.models.app import PENDING_MCP_AUTH
from tests.support.chat_model import ChatModel, calls
from tests.support.mcp_authority import serving_tools
from tests.wire.chat.talking import say
from tests.wire.mcp.browsing import add, connect
from tests.wire.mcp.conftest import authority, numbers, protected, running_authority

if TYPE_CHECKING:
    import httpx

    from tests.support.mcp_authority import Authority
    from tests.support.stores import Stores
    from tests.wire.api.conftest import ApiAs

__all__ = ["authority", "protected", "running_authority"]

LET_IN_NO_LONGER = "They have to connect it again"


def _told(model: ChatModel) -> str:
    return json.dumps(model.turns[-1].body, ensure_ascii=False)


@pytest.fixture
def app_id(openai: ChatModel, api: httpx.Client, protected: str) -> str:
    """An app whose server has let its user in."""
    assert openai
    return connect(api, protected)


def test_a_tool_is_called_with_what_the_user_was_granted(
    api: httpx.Client, openai: ChatModel, authority: Authority, app_id: str
) -> None:
    openai.next.append(calls(f"{app_id}_double", number=21))
    assert say(api).text == "Fine."
    assert "twice is 42" in _told(openai)
    assert not [each for each in authority.secrets() if each in openai.seen()]


def test_what_is_over_is_renewed_and_the_chat_goes_on(
    api: httpx.Client, openai: ChatModel, authority: Authority, app_id: str
) -> None:
    authority.expire()
    openai.next.append(calls(f"{app_id}_double", number=21))
    say(api)
    assert "twice is 42" in _told(openai)


def test_two_chats_at_once_renew_it_once(
    api: httpx.Client, api_as: ApiAs, uid: str, openai: ChatModel, authority: Authority, app_id: str
) -> None:
    authority.expire()
    authority.slow_s = 0.3
    openai.next.extend([calls(f"{app_id}_double", number=21)] * 2)
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(say, (api, api_as(uid))))
    assert [each.text for each in said] == ["Fine.", "Fine."]
    assert sum("twice is 42" in json.dumps(turn.body) for turn in openai.turns) == 2
    assert authority.count("/token", grant_type="refresh_token") == 1
    assert len(authority.grants) == 1


def test_where_nothing_can_be_renewed_the_user_is_told_to_connect_again(
    api: httpx.Client, openai: ChatModel, authority: Authority, app_id: str
) -> None:
    authority.grants.clear()
    openai.next.append(calls(f"{app_id}_double", number=21))
    assert say(api).text == "Fine."
    assert LET_IN_NO_LONGER in _told(openai)


def test_a_tool_that_changes_something_is_offered_where_the_user_wants_that(
    api: httpx.Client, openai: ChatModel, app_id: str
) -> None:
    offered = []
    for changes in (False, True):
        openai.decision.changes = changes
        say(api)
        offered.append({each.removeprefix(f"{app_id}_") for each in openai.tools() if each.startswith(app_id)})
    assert offered == [{"double"}, {"double", "erase"}]


def test_what_is_offered_is_known_from_when_it_was_added(api: httpx.Client, openai: ChatModel, stores: Stores) -> None:
    with serving_tools(stores.run, numbers, None) as url:
        app_id = add(api, url).json()["app_id"]
    openai.next.append(calls(f"{app_id}_double", number=21))
    assert say(api).text == "Fine."
    assert f"{app_id}_double" in openai.tools(0)
    assert "does not answer as it should" in _told(openai)


def test_an_app_that_waits_for_its_user_has_no_tools_and_is_not_asked(
    api: httpx.Client, openai: ChatModel, authority: Authority, protected: str, uid: str
) -> None:
    app = apps.get(add(api, protected).json()["app_id"])
    assert app.status == PENDING_MCP_AUTH
    installs.enable(app, uid=uid)
    asked = len(authority.asked)
    say(api)
    assert not [name for name in openai.tools() if name.startswith(app.id)]
    assert len(authority.asked) == asked


def test_what_the_maker_of_an_app_was_granted_lets_nobody_else_in(
    api_as: ApiAs, uid: str, openai: ChatModel, authority: Authority, app_id: str
) -> None:
    apps.change(app_id, lambda app: app.model_copy(update={"private": False, "approved": True}))
    other = api_as(f"{uid}-2")
    installs.enable(apps.get(app_id), uid=f"{uid}-2")
    openai.next.append(calls(f"{app_id}_double", number=21))
    say(other)
    assert LET_IN_NO_LONGER in _told(openai)
    assert mcp_grants.list_all(uid=f"{uid}-2") == []
    assert authority.count("/token", grant_type="refresh_token") == 0
