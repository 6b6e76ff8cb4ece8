"""What understanding an hour of conversation costs: calls and tokens, as the product meters them.

`python -m bench.costs [--short N] [--figures FILE]`: hands labelled dialogues to a local cloud whose language model is
a server that counts what it is asked, and reads afterwards what the cloud says each user has used. Short conversations
(a minute or so) and long ones (an hour) apart, because what is asked once per conversation is dear for short ones.
Tokens in are those of the real prompts at four bytes each; tokens out are of answers without content, so their number
is a lower bound. What the server has counted and what the cloud has metered must be the same.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx

from common.core.metering import estimate
from common.llm.ports import Turn
from tests.support.answering import Quiet, answering
from tests.support.cloud import RunningCloud
from tests.support.dialogues import labelled_dialogues
from tests.support.waiting import eventually

_SETTLED_S = 12.0
_PATIENCE_S = 600.0
_MOST_SEGMENTS = 480


@dataclass
class Counted:
    """What the server was asked: calls and tokens in, by what was asked for."""

    calls: Counter[str] = field(default_factory=Counter)
    tokens_in: Counter[str] = field(default_factory=Counter)
    tokens_out: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, purpose: str, tokens_in: int, tokens_out: int) -> None:
        """One more call."""
        with self.lock:
            self.calls[purpose] += 1
            self.tokens_in[purpose] += tokens_in
            self.tokens_out[purpose] += tokens_out

    def reset(self) -> None:
        """Begin anew."""
        with self.lock:
            for counter in (self.calls, self.tokens_in, self.tokens_out):
                counter.clear()


@dataclass(frozen=True)
class Group:
    """Conversations of one kind, each its turns."""

    name: str
    conversations: Sequence[Sequence[Turn]]

    @property
    def hours(self) -> float:
        """Of talk, in all of them."""
        return sum(turns[-1].end - turns[0].start for turns in self.conversations) / 3600


def handler(counted: Counted) -> type[Quiet]:
    """Answers every question of the product in the form that is asked for, with as little as that allows."""

    class Counting(Quiet):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            form = (asked.get("response_format") or {}).get("json_schema") or {}
            said = json.dumps(least(form["schema"], form["schema"].get("$defs", {}))) if form else "Fine."
            used = {
                "prompt_tokens": estimate(json.dumps(asked["messages"], ensure_ascii=False)),
                "completion_tokens": estimate(said),
            }
            counted.add(form.get("name", "(free text)"), used["prompt_tokens"], used["completion_tokens"])
            if asked.get("stream"):
                _stream(self, said, used)
                return
            message = {"role": "assistant", "content": said}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            _send(self, json.dumps({"choices": [choice], "usage": used}).encode(), "application/json")

        do_POST = _answer  # noqa: N815 - the base class's name

    return Counting


def least(schema: dict[str, Any], named: dict[str, Any]) -> Any:
    """The least that fits a schema; `named` are those that it refers to."""
    if "$ref" in schema:
        schema = named[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        choices = schema["anyOf"]
        schema = {"const": None} if {"type": "null"} in choices else choices[0]
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    plain = {"string": "x", "integer": schema.get("minimum", 1), "number": 0.9, "boolean": True}
    if schema.get("type") == "object":
        return {name: least(each, named) for name, each in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [least(schema["items"], named) for _ in range(schema.get("minItems", 0))]
    return plain[schema["type"]]


def _stream(request: BaseHTTPRequestHandler, said: str, used: dict[str, int]) -> None:
    events: list[Any] = [
        {"choices": [{"index": 0, "delta": {"content": said}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": used},
    ]
    lines = [*(json.dumps(event) for event in events), "[DONE]"]
    _send(request, "".join(f"data: {line}\n\n" for line in lines).encode(), "text/event-stream")


def _send(request: BaseHTTPRequestHandler, body: bytes, content_type: str) -> None:
    request.send_response(200)
    request.send_header("Content-Type", content_type)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def groups(short: int) -> list[Group]:
    """English dialogues of the half that may be looked at: `short` ones, and the longest in pieces of about an hour."""
    dialogues = [each for each in labelled_dialogues() if each.half == "dev" and each.language == "en"]
    by_length = sorted((each.dialogue.turns for each in dialogues), key=len)
    long = by_length[-1]
    pieces = [long[at : at + _MOST_SEGMENTS] for at in range(0, len(long), _MOST_SEGMENTS)]
    return [Group("short", [turns for turns in by_length[:-1] if turns][-short:]), Group("long", pieces)]


def hand_over(cloud: RunningCloud, group: Group, *, uid: str) -> int:
    """Give the cloud every conversation of a group; how many it keeps."""
    with cloud.client(uid) as app:
        key = app.post("/v1/dev/keys", json={"name": "costs", "scopes": ["conversations:write"]}).json()["key"]
    kept = 0
    with httpx.Client(base_url=cloud.url, headers={"Authorization": f"Bearer {key}"}, timeout=120.0) as program:
        for number, turns in enumerate(group.conversations):
            began = turns[0].start
            segments = [
                {
                    "text": turn.text,
                    "speaker": "SPEAKER_00" if turn.is_user else f"SPEAKER_{1 + sum(map(ord, turn.speaker)) % 8:02d}",
                    "is_user": turn.is_user,
                    "start": turn.start - began,
                    "end": turn.end - began,
                }
                for turn in turns
            ]
            body = {"transcript_segments": segments, "client_session_id": f"{group.name}-{number}", "language": "en"}
            answer = program.post("/v1/dev/user/conversations/from-segments", json=body)
            answer.raise_for_status()
            kept += not answer.json()["discarded"]
    return kept


def settled(cloud: RunningCloud, *, uid: str, kept: int) -> list[dict[str, Any]]:
    """What a user has used, once everything that is kept can be found, and it does not grow any more."""
    eventually(
        lambda: len(cloud.inside.vector_ids("ns1", f"{uid}-")) >= kept, within_s=_PATIENCE_S, what="conversations found"
    )
    with cloud.client(uid) as app:
        before: Any = None
        since = began = time.monotonic()
        while time.monotonic() - since < _SETTLED_S:
            models = app.get("/v1/users/me/usage", params={"period": "today"}).json()["models"]
            if models != before:
                before, since = models, time.monotonic()
            if time.monotonic() - began > _PATIENCE_S:
                raise RuntimeError("the cloud does not come to rest")
            time.sleep(1.0)
    found: list[dict[str, Any]] = before
    return found


def report(group: Group, used: list[dict[str, Any]], counted: Counted, *, kept: int) -> dict[str, Any]:
    """Print a group's figures per hour of conversation."""
    hours = group.hours
    print(f"\n{group.name}: {len(group.conversations)} conversations, {hours:.2f} h of talk, {kept} kept")
    print(f"  {'asked for':<26}{'calls/h':>10}{'tokens in/h':>14}{'tokens out/h':>14}")
    for purpose, calls in counted.calls.most_common():
        per_hour = [value / hours for value in (calls, counted.tokens_in[purpose], counted.tokens_out[purpose])]
        print(f"  {purpose:<26}{per_hour[0]:>10,.0f}{per_hour[1]:>14,.0f}{per_hour[2]:>14,.0f}")
    print("  metered")
    for line in used:
        per_hour = [line[each] / hours for each in ("calls", "tokens_in", "tokens_out", "tokens_estimated")]
        told = "{:,.0f} calls/h, {:,.0f} tokens in/h, {:,.0f} out/h, of these estimated {:,.0f}".format(*per_hour)
        print(f"  {line['kind']} {line['name']}: {told}")
    model = next((line for line in used if line["kind"] == "language_model"), {"tokens_in": 0, "tokens_out": 0})
    asked = (sum(counted.tokens_in.values()), sum(counted.tokens_out.values()))
    same = asked == (model["tokens_in"], model["tokens_out"])
    verdict = "the same" if same else "NOT THE SAME"
    print(f"  the model server has counted {asked[0]} tokens in and {asked[1]} out: {verdict}")
    return {"hours": hours, "kept": kept, "metered": used, "asked": dict(counted.calls), "same": same}


def measure(short: int) -> dict[str, Any]:
    """Print and return the figures of both groups; `short`: how many short conversations."""
    counted = Counted()
    figures: dict[str, Any] = {}
    with answering(handler(counted), released=threading.Event()) as url, tempfile.TemporaryDirectory() as folder:
        variables = {"LANGUAGE_MODEL": "openai", "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_MODEL": "counting"}
        cloud = RunningCloud(Path(folder) / "cloud", variables=variables).start()
        try:
            for group in groups(short):
                counted.reset()
                kept = hand_over(cloud, group, uid=f"costs-{group.name}")
                used = settled(cloud, uid=f"costs-{group.name}", kept=kept)
                figures[group.name] = report(group, used, counted, kept=kept)
        finally:
            cloud.kill()
    return figures


def main() -> None:
    """Measure both groups."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", type=int, default=12, help="how many short conversations")
    parser.add_argument("--figures", type=Path, help="a file for the figures")
    asked = parser.parse_args()
    figures = measure(asked.short)
    if asked.figures:
        asked.figures.write_text(json.dumps(figures, indent=2))
    if not all(each["same"] for each in figures.values()):
        raise SystemExit("what is metered is not what was asked")


if __name__ == "__main__":
    main()
