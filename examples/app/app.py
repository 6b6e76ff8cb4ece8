"""A small app for Earshot, on the standard library alone: `python examples/app/app.py --secret whsec_…`.

It is told of finished conversations and of live words, verifies that it is told by Earshot, answers with messages and a
wish for a notification, and offers a tool to the chat. README.md beside it says how to turn it on.
"""

import argparse
import base64
import hashlib
import hmac
import json
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

OLDEST_S = 300
"""Seconds after which a signature is not taken any more: somebody may have recorded it."""
LARGEST = 20 * 1024 * 1024
_REMEMBERED = 10_000
MANIFEST = {
    "tools": [
        {
            "name": "count_words",
            "description": "Counts the words of a text.",
            "endpoint": "/tools/count_words",
            "method": "POST",
            "parameters": {
                "type": "object",
                "properties": {"text": {"type": "string", "description": "What is counted"}},
                "required": ["text"],
            },
            "auth_required": False,
            "status_message": "Counting",
        }
    ],
    "chat_messages": {"enabled": True, "target": "app", "notify": True},
}


def is_genuine(headers: dict[str, str], body: bytes, secrets: list[str], *, now: float) -> bool:
    """Whether this comes from whoever knows one of the secrets, by https://www.standardwebhooks.com.

    Args:
        headers: of the request, their names in lower case.
        body: exactly as it came.
        secrets: each `whsec_…`; more than one while one changes to the next.
        now: seconds since 1970.
    """
    message_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not at.isdecimal() or abs(now - int(at)) > OLDEST_S:
        return False
    given = [each.removeprefix("v1,") for each in headers.get("webhook-signature", "").split(" ")]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.digest(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256)).decode()
        if any(hmac.compare_digest(expected, each) for each in given):
            return True
    return False


def about_conversation(conversation: dict[str, Any]) -> dict[str, Any]:
    """`memory_creation`: a finished conversation. Whatever is answered as `message` is shown in the app's chat."""
    structured = conversation["structured"]
    tasks = len(structured["action_items"])
    return {"message": f"“{structured['title']}” is done: {tasks} thing(s) to do."}


def about_words(told: dict[str, Any]) -> dict[str, Any]:
    """`transcript_processed`: what is being said. A message interrupts the user; a notification is left to a model."""
    text = " ".join(segment["text"] for segment in told["segments"]).lower()
    if "how much is it" in text:
        return {"message": "Ask for the price in writing."}
    if "remember" in text:
        prompt = f"{{{{user_name}}}} wants to remember something. Say in one sentence what it is:\n{text}"
        return {"notification": {"prompt": prompt, "params": ["user_name"]}}
    return {}


class App(BaseHTTPRequestHandler):
    """One request; `secrets`, and what was answered by `webhook-id`, are the server's."""

    secrets: list[str]
    answered: OrderedDict[str, dict[str, Any]]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The manifest, and whether the user has set everything up."""
        place = urlsplit(self.path)
        if place.path == "/.well-known/omi-tools.json":
            self._answer(200, MANIFEST)
        elif place.path == "/setup":
            self._answer(200, {"is_setup_completed": "uid" in parse_qs(place.query)})
        else:
            self._answer(404, {"error": "no such thing"})

    def do_POST(self) -> None:
        """A webhook, or a call of the tool."""
        length = int(self.headers.get("content-length") or 0)
        if length > LARGEST:
            self.close_connection = True
            self._answer(413, {"error": "too much"})
            return
        body = self.rfile.read(length)
        place = urlsplit(self.path).path
        if place == "/tools/count_words":
            self._answer(200, {"result": f"{len(json.loads(body)['text'].split())} words"})
        elif place in {"/conversation", "/words"}:
            self._take_webhook(body, about_conversation if place == "/conversation" else about_words)
        else:
            self._answer(404, {"error": "no such thing"})

    def _take_webhook(self, body: bytes, understand: Any) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not is_genuine(headers, body, self.secrets, now=time.time()):
            self._answer(401, {"error": "not signed by Earshot"})
            return
        message_id = headers["webhook-id"]
        if message_id not in self.answered:
            self.answered[message_id] = understand(json.loads(body))
        # Told once more, because the answer was lost, it is nothing new, and the answer is the same.
        self._answer(200, self.answered[message_id])
        while len(self.answered) > _REMEMBERED:
            self.answered.popitem(last=False)

    def _answer(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(port: int, secrets: list[str]) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 that is not running yet; port 0 for any."""
    kind = type("Serving", (App,), {"secrets": secrets, "answered": OrderedDict()})
    return ThreadingHTTPServer(("127.0.0.1", port), kind)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--secret", action="append", default=[], help="signs what the app is told; may be repeated")
    given = parser.parse_args()
    with serve(given.port, given.secret) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - a program's own output
        server.serve_forever()


if __name__ == "__main__":
    main()
