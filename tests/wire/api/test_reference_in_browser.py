"""`/docs` as somebody uses it: with a token, a keyboard, and no wish to read the description first."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.browser import Page, page
from tests.support.stores import Stores

OPEN = "[...document.querySelectorAll('details')].find(d => d.querySelector('code').textContent === %s && %s)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("browser")) as shown:
        yield shown


@pytest.fixture
def shown(browser: Page, address: str, stores: Stores, uid: str) -> Page:
    """The page, with everything on it and a token."""
    browser.go(f"{address}/docs")
    browser.until("document.querySelectorAll('details').length > 300")
    browser.run(f"at('token').value = {json.dumps(stores.identity.id_token(uid))}; at('token').oninput()")
    return browser


def opened(shown: Page, method: str, path: str) -> str:
    """An expression for an operation that is unfolded."""
    it = OPEN % (json.dumps(path), f"d.querySelector('.method').textContent === {json.dumps(method)}")
    shown.run(f"({it}).open = true")
    shown.until(f"Boolean(({it}).querySelector('div'))")
    return f"({it})"


def send(shown: Page, it: str) -> tuple[str, Any]:
    """What the page shows once `Send` is pressed: the first line, and the rest as JSON."""
    shown.run(f"{it}.querySelector('button').click()")
    said = str(shown.until(f"(t => t !== '…' && t)({it}.querySelector('pre').textContent)"))
    first, _, rest = said.partition("\n")
    return first, json.loads(rest) if rest else None


def test_it_says_what_it_does_and_nothing_goes_wrong_in_it(shown: Page) -> None:
    about = str(shown.run("at('about').innerText"))
    assert about.startswith("The backend of an always-on wearable")
    assert "`" not in about
    shown.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    shown.until("document.querySelectorAll('details > div').length === document.querySelectorAll('details').length")
    assert shown.complaints == []


def test_a_search_among_operations_shows_those_or_says_that_there_is_none(shown: Page) -> None:
    look_for = "at('wanted').value = %s; at('wanted').oninput()"
    shown.run(look_for % "'daily-summaries'")
    paths = shown.run("[...document.querySelectorAll('summary code')].map(each => each.textContent)")
    assert set(paths) == {"/v1/users/daily-summaries", "/v1/users/daily-summaries/{summary_id}"}
    assert shown.run("at('none').textContent") == ""
    shown.run(look_for % "'there is no such thing'")
    assert shown.run("document.querySelectorAll('details').length") == 0
    assert shown.run("at('none').textContent") == "There is none."


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/conversations/search"),
        ("POST", "/v1/action-items"),
        ("POST", "/v3/memories"),
        ("POST", "/v1/folders"),
        ("POST", "/v1/goals"),
        ("POST", "/v1/users/people"),
        ("POST", "/v1/calendar/meetings"),
        ("PATCH", "/v1/users/profile"),
        ("POST", "/v2/chat-sessions"),
        ("POST", "/v1/mcp/keys"),
        ("GET", "/v1/conversations"),
    ],
)
def test_what_it_offers_to_send_is_taken(shown: Page, words: object, method: str, path: str) -> None:
    del words
    first, told = send(shown, opened(shown, method, path))
    assert first == "200 OK", told


def test_who_leaves_out_what_must_be_there_sends_nothing(shown: Page, api: httpx.Client) -> None:
    made = api.post("/v3/memories", json={"content": "I like tea"}).json()
    it = opened(shown, "DELETE", "/v3/memories/{memory_id}")
    assert send(shown, it) == ("Not sent: memory_id must not be empty", None)
    assert api.get(f"/v3/memories/{made['id']}").status_code == 200


def test_it_is_used_without_a_mouse(shown: Page) -> None:
    shown.run("at('wanted').focus(); at('wanted').value = '/v1/app-categories'; at('wanted').oninput()")
    shown.press("Tab", 9)
    assert shown.run("document.activeElement.tagName") == "SUMMARY"
    shown.press("Enter", 13, "\r")
    shown.until("Boolean(document.querySelector('details button'))")
    shown.press("Tab", 9)
    assert shown.run("document.activeElement.textContent") == "Send"
    shown.press("Enter", 13, "\r")
    assert str(shown.until("(t => t !== '…' && t)(document.querySelector('pre').textContent)")).startswith("200 OK")


def test_it_fits_a_telephone(shown: Page) -> None:
    shown.tell("Emulation.setDeviceMetricsOverride", width=320, height=600, deviceScaleFactor=1, mobile=True)
    shown.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    shown.until("document.querySelectorAll('details > div').length === document.querySelectorAll('details').length")
    assert shown.run("document.documentElement.scrollWidth") <= 320
    shown.tell("Emulation.clearDeviceMetricsOverride")
