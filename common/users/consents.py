"""What a user agrees to, and takes back: kept recordings, kept audio, measured emotions."""

from enum import StrEnum

from common.core import deletions
from common.core.deletions import Deletion
from common.database import users


class Consent(StrEnum):
    """What it is, by the setting that holds it."""

    RECORDINGS = "store_recording_permission"
    AUDIO = "private_cloud_sync_enabled"
    EMOTIONS = "emotional_feedback"


def consent(to: Consent, *, given: bool, uid: str) -> None:
    """Keep that it is given, or not any more."""
    users.change(uid=uid, **{to.value: given})
    if not given:
        deletions.tell(Deletion.CONSENT, to.value, uid=uid)
