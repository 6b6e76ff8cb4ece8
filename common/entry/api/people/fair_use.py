"""`/v1/fair-use/status`: what apps ask before they upload. Nobody is limited here; what was said is counted."""

from typing import Literal

from pydantic import Field

from common.entry.api.identity import User
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape
from common.users.usage import speech_hours_of

router = Router(prefix="/v1/fair-use", tags=["usage"], responses=responses(401))


class SpeechLimits(Shape):
    """Hours of speech that are allowed; 0: any number."""

    daily_hours: float = 0.0
    three_day_hours: float = 0.0
    weekly_hours: float = 0.0


class SpeechShares(Shape):
    """How much of that is used, in percent."""

    daily: float = 0.0
    three_day: float = 0.0
    weekly: float = 0.0


class FairUse(Shape):
    """How far the user is from a limit: `none` is no stage of any measure."""

    stage: Literal["none"] = "none"
    case_ref: str = ""
    message: str = ""
    speech_hours_today: float
    speech_hours_3day: float
    speech_hours_weekly: float
    limits: SpeechLimits = Field(default_factory=SpeechLimits)
    usage_pct: SpeechShares = Field(default_factory=SpeechShares)


@router.get("/status")
def status(user: User) -> FairUse:
    """How much the user has spoken; there is no limit to it."""
    today, three_days, week = speech_hours_of(uid=user)
    return FairUse(speech_hours_today=today, speech_hours_3day=three_days, speech_hours_weekly=week)
