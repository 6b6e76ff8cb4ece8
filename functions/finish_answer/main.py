"""Cloud Task -> an answer is finished whose reader, and with it its instance, has gone."""

from common.chat.finishing import STEP, finish_answer
from common.entry.triggers import on_timer
from common.models.events import FinishAnswer


@on_timer(FinishAnswer, step=STEP)
def main(task: FinishAnswer) -> None:
    """Go on with it, unless it is there."""
    finish_answer(task)
