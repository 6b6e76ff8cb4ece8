"""A tool that searches the web through a service the operator has chosen; there is none without it."""

from __future__ import annotations

import json
import random
import re
from html import unescape
from typing import TYPE_CHECKING, Any

from pydantic import Field

from common.chat.tools.apps import told_outside
from common.chat.tools.base import Arguments, Output, Scope, tool
from common.core.errors import OutsideError, ProviderError
from common.core.logs import get_logger
from common.core.retry_after import seconds_of
from common.core.settings import settings
from common.core.tls import trusted_here
from common.llm.policy import TimeLimit, TransientError, failure, late, persist

if TYPE_CHECKING:
    from collections.abc import Mapping

NONE_FOUND = "The web search found nothing."
LONGEST_TEXTS = 20_000
"""Characters of all results' texts together: a page that is told at length leaves the others their part."""
_WITHIN_S = 20.0
_LARGEST = 1024 * 1024
_LONGEST_LINE = 2000
"""Characters of a title, or of an address."""
_LONGEST_QUERY = 400
_MOST_WORDS = 50
"""Of a question to Brave, which refuses longer ones."""
_OK = 200
_TOO_MANY = 429
_ADDRESSES = {
    "brave": "https://api.search.brave.com/res/v1/web/search",
    "perplexity": "https://api.perplexity.ai/search",
}
_EMPHASIS = re.compile(r"</?(?:strong|b|em)>", re.IGNORECASE)


class _Search(Arguments):
    query: str = Field(min_length=1, max_length=_LONGEST_QUERY, pattern=r"\S", description="What to search for")
    limit: int = Field(5, ge=1, le=10)


@tool(_Search, doing="Searching the web")
def search_web_tool(scope: Scope, asked: _Search, key: str) -> Output:
    """Search the web for current or public information. Never put anything private about the user into the query."""
    del key
    query = str(told_outside({"query": asked.query})["query"])
    found = _results(_ask(query, asked.limit, within_s=min(_WITHIN_S, scope.deadline.remaining)))[: asked.limit]
    return Output("\n".join(_told(each, longest=LONGEST_TEXTS // len(found)) for each in found) or NONE_FOUND)


def _ask(query: str, limit: int, *, within_s: float) -> bytes:
    """What the service answers with; who is busy is asked again."""
    service, left = settings().web_search, TimeLimit(within_s)
    try:
        return persist(lambda: _ask_once(query, limit, left), provider=service, limit=left)
    except ProviderError as error:
        get_logger().warning("web_search_failed", service=service, reason=str(error))
        raise OutsideError("The web search does not work now") from error


def _ask_once(query: str, limit: int, left: TimeLimit) -> bytes:
    import httpx

    service = settings().web_search
    if not left.remaining:
        raise late(left, provider=service)
    body = bytearray()
    try:
        with (
            httpx.Client(verify=trusted_here(), timeout=left.remaining) as client,
            client.stream(**_request(query, limit)) as answer,
        ):
            if answer.status_code != _OK:
                raise _failure(answer.status_code, answer.headers, provider=service)
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _LARGEST:
                    raise OutsideError("The web search answers too much")
                if not left.remaining:
                    raise late(left, provider=service)
    except httpx.TimeoutException:
        raise late(left, provider=service) from None
    except httpx.HTTPError as error:
        raise TransientError(type(error).__name__) from None
    return bytes(body)


def _request(query: str, limit: int) -> dict[str, Any]:
    """The protocol is one of two."""
    known = settings()
    secret = known.web_search_api_key
    key = secret.get_secret_value() if secret is not None else ""
    url, accept = known.web_search_url or _ADDRESSES[known.web_search], {"Accept": "application/json"}
    if known.web_search == "brave":
        # https://api-dashboard.search.brave.com/app/documentation/web-search
        words = " ".join(query.split()[:_MOST_WORDS])[:_LONGEST_QUERY]
        params = {"q": words, "count": str(limit), "text_decorations": "false"}
        return {"method": "GET", "url": url, "params": params, "headers": accept | {"X-Subscription-Token": key}}
    # https://docs.perplexity.ai/api-reference/search-post
    asked = {"query": query, "max_results": limit}
    return {"method": "POST", "url": url, "json": asked, "headers": accept | {"Authorization": f"Bearer {key}"}}


def _failure(status: int, headers: Mapping[str, str], *, provider: str) -> Exception:
    pause_s = headers.get("retry-after")
    if status == _TOO_MANY and seconds_of(pause_s) is None:
        # Brave's smallest plans take one question a second, and a model asks several at once.
        return TransientError(f"status {status}", random.uniform(1.0, 2.0))  # noqa: S311 - jitter
    return failure(status, provider=provider, retry_after=pause_s)


def _results(body: bytes) -> list[dict[str, Any]]:
    """The results, in either form."""
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OutsideError("The web search answers nonsense") from error
    if not isinstance(answer, dict):
        return []
    if answer.get("error"):
        raise OutsideError("The web search does not work now")
    holder = answer if "results" in answer else answer.get("web")
    listed = holder.get("results") if isinstance(holder, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _told(result: Mapping[str, Any], *, longest: int) -> str:
    """A result as the model reads it: no line of its text looks like the beginning of another one."""
    text = str(result.get("snippet") or "") or _plain(str(result.get("description") or ""))
    title = _plain(_line(result.get("title")))
    when = _line(result.get("date") or result.get("age"))
    lines = [f"{title} ({when})" if when else title, _line(result.get("url")), *text[:longest].splitlines()]
    return "- " + "\n  ".join(line.strip() for line in lines if line.strip())


def _plain(text: str) -> str:
    return unescape(_EMPHASIS.sub("", text))


def _line(value: Any) -> str:
    return " ".join(str(value or "").split())[:_LONGEST_LINE]
