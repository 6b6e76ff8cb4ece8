"""What the platform would send a function, about something that does not exist."""

import json

import httpx
from google.pubsub_v1 import PubsubMessage

from common.core import clock
from common.database.clients import firestore_client
from local.environment import BUCKETS, PROJECT, REGION
from local.events import document_event, message_event, object_event
from local.manifest import Function
from tests.support.stores import Stores

SUBJECT = {"uid": "nobody", "conversation_id": "nothing", "run": 1, "discarded": False}


def trigger(name: str, function: Function, address: str, stores: Stores) -> httpx.Response:
    """Let the function at `address` have what its trigger brings; its answer."""
    described = function.trigger
    if described.http is not None:
        health = "/healthz" if function.kind == "server" else "/v1/health"
        return httpx.get(f"{address}{health}", timeout=60, trust_env=False)
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
