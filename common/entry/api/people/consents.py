"""What the user has agreed to: kept recordings, cloud copies, measured emotions, training."""

from typing import Literal

from common.accounts.recordings import delete_recordings
from common.core import clock
from common.database import users
from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import Done, responses
from common.models.base import Shape
from common.users.consents import Consent, consent

router = Router(prefix="/v1/users", tags=["settings"], responses=responses(401))


class RecordingPermission(Shape):
    """Whether recordings are kept."""

    store_recording_permission: bool


class CloudSync(Shape):
    """Whether audio is kept for the user to hear."""

    private_cloud_sync_enabled: bool


class EmotionalFeedback(Shape):
    """Whether how the user sounds may be measured, by a service outside, and told."""

    emotional_feedback: bool


class TrainingOptInView(Shape):
    """Whether the user offers recordings for training, and what became of the offer."""

    opted_in: bool
    status: Literal["pending_review", "approved", "rejected"] | None = None


@router.get("/store-recording-permission")
def recording_permission(user: User) -> RecordingPermission:
    """Whether recordings are kept."""
    return RecordingPermission(store_recording_permission=users.find(uid=user).store_recording_permission)


@router.post("/store-recording-permission")
def set_recording_permission(user: User, *, value: bool) -> Done:
    """Allow or forbid that recordings are kept."""
    consent(Consent.RECORDINGS, given=value, uid=user)
    return Done()


@router.delete("/store-recording-permission")
def withdraw_recording_permission(user: User) -> Done:
    """Forbid that recordings are kept, and delete those of finished conversations."""
    delete_recordings(uid=user)
    return Done()


@router.get("/private-cloud-sync")
def cloud_sync(user: User) -> CloudSync:
    """Whether audio is kept for the user to hear."""
    return CloudSync(private_cloud_sync_enabled=users.find(uid=user).private_cloud_sync_enabled)


@router.post("/private-cloud-sync")
def set_cloud_sync(user: User, *, value: bool) -> Done:
    """Keep audio for the user to hear, or stop doing so."""
    consent(Consent.AUDIO, given=value, uid=user)
    return Done()


@router.get("/emotional-feedback")
def emotional_feedback(user: User) -> EmotionalFeedback:
    """Whether how the user sounds may be measured."""
    return EmotionalFeedback(emotional_feedback=users.find(uid=user).emotional_feedback)


@router.post("/emotional-feedback")
def set_emotional_feedback(user: User, *, value: bool) -> Done:
    """Allow or forbid that how the user sounds is measured, of conversations from now on."""
    consent(Consent.EMOTIONS, given=value, uid=user)
    return Done()


@router.get("/training-data-opt-in")
def training(user: User) -> TrainingOptInView:
    """Whether recordings are offered for training."""
    offer = users.find(uid=user).training_data_opt_in
    return TrainingOptInView(opted_in=offer is not None, status=offer and offer.status)


@router.post("/training-data-opt-in")
def offer_for_training(user: User) -> Done:
    """Offer recordings for training; somebody looks at the offer."""
    if users.find(uid=user).training_data_opt_in is None:
        users.change(uid=user, training_data_opt_in={"status": "pending_review", "requested_at": clock.now()})
    return Done()
