"""How the apps of somebody who publishes them are doing."""

from pydantic import BaseModel

from common.database import creators


class CreatorStats(BaseModel):
    """Counted over all apps of one creator."""

    apps_count: int
    installs_count: int
    usage_count: int = 0
    money_made: float = 0.0


def creator_stats(*, uid: str) -> CreatorStats:
    """The numbers of the user's apps. Nobody pays for an app here, and nobody counts its uses."""
    apps, installs = creators.count_apps(uid=uid)
    return CreatorStats(apps_count=apps, installs_count=installs)
