"""Cloud Task -> how somebody sounds, learnt from what was attributed to them; looks at the present only."""

from common.conversations.learn_voice import learn_voice
from common.entry.triggers import on_timer
from common.models.events import LearnVoice


@on_timer(LearnVoice, step="learn_voice")
def main(task: LearnVoice) -> None:
    """Learn it, or unlearn it."""
    learn_voice(task)
