"""What whoever runs this tells the users of the app: what is new, how a feature works, or anything else."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from common.models.base import Document, Moment

Line = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(max_length=5000)]
Address = Annotated[str, Field(max_length=2048)]
Version = Annotated[str, Field(min_length=1, max_length=50, examples=["1.0.510+520"])]
Names = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=50)]


class AnnouncementType(StrEnum):
    """What kind of announcement, which says what its content is."""

    CHANGELOG = "changelog"
    FEATURE = "feature"
    ANNOUNCEMENT = "announcement"


class Trigger(StrEnum):
    """When an app shows it: at every start, after its own update, or after one of the device."""

    IMMEDIATE = "immediate"
    VERSION_UPGRADE = "version_upgrade"
    FIRMWARE_UPGRADE = "firmware_upgrade"


class Targeting(Document):
    """Who is told; what is null, or empty, excludes nobody. Versions are included."""

    app_version_min: Version | None = None
    app_version_max: Version | None = None
    firmware_version_min: Version | None = None
    firmware_version_max: Version | None = None
    device_models: Names | None = None
    platforms: Names | None = None
    trigger: Trigger = Trigger.VERSION_UPGRADE


class Display(Document):
    """When, and before which others."""

    priority: int = Field(0, ge=-1000, le=1000)
    start_at: Moment | None = None
    expires_at: Moment | None = None
    dismissible: bool = True
    show_once: bool = True
    """Whether it is over once the user has dismissed it."""


class Change(Document):
    """A thing that is new."""

    title: Line
    description: Text
    icon: Line | None = None


class ChangelogContent(Document):
    """What is new in a version."""

    title: Line
    changes: list[Change] = Field(max_length=50)


class Step(Document):
    """One thing about a feature."""

    title: Line
    description: Text
    image_url: Address | None = None
    video_url: Address | None = None
    highlight_text: Line | None = None


class FeatureContent(Document):
    """How a feature works."""

    title: Line
    steps: list[Step] = Field(max_length=50)


class CallToAction(Document):
    """A button, and the address it opens."""

    text: Line
    action: Address


class MessageContent(Document):
    """Anything else."""

    title: Line
    body: Text
    image_url: Address | None = None
    cta: CallToAction | None = None


class AnnouncementFields(Document):
    """All of it that is written by hand."""

    type: AnnouncementType
    active: bool = True
    app_version: Version | None = None
    """Of which a changelog tells."""
    firmware_version: Version | None = None
    device_models: Names = Field(default_factory=list)
    expires_at: Moment | None = None
    targeting: Targeting = Field(default_factory=Targeting)
    display: Display = Field(default_factory=Display)
    content: ChangelogContent | FeatureContent | MessageContent


class Announcement(AnnouncementFields):
    """The same, as it is stored and shown."""

    id: str
    created_at: Moment


class Dismissal(Document):
    """That a user wants to see an announcement no more; the id is the announcement's."""

    id: str
    dismissed_at: Moment
    cta_clicked: bool = False
