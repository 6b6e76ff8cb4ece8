"""Where a device can be reached by push."""

from common.models.base import Document, Moment


class FcmToken(Document):
    """A device's registration; the id is its platform and a hash of the device."""

    id: str
    token: str
    time_zone: str | None = None
    platform: str = "unknown"
    created_at: Moment | None = None
