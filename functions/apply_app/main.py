"""Cloud Task -> an app that was turned on makes something of an earlier conversation."""

from common.apps.running import APPLY_STEP, apply_to_conversation
from common.entry.triggers import on_task
from common.models.events import ApplyApp


def give_up(task: ApplyApp, reason: str) -> None:
    """The conversation stays as it was."""


@on_task(ApplyApp, step=APPLY_STEP, give_up=give_up)
def main(task: ApplyApp) -> str:
    """Let the app have it."""
    return apply_to_conversation(task)
