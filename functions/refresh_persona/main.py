"""Cloud Task -> a user's persona knows what has been learnt about them by now."""

from common.apps.persona_prompts import STEP, refresh_persona
from common.entry.triggers import on_timer
from common.models.events import RefreshPersona


@on_timer(RefreshPersona, step=STEP)
def main(task: RefreshPersona) -> None:
    """Tell it."""
    refresh_persona(uid=task.uid)
