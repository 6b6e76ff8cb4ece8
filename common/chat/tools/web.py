"""A tool that searches the web through a service the operator has chosen; there is none without it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

from pydantic import Field

from common.chat.tools.apps import told_outside
from common.chat.tools.base import Arguments, Output, Scope, tool
from common.core.clock import Deadline
from common.core.errors import OutsideError
from common.core.settings import settings

NONE_FOUND = "The web search found nothing."
_WITHIN_S = 20.0
_LARGEST = 1024 * 1024
_OK = 200
_ADDRESSES = {
    "brave": "https://api.search.brave.com/res/v1/web/search",
    "perplexity": "https://api.perplexity.ai/search",
}


class _Search(Arguments):
    query: str = Field(min_length=1, max_length=400, pattern=r"\S", description="What to search for")
    limit: int = Field(5, ge=1, le=10)


@tool(_Search, doing="Searching the web")
def search_web_tool(scope: Scope, asked: _Search, key: str) -> Output:
    """Search the web for current or public information. Never put anything private about the user into the query."""
    del key
    query = str(told_outside({"query": asked.query})["query"])
    body = _ask(query, asked.limit, within_s=min(_WITHIN_S, scope.deadline.remaining))
    lines = [f"- {title}\n  {url}\n  {text}" for title, url, text in _results(body)[: asked.limit]]
    return Output("\n".join(lines) or NONE_FOUND)


def _ask(query: str, limit: int, *, within_s: float) -> bytes:
    """What the service answers with; its protocol is one of two."""
    import httpx

    known = settings()
    secret = known.web_search_api_key
    key = secret.get_secret_value() if secret is not None else ""
    url = known.web_search_url or _ADDRESSES[known.web_search]
    if known.web_search == "brave":
        # https://api-dashboard.search.brave.com/app/documentation/web-search
        headers = {"X-Subscription-Token": key, "Accept": "application/json"}
        request = httpx.Request("GET", url, params={"q": query, "count": limit}, headers=headers)
    else:
        # https://docs.perplexity.ai/api-reference/search-post
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        request = httpx.Request("POST", url, json={"query": query, "max_results": limit}, headers=headers)
    body, deadline = bytearray(), Deadline.real(within_s)
    try:
        with (
            httpx.Client(timeout=max(within_s, 0.1)) as client,
            closing(client.send(request, stream=True)) as answer,
        ):
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _LARGEST or deadline.passed:
                    raise OutsideError("The web search answers too much or too slowly")
    except httpx.HTTPError as error:
        raise OutsideError("The web search does not answer") from error
    if answer.status_code != _OK:
        raise OutsideError("The web search does not work now")
    return bytes(body)


def _results(body: bytes) -> list[tuple[str, str, str]]:
    """Title, address and text of each result, in either form."""
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OutsideError("The web search answers nonsense") from error
    listed = answer.get("results") or (answer.get("web") or {}).get("results") if isinstance(answer, dict) else None
    found = [each for each in listed or () if isinstance(each, dict)] if isinstance(listed, list) else []
    return [
        (str(each.get("title") or ""), str(each.get("url") or ""), str(each.get("snippet") or each.get("description")))
        for each in found
    ]
