"""A conversation that is done goes through the running cloud to a real app, which has something to say about it."""

import json
import threading
from typing import Any

import pytest

from examples.app import app as example
from tests.support.cloud import RunningCloud
from tests.support.waiting import eventually

pytestmark = pytest.mark.long

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SAID = [
    "We should renew the contract with the landlord before Friday.",
    "I will call the landlord tomorrow and send the signed contract back.",
    "Fine, then the budget for the flat stays at nine hundred a month.",
]


def test_an_app_summarises_it_is_told_of_it_and_answers_and_works_on_it_again_where_the_user_wants_that(
    cloud: RunningCloud,
) -> None:
    secrets: list[str] = []
    with example.serve(0, secrets) as server, cloud.client("app-user") as api:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            base = f"http://127.0.0.1:{server.server_port}"
            draft = {
                "name": "Example",
                "description": "Tells when a conversation is done",
                "category": "other",
                "private": True,
                "capabilities": ["external_integration", "memories", "chat"],
                "memory_prompt": "What was said about the landlord?",
                "external_integration": {
                    "triggers_on": "memory_creation",
                    "webhook_url": f"{base}/conversation",
                    "setup_completed_url": f"{base}/setup",
                    "chat_tools_manifest_url": f"{base}/.well-known/omi-tools.json",
                },
            }
            files = {"file": ("logo.png", PNG, "image/png")}
            made = api.post("/v1/apps", data={"app_data": json.dumps(draft)}, files=files)
            assert made.status_code == 200, made.text
            app_id = made.json()["app_id"]
            secrets.append(api.get(f"/v1/apps/{app_id}/webhook/secret").json()["secret"])
            assert api.post(f"/v1/apps/{app_id}/refresh-manifest").json()["tools_count"] == 1
            assert api.post("/v1/apps/enable", params={"app_id": app_id}).status_code == 200

            conversation_id = _spoken(api)
            result = eventually(lambda: _results(api, conversation_id), within_s=60, what="a result")
            assert (result["app_id"], "landlord" in result["content"]) == (app_id, True)
            message = eventually(lambda: _messages(api, app_id), within_s=60, what="a message")[0]
            assert message["memories_id"] == [conversation_id]
            assert "is done" in message["text"]

            assert api.post(f"/v1/apps/{app_id}/run").json()["conversations"] == 1
            assert len(_messages(api, app_id)) == 1
        finally:
            server.shutdown()
            thread.join()


def _spoken(api: Any) -> str:
    key = api.post("/v1/dev/keys", json={"name": "test", "scopes": ["conversations:write"]}).json()["key"]
    segments = [
        {"text": text, "speaker": f"SPEAKER_0{number % 2}", "start": number * 5, "end": number * 5 + 4}
        for number, text in enumerate(SAID)
    ]
    body = {"transcript_segments": segments, "source": "phone"}
    made = api.post("/v1/dev/user/conversations/from-segments", json=body, headers={"Authorization": f"Bearer {key}"})
    assert made.status_code == 200, made.text
    conversation_id: str = made.json()["id"]
    return conversation_id


def _results(api: Any, conversation_id: str) -> dict[str, Any] | None:
    found = api.get(f"/v1/conversations/{conversation_id}").json().get("apps_results") or [None]
    result: dict[str, Any] | None = found[0]
    return result


def _messages(api: Any, app_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/v2/messages", params={"app_id": app_id}).json()
    return [message for message in found if message["from_external_integration"]]
