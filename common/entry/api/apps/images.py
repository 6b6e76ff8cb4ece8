"""`/v1/app-images`: what apps look like, for everybody; and thumbnails for apps that are being made."""

from fastapi import Response

from common.apps.images import address, keep_image, read_image, thumbnails_folder
from common.entry.api.apps.uploads import Picture, read_picture
from common.entry.api.base_url import BaseUrl
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape

router = Router(tags=["apps"])


class Thumbnail(Shape):
    """A picture to name in an app's `thumbnails`."""

    thumbnail_url: str
    thumbnail_id: str


@router.post("/v1/app/thumbnails", responses=responses(400, 401))
def keep_thumbnail(
    user: User,
    base_url: BaseUrl,
    file: Picture,
) -> Thumbnail:
    """Keep a picture that shows an app at work."""
    folder = thumbnails_folder(user)
    name = keep_image(read_picture(file), folder=folder)
    return Thumbnail(thumbnail_url=address(name, folder=folder, base_url=base_url), thumbnail_id=name)


@router.get(
    "/v1/app-images/{folder}/{name}",
    response_class=Response,
    responses={
        **responses(404),
        200: {"description": "The picture", "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
def get(folder: str, name: str) -> Response:
    """A picture of an app; it never changes."""
    data, content_type = read_image(folder=folder, name=name)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(data, media_type=content_type, headers=headers)
