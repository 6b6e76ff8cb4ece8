"""Collection `operations`: how far works over all users are, so that whoever is cut short goes on there."""

from __future__ import annotations

from common.database.documents import Documents
from common.models.progress import Progress

PROGRESS = Documents("operations", model=Progress, noun="Progress")
