"""docs/apps.md says what is so: its routes and fields exist, its numbers are those of the code, its manifest is one."""

import re

import httpx
import pytest

from common.apps import answers, health, kinds, manifest, proactive, terms
from common.apps.drafts import AppDraft, IntegrationDraft
from common.apps.mcp import asking
from common.entry.api.apps import notification
from common.models.webhook import APP_TRIGGERS, DEVELOPER_TYPES, WebhookKind
from local.manifest import ROOT

GUIDE = (ROOT / "docs" / "apps.md").read_text(encoding="utf-8")


def test_every_route_that_is_named_exists(anybody: httpx.Client) -> None:
    paths = anybody.get("/openapi.json").json()["paths"]
    there = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    named = set(re.findall(r"(GET|POST|DELETE) (/v\d/[\w/{}-]+)", GUIDE))
    assert {("POST", "/v1/apps"), ("POST", "/v1/apps/mcp")} <= named
    assert {f"{method} {path}" for method, path in named} <= there


def test_what_links_to_the_description_leads_to_a_part_of_it(anybody: httpx.Client) -> None:
    paths = anybody.get("/openapi.json").json()["paths"]
    tags = {tag for methods in paths.values() for operation in methods.values() for tag in operation.get("tags", ())}
    assert {action.doc_url for action in kinds.ACTIONS} <= {f"/docs#/{tag}" for tag in tags}


def test_the_manifest_is_one() -> None:
    [shown] = re.findall(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    read = manifest.Manifest.model_validate_json(shown)
    assert [tool.name for tool in read.tools] == ["count_words"]
    assert read.chat_messages is not None


def test_fields_and_kinds_are_called_so() -> None:
    table = GUIDE.partition("## Making it")[2].partition("## ")[0]
    cells = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    fields = {field for cell in cells for field in re.findall(r"`([\w.]+)`", cell)}
    inner = {field.partition(".")[2] for field in fields if field.startswith("external_integration.")}
    assert {field.partition(".")[0] for field in fields} <= AppDraft.model_fields.keys()
    assert inner
    assert inner <= IntegrationDraft.model_fields.keys()
    named = set(re.findall(r"`(\w+)`", GUIDE))
    assert set(APP_TRIGGERS.values()) | set(DEVELOPER_TYPES.values()) <= named
    assert {action.id for action in kinds.ACTIONS} | {scope.id for scope in kinds.SCOPES} <= named


@pytest.mark.parametrize(
    ("said", "is_so"),
    [
        (r"within 15 seconds \(live\) or 30", (terms.terms(WebhookKind.AUDIO).within_s, 15)),
        (r"live news for five minutes", (terms.terms(WebhookKind.TRANSCRIPT).fresh_s, 300)),
        (r"the rest\s+for a day", (terms.terms(WebhookKind.CONVERSATION).fresh_s, 24 * 3600)),
        (r"after three days the app is disabled", (health.DISABLED_AT_H, 72)),
        (r"5,000 characters at most", (answers.LONGEST_MESSAGE, 5000)),
        (r"at most once in 30 seconds", (answers.INTERVAL_S, 30)),
        (r"from six characters on", (answers.SHORTEST_MESSAGE, 6)),
        (r"Six an hour and 24 a day", ((proactive.PER_HOUR, proactive.PER_DAY), (6, 24))),
        (r"30 seconds apart", (proactive.GAP_S, 30)),
        (r"with its tools, 64 at most", (asking.MOST_TOOLS, 64)),
        (r"ten an hour per user", (notification.APP_NOTIFICATIONS, 10)),
    ],
)
def test_numbers_are_those_of_the_code(said: str, is_so: tuple[object, object]) -> None:
    assert re.search(said, GUIDE)
    assert is_so[0] == is_so[1]
