"""Cloud Task -> the files that a user's devices have handed in late go where they belong."""

from common.conversations.offline.working import ingest_offline
from common.entry.triggers import on_timer
from common.models.events import IngestOffline


@on_timer(IngestOffline, step="ingest_offline")
def main(task: IngestOffline) -> None:
    """Work on them."""
    ingest_offline(task)
