"""Pictures in forms, and how often a form is acted upon."""

import hashlib
from typing import Annotated

from fastapi import File, UploadFile
from pydantic import BaseModel

from common.apps.images import LARGEST_IMAGE
from common.core.ids import digest
from common.database import apps
from common.entry.api.once import Once

Picture = Annotated[UploadFile, File(description="PNG, JPEG, GIF or WebP, 5 MB at most")]
PictureOrNone = Annotated[UploadFile | None, File(description="PNG, JPEG, GIF or WebP, 5 MB at most")]


def read_picture(file: UploadFile) -> bytes:
    """The bytes of a picture, one more than is taken at most."""
    return file.file.read(LARGEST_IMAGE + 1)


def app_id_for(once: Once) -> str:
    """The id of the app that a request makes."""
    return apps.app_id_of(once.id) if once.named is not None else apps.new_app_id()


def once_per_form(key: str | None, *, route: str, said: BaseModel, picture: bytes) -> Once:
    """What `OncePerKey` is for bodies of JSON: a form has been read, boundary and all, before a dependency sees it."""
    return Once(key=key, route=route, asked=digest(said.model_dump_json(), hashlib.sha256(picture).hexdigest()))
