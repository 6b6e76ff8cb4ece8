"""A language model that understands what the chaos' users say, and on bad days nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from random import Random
from typing import Any

from tests.contract.llm.provider_server import ProviderServer, Reply, Request
from tests.support.chat_model import says, spoken

_BAD = 0.12
_TOPIC = re.compile(r"our topic is (\w+)")
_FACT = re.compile(r"I keep (\w+ \w+ \w+) beetles")
_TASK = re.compile(r"I must (\w+ the \w+ \w+ \w+) at home")
_LINE = re.compile(r"^(\d+)\*? [^:]+: (.*)$")
_TROUBLE: dict[str, Reply] = {
    "model 500": Reply(status=500),
    "model 429": Reply(status=429, headers={"Retry-After": "1"}),
    "model nonsense": Reply(answer="<html>Bad gateway</html>"),
    "model says nothing": Reply(answer=""),
    "model cut off": Reply(answer='{"title": "Half'),
    "model hangs up": Reply(hang_up=True),
    "model has another form": Reply(answer='{"title": 5, "facts": "none", "action_items": 7}'),
}


class ChaosModel(ProviderServer):
    """Answers in the form that is asked for, with what was said; while it is `bad`, every eighth time not."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.bad = False
        self.faults: Counter[str] = Counter()
        self._random = Random(seed)  # noqa: S311 - no secret

    def next_reply(self, request: Request) -> Reply:
        if self.bad and self._random.random() < _BAD:
            kind = self._random.choice(sorted(_TROUBLE))
            self.faults[kind] += 1
            return _TROUBLE[kind]
        if request.body.get("stream"):
            return spoken(says("Fine."), openai=True)
        form: dict[str, Any] = request.body["response_format"]["json_schema"]
        shown = "\n".join(str(each["content"]) for each in request.body["messages"] if each["role"] == "user")
        return Reply(answer=json.dumps(_answer(form["name"], shown, form["schema"])))


def _answer(name: str, shown: str, schema: dict[str, Any]) -> Any:
    if name == "StructureAnswer":
        topics = list(dict.fromkeys(_TOPIC.findall(shown)))
        tasks = [{"description": task.capitalize(), "due_at": None} for task in dict.fromkeys(_TASK.findall(shown))]
        about = " and ".join(topics[:3]) or "numbers"
        return {"title": f"Talk on {about}", "overview": f"It was about {about}.", "action_items": tasks, "events": []}
    if name == "MemoriesAnswer":
        lines = [found for line in shown.splitlines() if (found := _LINE.match(line))]
        facts = [
            {"content": f"User keeps {fact} beetles", "category": "preferences", "lines": [int(line[1])]}
            for line in lines
            for fact in _FACT.findall(line[2])
        ]
        return {"facts": facts, "insights": []}
    if name == "JudgementAnswer":
        return {"verdict": "keep", "reason": "task"}
    return _plain(schema, schema)


def _plain(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """Something of the form, which says as little as possible."""
    if "$ref" in schema:
        return _plain(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        nullable = any(each.get("type") == "null" for each in schema["anyOf"])
        return None if nullable else _plain(schema["anyOf"][0], root)
    if schema.get("type") == "object":
        return {name: _plain(each, root) for name, each in schema.get("properties", {}).items()}
    return {"array": [], "string": "Fine", "integer": 0, "number": 0.0, "boolean": False}.get(schema.get("type", ""))
