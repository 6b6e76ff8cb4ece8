"""Cloud Task -> a user's day is summed up."""

from common.chat.day_summaries import STEP, summarize_day
from common.entry.triggers import on_timer
from common.models.events import SummarizeDay


@on_timer(SummarizeDay, step=STEP)
def main(task: SummarizeDay) -> None:
    """Look back on it, unless somebody has."""
    summarize_day(task)
