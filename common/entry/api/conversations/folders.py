"""`/v1/folders`, and the same for programs under `/v1/dev/user/folders` (CONTRACT sections 3.2 and 4.2)."""

from typing import Annotated, Any, Literal, Self

from fastapi import Query, Response
from pydantic import BaseModel, Field, model_validator

from common.conversations import folders
from common.entry.api.identity import Developer, User
from common.entry.api.once import OncePerKey
from common.entry.api.routing import Router
from common.entry.api.schemas import Ok, Success, responses
from common.models.api_key import Scope
from common.models.base import Shape
from common.models.conversation import ConversationView
from common.models.folder import COLOR, ICON, FolderView

router = Router(prefix="/v1/folders", tags=["folders"], responses=responses(401))
filing = Router(prefix="/v1/conversations", tags=["folders"], responses=responses(401, 402, 404))
developer = Router(prefix="/v1/dev/user/folders", tags=["developer"], responses=responses(401, 403, 429))

Reader = Annotated[str, Developer(Scope.READ_CONVERSATIONS)]
Writer = Annotated[str, Developer(Scope.WRITE_CONVERSATIONS)]

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S", examples=["Flat hunting"])]
Description = Annotated[str, Field(max_length=500, examples=["Viewings, landlords, moving"])]
Color = Annotated[str, Field(pattern="^#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?$", examples=[COLOR])]
Icon = Annotated[str, Field(min_length=1, max_length=100, examples=[ICON])]
Id = Annotated[str, Field(min_length=1, max_length=1500)]
MoveTo = Annotated[str | None, Query(max_length=1500, description="The folder its conversations go to; else to none")]


class CreateRequest(BaseModel):
    """A new folder; the description tells a program what belongs into it."""

    name: Name
    description: Description | None = None
    color: Color = COLOR
    icon: Icon = ICON


class ChangeRequest(Shape):
    """What shall be different about a folder."""

    name: Name | None = None
    description: Description | None = None
    color: Color | None = None
    icon: Icon | None = None
    order: int | None = Field(None, ge=0, le=10_000, strict=True)

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were sent; null is as good as nothing, except that it removes a description."""
        sent = self.model_dump(exclude_unset=True)
        return {name: value for name, value in sent.items() if value is not None or name == "description"}


class FileRequest(Shape):
    """Where a conversation belongs; null: into no folder."""

    folder_id: Id | None = None


class BulkRequest(BaseModel):
    """Conversations to be filed together."""

    conversation_ids: list[Id] = Field(max_length=100, examples=[["3f2a"]])


class Moved(Shape):
    """How many were filed."""

    status: Literal["Ok"] = "Ok"
    moved_count: int


class Filed(Shape):
    """The conversation where it is now."""

    status: Literal["Ok"] = "Ok"
    conversation: ConversationView


class ReorderRequest(BaseModel):
    """Folders in the order in which they shall stand first."""

    folder_ids: list[Id] = Field(
        min_length=1, max_length=100, examples=[["3f2a"]], json_schema_extra={"uniqueItems": True}
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.folder_ids)) < len(self.folder_ids):
            raise ValueError("folder_ids must be different from one another")
        return self


@router.get("")
def list_all(user: User) -> list[FolderView]:
    """Every folder with its number of conversations, in the user's order."""
    return folders.list_folders(uid=user)


@router.post("", responses=responses(409))
def create(user: User, body: CreateRequest, once: OncePerKey) -> FolderView:
    """Make a folder; there may be 50 of them besides those that every user has."""
    return once(FolderView, lambda: folders.create_folder(uid=user, folder_id=once.id, **body.model_dump()), uid=user)


@router.post("/reorder", responses=responses(404))
def reorder(user: User, body: ReorderRequest) -> Ok:
    """Show these folders first, in this order."""
    folders.reorder_folders(uid=user, folder_ids=body.folder_ids)
    return Ok()


@router.patch("/{folder_id}", responses=responses(404))
def change(user: User, folder_id: str, body: ChangeRequest | None = None) -> FolderView:
    """Name it, describe it or show it differently."""
    return folders.change_folder(uid=user, folder_id=folder_id, changes=body.changes if body else {})


@router.delete("/{folder_id}", status_code=204, response_class=Response, responses=responses(400, 403, 404))
def delete(user: User, folder_id: str, move_to_folder_id: MoveTo = None) -> None:
    """Delete a folder of the user's own, but none of its conversations."""
    folders.delete_folder(uid=user, folder_id=folder_id, move_to=move_to_folder_id)


@router.get("/{folder_id}/conversations", responses=responses(404))
def list_conversations(
    user: User,
    folder_id: str,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    *,
    include_discarded: bool = False,
) -> list[ConversationView]:
    """What is in a folder, newest first, without photos."""
    page: list[ConversationView] = [
        *folders.list_filed(
            uid=user, folder_id=folder_id, limit=limit, offset=offset, include_discarded=include_discarded
        )
    ]
    return page


@router.post("/{folder_id}/conversations/bulk-move", responses=responses(404))
def bulk_move(user: User, folder_id: str, body: BulkRequest) -> Moved:
    """File several conversations at once; those that are not there or locked are passed over."""
    count = folders.file_conversations(uid=user, conversation_ids=body.conversation_ids, folder_id=folder_id)
    return Moved(moved_count=count)


@filing.patch("/{conversation_id}/folder")
def file(user: User, conversation_id: str, body: FileRequest | None = None) -> Filed:
    """Put a conversation into a folder, or into none."""
    folder_id = body.folder_id if body else None
    conversation = folders.file_conversation(uid=user, conversation_id=conversation_id, folder_id=folder_id)
    return Filed(conversation=conversation)


@developer.get("")
def list_for_program(user: Reader) -> list[FolderView]:
    """Every folder with its number of conversations, in the user's order."""
    return folders.list_folders(uid=user)


@developer.post("", responses=responses(409))
def create_for_program(user: Writer, body: CreateRequest, once: OncePerKey) -> FolderView:
    """Make a folder; there may be 50 of them besides those that every user has."""
    return once(FolderView, lambda: folders.create_folder(uid=user, folder_id=once.id, **body.model_dump()), uid=user)


@developer.patch("/{folder_id}", responses=responses(404))
def change_for_program(user: Writer, folder_id: str, body: ChangeRequest | None = None) -> FolderView:
    """Name it, describe it or show it differently."""
    return folders.change_folder(uid=user, folder_id=folder_id, changes=body.changes if body else {})


@developer.delete("/{folder_id}", responses=responses(400, 404))
def delete_for_program(user: Writer, folder_id: str, move_to_folder_id: MoveTo = None) -> Success:
    """Delete a folder of the user's own, but none of its conversations."""
    folders.delete_folder(uid=user, folder_id=folder_id, move_to=move_to_folder_id)
    return Success()
