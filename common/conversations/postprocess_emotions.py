"""Hume measures how the speakers of a conversation sound; the user is told when that is done."""

from collections import defaultdict

from common.conversations.postprocess_audio import UnsuitableError, address_of, sent_audio
from common.conversations.postprocess_callback import callback_address
from common.conversations.postprocess_looking import Looked, end
from common.core import metering
from common.core.errors import ProviderRefusedError
from common.core.metering import Used
from common.database import hearings
from common.models.second_hearing import EmotionReading, SentAudio
from common.notifications.notify import notify
from common.speech.hume import NAME, Feeling, Hume, JobState
from common.speech.second_hearing import hume

NOTIFICATION = "emotional_feedback"
_TOLD = 3


def advance(looked: Looked) -> str:
    """Ask, or look; says in a word how far it is.

    Raises:
        ProviderError: not now.
        ProviderRefusedError: never.
    """
    service = hume()
    if service is None:
        return end(looked.task, "failed", reason="measuring emotions is not set up here any more")
    if looked.hearing.request_id is None:
        # What was told before the answer to the question was kept is found by the next look.
        return _ask(service, looked) if looked.task.look == 0 else "not asked yet"
    if looked.task.look == 0:  # asked before, by somebody who was interrupted
        return looked.look_again()
    return _look(service, looked, looked.hearing.request_id)


def _look(service: Hume, looked: Looked, job_id: str) -> str:
    state = service.state(job_id)
    if state is JobState.DONE:
        return _finish(service, looked, job_id)
    if state is JobState.FAILED:
        return end(looked.task, "failed", reason="the recording could not be measured")
    if looked.waited_enough:
        return end(looked.task, "failed", reason="there was no answer in time")
    return "waiting" if looked.task.look < 0 else looked.look_again()


def _ask(service: Hume, looked: Looked) -> str:
    task = looked.task
    try:
        audio = sent_audio(looked.conversation, uid=task.uid, attempt=task.attempt)
    except UnsuitableError as error:
        return end(task, "canceled", reason=str(error))
    looked.note_asked(service.submit(address_of(audio), callback_url=callback_address(task)))
    metering.count("speech", NAME, Used(calls=1, seconds=audio.seconds))
    return looked.look_again()


def _finish(service: Hume, looked: Looked, job_id: str) -> str:
    task, there = looked.task, {"uid": looked.task.uid, "conversation_id": looked.task.conversation_id}
    audio = hearings.audio_of(**there).find(SentAudio.id_of(task.attempt))
    if audio is None:
        raise ProviderRefusedError("what was sent is not known any more")
    feelings = service.feelings(job_id)
    hearings.emotions_of(**there).put(*(_reading(each, number, audio) for number, each in enumerate(feelings)))
    if strongest := strongest_of(feelings):
        notify(
            uid=task.uid,
            kind=NOTIFICATION,
            title="How you sounded",
            body=f"Mostly {', '.join(strongest).lower()}",
            once=(task.conversation_id, str(task.attempt)),
            data={"conversation_id": task.conversation_id, "navigate_to": f"/conversation/{task.conversation_id}"},
        )
    return end(task, "done")


def strongest_of(feelings: tuple[Feeling, ...]) -> list[str]:
    """The emotions that were strongest over all the time, the strongest first."""
    totals: defaultdict[str, float] = defaultdict(float)
    for feeling in feelings:
        for name, score in feeling.emotions.items():
            totals[name] += score * max(0.1, feeling.end - feeling.start)
    return sorted(totals, key=lambda name: (-totals[name], name))[:_TOLD]


def _reading(feeling: Feeling, number: int, audio: SentAudio) -> EmotionReading:
    start = audio.moment(feeling.start)
    return EmotionReading(
        id=f"{number:05d}", start=start, end=max(start, audio.moment(feeling.end)), emotions=feeling.emotions
    )
