"""A finished upload, as Cloud Storage announces it."""

from pydantic import ConfigDict, Field

from common.core.ids import derived_id
from common.models.base import Moment, Shape


class Upload(Shape):
    """The object of a `google.cloud.storage.object.v1.finalized` event; other people's fields are ignored."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    bucket: str
    name: str
    generation: int
    size: int = 0
    content_type: str | None = Field(None, alias="contentType")
    time_created: Moment | None = Field(None, alias="timeCreated")
    metadata: dict[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """Names this generation of this object; safe as a document id."""
        return derived_id("upload", self.bucket, self.name, self.generation)
