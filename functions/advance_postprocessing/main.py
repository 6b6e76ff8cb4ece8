"""Cloud Task -> a service that takes minutes is asked about a conversation, or looked at; what it found is kept."""

from common.conversations.postprocess_advance import STEP, advance_postprocessing, give_up_postprocessing
from common.entry.triggers import on_task
from common.models.events import Postprocess


@on_task(Postprocess, step=STEP, give_up=give_up_postprocessing)
def main(task: Postprocess) -> str:
    """Ask or look."""
    return advance_postprocessing(task)
