"""What leads Google's, Pinecone's and Redis' own clients to the local cloud: environment variables, nothing else."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from local.folder import DamagedError
from local.functions import function_url

PROJECT = "earshot-local"
REGION = "us-central1"
BUCKETS = {"audio": "earshot-audio", "media": "earshot-media", "uploads": "earshot-uploads"}
EMBEDDING_DIMENSION = 384
_GATEWAY = "EARSHOT_URL"
TASKS_IDENTITY = f"tasks@{PROJECT}.iam.gserviceaccount.com"


@dataclass(frozen=True)
class Ports:
    """Where the servers of a running cloud listen, all on 127.0.0.1."""

    firestore: int
    storage: int
    pubsub: int
    tasks: int
    vectors: int
    identity: int
    fcm: int


def variables(ports: Ports, *, models_url: str, redis_url: str, time_scale: float) -> dict[str, str]:
    """The variables; with these set, any Google client looks inside the local cloud."""
    return {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "REGION": REGION,
        "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{ports.firestore}",
        "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{ports.storage}",
        "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{ports.pubsub}",
        "PUBSUB_PROJECT_ID": PROJECT,
        "TASKS_ENDPOINT": f"127.0.0.1:{ports.tasks}",
        "TASKS_IDENTITY": TASKS_IDENTITY,
        "FINALIZE_CONVERSATION_URL": function_url("finalize_conversation"),
        "TRANSCRIBE_SPAN_URL": function_url("transcribe_span"),
        "MERGE_CONVERSATIONS_URL": function_url("merge_conversations"),
        "LEARN_VOICE_URL": function_url("learn_voice"),
        "FORGET_PERSON_URL": function_url("forget_person"),
        "INGEST_OFFLINE_URL": function_url("ingest_offline"),
        "DESCRIBE_PHOTO_URL": function_url("describe_photo"),
        "ADVANCE_POSTPROCESSING_URL": function_url("advance_postprocessing"),
        "DELETE_ACCOUNT_URL": function_url("delete_account"),
        "PROTECT_USER_URL": function_url("protect_user"),
        "DELIVER_WEBHOOK_URL": function_url("deliver_webhook"),
        "SUMMARIZE_DAY_URL": function_url("summarize_day"),
        "APPLY_APP_URL": function_url("apply_app"),
        "REFRESH_PERSONA_URL": function_url("refresh_persona"),
        "FINISH_ANSWER_URL": function_url("finish_answer"),
        "PINECONE_HOST": f"http://127.0.0.1:{ports.vectors}/dense",
        "PINECONE_SPARSE_HOST": f"http://127.0.0.1:{ports.vectors}/sparse",
        "PINECONE_API_KEY": "local",
        "REDIS_URL": redis_url,
        "URL_SIGNING_KEY": "local",
        "DATA_KEY_SECRET": "local",
        "TOKEN_KEYS_URL": f"http://127.0.0.1:{ports.identity}/jwks",
        "FCM_URL": f"http://127.0.0.1:{ports.fcm}",
        "LOCAL_MODELS_URL": models_url,
        "EMBEDDING_DIMENSION": str(EMBEDDING_DIMENSION),
        "AUDIO_BUCKET": BUCKETS["audio"],
        "MEDIA_BUCKET": BUCKETS["media"],
        "OUTSIDE_MAY_BE_HERE": "true",
        "UPLOADS_BUCKET": BUCKETS["uploads"],
        "TIME_SCALE": str(time_scale),
        # As deployed (terraform/main.tf).
        "MALLOC_MMAP_THRESHOLD_": "1048576",
        # Here one instance makes all deliveries, sixteen at a time.
        "WEBHOOKS_AT_ONCE": os.environ.get("WEBHOOKS_AT_ONCE", "8"),
        # A proxy that the user's own environment names has no business here.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def redis_of_ones_own() -> str | None:
    """What the user's own environment says, where an empty one is none at all; None where it says nothing.

    In a shell that looked into a local cloud (`python -m local env`) it is that cloud's, and as gone as it is.
    """
    chosen = os.environ.get("REDIS_URL")
    return None if chosen and _GATEWAY in os.environ else chosen


def write(folder: Path, values: dict[str, str], *, gateway: str, operations: str) -> None:
    """Leave them in the data folder, for `python -m local env` and for tests; and where clients and measurers ask."""
    told = {**values, _GATEWAY: gateway, "OPERATIONS_URL": operations}
    unfinished = folder / "environment.new"
    unfinished.write_text(json.dumps(told, indent=2))
    unfinished.rename(folder / "environment.json")


def read(folder: Path) -> dict[str, str]:
    """What the cloud on this data folder wrote last.

    Raises:
        FileNotFoundError: none has ever run there.
        DamagedError: what it wrote cannot be read any more.
    """
    written = folder / "environment.json"
    try:
        values = json.loads(written.read_bytes())
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise DamagedError(f"{written} is damaged; the next start of the cloud writes it anew")
    return values
