"""A user who has something everywhere."""

from io import BytesIO
from typing import Any

from common.apps.secrets import current_secret
from common.conversations.offline.receiving import Sent, receive
from common.database import (
    api_keys,
    apps,
    audio_blocks,
    claims,
    conversations,
    fcm_tokens,
    heard_voices,
    installs,
    mcp_authorizations,
    mcp_grants,
    media,
    people,
    photo_files,
    segment_batches,
    task_grants,
    token_shares,
    users,
    vectors,
    webhook_health,
    webhook_secrets,
)
from common.database.api_keys import KeyKind
from common.database.clients import firestore_client, pinecone_index, storage_client
from common.database.heard_voices import HeardVoice
from common.models.app import App
from common.models.fcm_token import FcmToken
from common.models.mcp import McpGrant, Tokens
from common.models.task_grant import TaskGrant
from common.models.voiceprint import Voiceprint
from common.models.webhook import WebhookHealth, WebhookKind
from local.environment import BUCKETS, EMBEDDING_DIMENSION
from tests.support.making import a_batch, a_block, a_conversation, a_segment, at

WORDS = "the flat near the station"


def own_something_everywhere(uid: str) -> str:
    """Fill every store for a user; returns a developer key of theirs."""
    users.change(uid=uid, name=f"Name of {uid}", language="en", speech_profile_at=at(0))
    person = people.get_or_create(uid=uid, name="Ann")
    _converse(uid)
    for name in ("memories", "action_items", "goals", "messages", "chat_sessions", "folders", "tombstones", "other"):
        below = users.reference(uid=uid).collection(name).document("d1")
        below.set({"id": "d1", "content": WORDS, "created_at": at(0)})
        below.collection("history").document("h1").set({"content": WORDS, "uid": uid})
    users.reference(uid=uid).collection("missing").document("parent").collection("deep").document("x").set({"a": 1})
    fcm_tokens.register(FcmToken(id="ios_1", token=f"secret push token of {uid}", created_at=at(0)), uid=uid)
    claims.acquire(uid=uid, step="s", subject="x", run=0, lease_seconds=60)
    firestore_client().document("analytics", f"rating-{uid}").set({"uid": uid, "value": 1})
    firestore_client().document("shared_conversations", f"c1-{uid}").set({"uid": uid})
    token_shares.create(uid=uid, sender_name=uid, action_item_ids=["d1"])
    _, key = api_keys.create(KeyKind.DEVELOPER, uid=uid, name="k")
    api_keys.create(KeyKind.MCP, uid=uid, name="k")
    _publish(uid)
    for path in ("speech_profile.wav", f"people_profiles/{person.id}/1.wav", "chat_files/f1/content"):
        media.put(f"{uid}/{path}", b"x", content_type="audio/wav")
    storage_client().bucket(BUCKETS["uploads"]).blob(f"{uid}/talk.ogg").upload_from_string(b"x")
    _index(uid)
    return key


def _converse(uid: str) -> None:
    segments = [a_segment(WORDS, 1, 5)]
    conversation = a_conversation(status="completed", transcript_segments=segments)
    conversations.create(conversation, uid=uid)
    live = a_conversation(id="c2", status="in_progress")
    conversations.create(live, uid=uid)
    segment_batches.put(a_batch(0, 10, *segments), uid=uid, conversation_id="c2")
    audio_blocks.put(a_block(0, 5), b"audio", uid=uid, conversation_id="c2")
    photos = conversations.reference(uid=uid, conversation_id="c1").collection("photos")
    photos.document("p1").set({"id": "p1", "base64": "aGk=", "created_at": at(0)})
    photo_files.put("p2", b"x", uid=uid, conversation_id="c2", content_type="image/jpeg")
    voice = HeardVoice(id="000000", number=0, voice=Voiceprint(model="m", values=[1.0]), seconds=5.0)
    heard_voices.of(uid=uid, conversation_id="c2").put(voice)
    receive([Sent("audio_omi_opus_16000_1_fs160_1772352000.bin", BytesIO(b"x"))], uid=uid)


def _publish(uid: str) -> None:
    app: dict[str, Any] = {"name": "A", "author": "A", "description": "d", "category": "other", "image": ""}
    apps.create(App.model_validate({"id": f"app-{uid}", "uid": uid, "capabilities": [], "approved": True, **app}))
    firestore_client().document("persona_usernames", f"handle-{uid}").set({"uid": uid, "app_id": "gone"})
    api_keys.create(KeyKind.APP, uid=uid, name="k", app_id=f"app-{uid}")
    mcp_authorizations.expect(f"state of {uid}", uid=uid, app_id=f"app-{uid}", within_s=900)
    task_grants.of(uid=uid).put(TaskGrant(id="todoist", access_token=f"task token of {uid}"))
    mcp_grants.of(uid=uid).put(McpGrant(id=f"app-{uid}", tokens=Tokens(access_token=f"token of {uid}")))
    media.put(f"apps/app-{uid}/logo.png", b"x", content_type="image/png")
    shared = apps.ALL.reference("everybodys")
    if not shared.get().exists:
        apps.create(App.model_validate({"id": "everybodys", "uid": "somebody", "capabilities": [], **app}))
    installs.enable(apps.get("everybodys"), uid=uid)
    for secrets, health in (
        (webhook_secrets.of_user(uid=uid), webhook_health.of_user(uid=uid, kind=WebhookKind.AUDIO)),
        (webhook_secrets.of_app(f"app-{uid}"), webhook_health.of_app(f"app-{uid}")),
    ):
        current_secret(secrets)
        health.put(WebhookHealth(id=webhook_health.CURRENT, failures=1))
    review = {"uid": uid, "app_id": "everybodys", "score": 4.0, "review": WORDS, "rated_at": at(0)}
    shared.collection("reviews").document(uid).set(review)
    known = shared.get().to_dict() or {}
    shared.update(
        {
            "rating_count": known.get("rating_count", 0) + 1,
            "rating_sum": (known.get("rating_sum") or 0.0) + 4.0,
            "rating_avg": 4.0,
            "reviews": [*(known.get("reviews") or []), {**review, "username": uid}],
        }
    )


def _index(uid: str) -> None:
    values = [1.0] + [0.0] * (EMBEDDING_DIMENSION - 1)
    passage = vectors.Passage(number=0, values=values, start=0, end=1, segment_ids=("s1",))
    vectors.put_conversation(values, uid=uid, conversation_id="c1", created_at=at(0), passages=[passage])
    for namespace in ("ns2", "ns4", "later"):
        stored = {"id": f"{uid}-d1", "values": values, "metadata": {"uid": uid, "memory_id": "d1"}}
        pinecone_index().upsert(vectors=[stored], namespace=namespace)
