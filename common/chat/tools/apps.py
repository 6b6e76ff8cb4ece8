"""Tools of the apps that a user has turned on (CONTRACT section 6.5): asked at their addresses, signed, bounded."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from common.apps.changing import sounds_like_a_change
from common.apps.disabling import app_watched
from common.apps.fetch import fetch
from common.apps.health import note_failure, note_success
from common.apps.secrets import current_secret, signing_secrets
from common.apps.signing import signed_headers
from common.chat.tools.base import Output, Scope, Tool
from common.core import clock
from common.core.errors import OutsideError
from common.core.ids import digest
from common.database import apps, installs, webhook_secrets
from common.llm.redacting.outside import is_redacted
from common.llm.redacting.redact import redact_json
from common.llm.talking import LONGEST_NAME, ToolDescription, takeable_name
from common.llm.unseen import seen
from common.models.app import App, ChatTool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 64
"""Tools of all apps together; models take 128 tools."""
WITHIN_S = 120.0
_LARGEST_SCHEMA = 16_000
_LONGEST_DESCRIPTION = 1000
_ANYTHING: dict[str, Any] = {"type": "object", "properties": {}}
_OURS = ("uid", "app_id", "tool_name")
_LOOKING = frozenset({"GET", "POST"})
"""By these an app may be asked something; the other methods are for changes."""
_REFERRED_TO = ("$defs", "definitions")
"""Where a schema has what its `$ref`s mean: models refuse all tools for one that leads nowhere."""
_UNAUTHORISED = frozenset({401, 403})
_FAILED_FROM = 300
"""Redirects, which nobody follows, are no answers either."""
MISCONFIGURED = "The app does not let us in. The user may have to set it up again."


def enabled_apps(*, uid: str) -> list[App]:
    """The apps that may be asked for this user: turned on, in order, and the user's to see."""
    found = apps.ALL.find_many(sorted(installs.enabled_ids(uid=uid)))
    return [app for app in found if app.usable_by(uid)]


def tools_of(found: Sequence[App]) -> list[Tool]:
    """The tools of apps, by names that no two share."""
    made: dict[str, Tool] = {}
    for app in found:
        for each in app.chat_tools:
            if not each.is_mcp and each.endpoint:
                made.setdefault(tool_name(app, each.name), _tool(app, each))
    return list(made.values())[:MOST]


def tool_name(app: App, name: str) -> str:
    """What a model calls an app's tool by; a name that it would not take ends in what stands for the whole one."""
    whole = f"{app.id}_{name}"
    taken = takeable_name(whole)
    if taken == whole:
        return whole
    return f"{taken[: LONGEST_NAME - 9]}_{digest(whole)[:8]}"


def parameters(schema: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The JSON schema of an app's tool, if it is that of an object of bearable size; what is ours is not asked for."""
    if not schema or schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        return _ANYTHING
    if not _is_bearable(schema):
        return _ANYTHING
    schema = json.loads(seen(json.dumps(schema, ensure_ascii=False)))
    properties = {name: each for name, each in schema["properties"].items() if name not in _OURS}
    given = schema.get("required")
    required = [name for name in given if name in properties] if isinstance(given, list) else []
    referred_to = {name: schema[name] for name in _REFERRED_TO if isinstance(schema.get(name), dict)}
    return {"type": "object", "properties": properties, **({"required": required} if required else {}), **referred_to}


def _is_bearable(schema: Mapping[str, Any]) -> bool:
    """Whether it is small, and JSON that can be told on: of finite numbers, whole characters, not endlessly nested."""
    try:
        return len(json.dumps(schema, ensure_ascii=False, allow_nan=False).encode()) <= _LARGEST_SCHEMA
    except (ValueError, RecursionError):
        return False


def told(app: App, description: str) -> str:
    """What a model reads about an app's tool: whose it is first, for its maker wrote the rest."""
    return f"Tool of the user's app {seen(app.name)[:100]!r}. {seen(description)[:_LONGEST_DESCRIPTION]}"


def told_outside(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as they may be told to an app: without what nobody else shall learn, where the settings say so."""
    known: dict[str, Any] = redact_json(dict(given)) if is_redacted("apps") else dict(given)
    return known


def _tool(app: App, each: ChatTool) -> Tool:
    described = ToolDescription(tool_name(app, each.name), told(app, each.description), parameters(each.parameters))
    run, doing = partial(_ask, app, each), each.status_message or f"Asking {app.name}"
    changes = each.changes or each.method.upper() not in _LOOKING or sounds_like_a_change(each.name)
    return Tool(described, run, doing, changes, ours=False)


def _ask(app: App, each: ChatTool, scope: Scope, given: Mapping[str, Any], key: str) -> Output:
    payload = {**told_outside(given), "uid": scope.uid, "app_id": app.id, "tool_name": each.name}
    method = each.method.upper()
    url, body = each.endpoint, json.dumps(payload, ensure_ascii=False).encode()
    if method == "GET":
        query = {name: value if isinstance(value, str) else json.dumps(value) for name, value in payload.items()}
        url, body = f"{url}{'&' if '?' in url else '?'}{urlencode(query)}", b""
    secrets = signing_secrets(current_secret(webhook_secrets.of_app(app.id)))
    headers = {
        "content-type": "application/json",
        "accept": "application/json, text/plain",
        **signed_headers(body, message_id=key, at=clock.now(), secrets=secrets),
    }
    try:
        status, answer = fetch(
            url,
            method=method,
            headers=headers,
            body=body or None,
            within_s=min(WITHIN_S, scope.deadline.remaining),
            encrypted=True,
        )
    except OutsideError:
        note_failure(app_watched(app), "no answer")
        raise
    if status in _UNAUTHORISED:
        note_failure(app_watched(app), f"status {status}")
        return Output(MISCONFIGURED)
    if status >= _FAILED_FROM:
        return Output(f"The app could not do that (status {status}). {_said(answer, 'error')}".strip())
    note_success(app_watched(app))
    return Output(_said(answer, "error", "result", "message") or "The app answered with nothing.")


def _said(answer: bytes, *names: str) -> str:
    """What an app answers with under the first of `names` that it has, or as plain text."""
    text = answer.decode(errors="replace")
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(decoded, dict):
        for name in names:
            if decoded.get(name):
                value = decoded[name]
                said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                return f"Error: {said}" if name == "error" else said
    return decoded if isinstance(decoded, str) else text
