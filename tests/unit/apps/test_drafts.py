"""The rules that an app has to keep, where it is not its maker's own machine."""

import pytest

from common.apps.drafts import AppDraft
from common.apps.manifest import Manifest, with_manifest
from common.core.errors import InvalidInputError
from common.models.app import App

ASKED = ("webhook_url", "setup_completed_url", "chat_tools_manifest_url")


def _applied(**integration: str) -> App:
    draft = AppDraft.model_validate(
        {
            "name": "Example",
            "description": "Does things",
            "category": "other",
            "capabilities": ["external_integration"],
            "external_integration": {
                "triggers_on": "memory_creation",
                "webhook_url": "https://a.example.com/",
                **integration,
            },
        }
    )
    return draft.applied(App(id="a"))


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("url", ["http://a.example.com/x", "https://a.example.com:8443/x"])
def test_whatever_our_servers_ask_is_asked_in_secret_and_at_a_usual_port(name: str, url: str) -> None:
    with pytest.raises(InvalidInputError):
        _applied(**{name: url})


@pytest.mark.parametrize("name", ASKED)
def test_and_may_be_asked_there(name: str) -> None:
    assert _applied(**{name: "https://a.example.com:443/x"}).external_integration is not None


def test_where_users_go_themselves_is_their_browsers_business() -> None:
    assert _applied(app_home_url="http://a.example.com:8080/x").external_integration is not None


def test_a_tool_that_could_never_be_called_is_not_taken() -> None:
    manifest = Manifest.model_validate({"tools": [{"name": "t", "description": "d", "endpoint": "http://x.example/t"}]})
    with pytest.raises(InvalidInputError):
        with_manifest(App(id="a"), manifest, url="https://x.example/manifest.json")
