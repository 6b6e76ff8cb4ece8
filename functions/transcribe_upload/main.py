"""GCS object finalized in `uploads` -> a conversation, its audio in spans to be transcribed."""

from common.conversations.upload import STEP, reject_upload, transcribe_upload
from common.database.uploads import owner
from common.entry.triggers import on_object_finalized
from common.models.upload import Upload


@on_object_finalized(step=STEP, owner=owner, give_up=reject_upload)
def main(upload: Upload) -> str:
    """Make the recording a conversation."""
    return transcribe_upload(upload)
