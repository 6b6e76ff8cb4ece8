"""What the platform would send a function, about something that does not exist."""

import json
from typing import Any

import httpx
from google.pubsub_v1 import PubsubMessage

from common.core import clock
from common.database.clients import firestore_client
from local.environment import BUCKETS, PROJECT, REGION
from local.events import document_event, message_event, object_event
from local.manifest import Function
from tests.support.stores import Stores

_ASKED = {"api": "v1/conversations?limit=20", "chat": "v2/messages"}
"""What the app asks a service first."""
SUBJECT: dict[str, Any] = {"uid": "nobody", "conversation_id": "nothing", "run": 1, "discarded": False}


def trigger(name: str, function: Function, address: str, stores: Stores) -> httpx.Response:
    """Let the function at `address` have what its trigger brings; its answer."""
    described = function.trigger
    if described.http is not None:
        path = "/healthz" if function.kind == "server" else f"/{_ASKED[name]}"
        signed_in = {"Authorization": f"Bearer {stores.identity.id_token(SUBJECT['uid'])}"}
        return httpx.get(f"{address}{path}", headers=signed_in, timeout=60, trust_env=False)
    headers, body = {"Content-Type": "application/json"}, json.dumps(SUBJECT).encode()
    if described.firestore is not None:
        parts = [part if "{" not in part else "nothing" for part in described.firestore.document.split("/")]
        document = firestore_client().document("/".join(parts))
        document.set({"id": "nothing"})
        headers, body = document_event(stores.changes[-1], event=described.firestore.event, region=REGION)
        document.delete()
    elif described.storage is not None:
        found = {"bucket": BUCKETS[described.storage.bucket], "name": "nobody/nothing", "size": "0"}
        headers, body = object_event(found | {"timeCreated": clock.now().isoformat()})
    elif described.pubsub is not None:
        message = PubsubMessage(data=body, message_id="1", publish_time=clock.now())
        topic = f"projects/{PROJECT}/topics/{described.pubsub.topic}"
        headers, body = message_event(topic, PubsubMessage.pb(message), function=name)
    return httpx.post(address, headers=headers, content=body, timeout=60, trust_env=False)
