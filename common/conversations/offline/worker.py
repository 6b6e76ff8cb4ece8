"""The one worker of a user's files: how it is called, and whether there is one."""

from common.database import claims, tasks
from common.models.events import IngestOffline

STEP = "ingest_offline"
SUBJECT = "files"


def wake(*, uid: str) -> None:
    """Have a user's waiting files worked on."""
    tasks.enqueue_offline(IngestOffline(uid=uid))


def is_at_work(*, uid: str) -> bool:
    """Whether somebody works on this user's files right now."""
    return claims.is_leased(uid=uid, step=STEP, subject=SUBJECT, run=0)
