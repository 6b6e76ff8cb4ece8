"""What a user has set, in the document `users/{uid}`; every field has a default, for there may be no document."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from common.models.attachments import Geolocation
from common.models.base import Document, Moment
from common.models.voiceprint import Voiceprint


class TranscriptionPreferences(Document):
    """How speech is to be understood: in one language only, and with which unusual words."""

    single_language_mode: bool = False
    vocabulary: list[str] = Field(default_factory=list)


class TrainingOptIn(Document):
    """Whether recordings may be used for training, once somebody has agreed to it."""

    status: Literal["pending_review", "approved", "rejected"] = "pending_review"
    requested_at: Moment | None = None


class DeveloperWebhook(Document):
    """An address of the user's own that is told; for `audio_bytes` it is followed by a comma and seconds."""

    url: str = ""
    enabled: bool = False


class TaskApp(StrEnum):
    """A task list of the user's, outside."""

    APPLE_REMINDERS = "apple_reminders"
    TODOIST = "todoist"
    ASANA = "asana"
    GOOGLE_TASKS = "google_tasks"
    CLICKUP = "clickup"


PlaceName = Annotated[str, Field(max_length=500)]


class TaskPlace(Document):
    """Where in such a list new tasks are put, as the service and the app call it."""

    workspace_gid: PlaceName | None = None
    workspace_name: PlaceName | None = None
    project_gid: PlaceName | None = None
    project_name: PlaceName | None = None
    default_list_id: PlaceName | None = None
    default_list_title: PlaceName | None = None
    team_id: PlaceName | None = None
    team_name: PlaceName | None = None
    space_id: PlaceName | None = None
    space_name: PlaceName | None = None
    list_id: PlaceName | None = None
    list_name: PlaceName | None = None


class TaskIntegration(TaskPlace):
    """Whether such a list is connected, and since when."""

    connected: bool = False
    connected_at: Moment | None = None


class CreatorProfile(Document):
    """How somebody who publishes apps is presented."""

    creator_name: str = ""
    creator_email: str | None = None
    is_active: bool = True


class CapturedPlace(Geolocation):
    """Where the user was, and when."""

    captured_at: Moment


class UserSettings(Document):
    """The user's own document. What nobody has set is the default."""

    name: str = ""
    time_zone: str | None = None
    language: str | None = None
    store_recording_permission: bool = False
    private_cloud_sync_enabled: bool = False
    data_protection_level: str = "standard"
    transcription_preferences: TranscriptionPreferences = Field(default_factory=TranscriptionPreferences)
    training_data_opt_in: TrainingOptIn | None = None
    onboarding: dict[str, Any] = Field(default_factory=dict)
    emotional_feedback: bool = False
    """Whether how the user sounds may be measured and told."""
    daily_summary_enabled: bool = True
    daily_summary_hour_local: int = 22
    mentor_notification_frequency: int = 0
    silence_notification_enabled: bool = True
    """Whether the user wants to know that their device has heard nobody for long."""
    preferred_app_id: str | None = None
    knowledge_graph_since: Moment | None = None
    """What was remembered before is not drawn any more; None draws everything."""
    task_integrations: dict[str, TaskIntegration] = Field(default_factory=dict)
    default_task_integration: str | None = None
    """Where what conversations give to do is put, too; a `TaskApp`, or what somebody else's server knew."""
    speech_profile_at: Moment | None = None
    """When the user's voice was recorded last; None where it is not known."""
    speech_profile_seconds: float = 0.0
    voice: Voiceprint | None = None
    """How the user sounds, by that recording."""
    developer_webhooks: dict[str, DeveloperWebhook] = Field(default_factory=dict)
    creator_profile: CreatorProfile | None = None
    last_geolocation: CapturedPlace | None = None
