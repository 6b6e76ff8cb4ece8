"""Files of the chat."""

from typing import Annotated

from fastapi import File, UploadFile

from common.chat.files import MOST, NewFile, keep_files
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.chat import FileChat

router = Router(prefix="/v2/files", tags=["chat"], responses=responses(401, 415))


@router.post("")
def keep(user: User, files: Annotated[list[UploadFile], File(min_length=1, max_length=MOST)]) -> list[FileChat]:
    """Keep files, to be sent with a message afterwards."""
    sent = [NewFile(file.filename or "", file.content_type or "", file.file.read()) for file in files]
    return keep_files(sent, uid=user)
