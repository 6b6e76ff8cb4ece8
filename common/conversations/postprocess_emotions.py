"""Hume measures how the speakers of a conversation sound; the user is told when that is done."""

from collections import defaultdict
from collections.abc import Sequence

from common.conversations.postprocess_audio import UnsuitableError, address_of, sent_audio, stored_part
from common.conversations.postprocess_callback import callback_address
from common.conversations.postprocess_looking import Looked, end
from common.core import clock, metering
from common.core.errors import ProviderRefusedError
from common.core.metering import Used
from common.database import hearings, tasks
from common.models.second_hearing import EmotionReading, SentAudio
from common.notifications.notify import notify
from common.speech.hume import NAME, Feeling, Hume, JobState
from common.speech.hume_upload import LONGEST_S, HumeUpload
from common.speech.second_hearing import hume
from common.speech.transcriber import BYTES_PER_SECOND

NOTIFICATION = "emotional_feedback"
_TOLD = 3
_MOST_READINGS = 5000


def advance(looked: Looked) -> str:
    """Ask, or look; says in a word how far it is.

    Raises:
        ProviderError: not now.
        ProviderRefusedError: never.
    """
    service = hume()
    if service is None:
        return end(looked.task, "failed", reason="measuring emotions is not set up here any more")
    if isinstance(service, HumeUpload):
        return _measure_part(service, looked)
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
    readings = [_reading(each, f"{number:05d}", audio) for number, each in enumerate(feelings)]
    hearings.emotions_of(**there).put(*readings)
    return _tell(looked, readings)


def _measure_part(service: HumeUpload, looked: Looked) -> str:
    """Have the next ten minutes measured, each by a look of its own: what is interrupted costs no more than these."""
    task, number = looked.task, looked.task.look
    if number < 0:
        return "not asked for"
    try:
        audio = sent_audio(looked.conversation, uid=task.uid, attempt=task.attempt)
    except UnsuitableError as error:
        return end(task, "canceled", reason=str(error))
    begin = float(number * LONGEST_S)
    pcm = stored_part(audio, begin, LONGEST_S)
    kept = hearings.emotions_of(uid=task.uid, conversation_id=task.conversation_id)
    if pcm:
        looked.note_asked(f"part {number}")
        feelings = service.measure(pcm)
        metering.count("speech", NAME, Used(calls=1, seconds=len(pcm) / BYTES_PER_SECOND))
        kept.put(
            *(_reading(each, f"{number:03d}-{place:05d}", audio, since=begin) for place, each in enumerate(feelings))
        )
    if begin + LONGEST_S < audio.seconds:
        tasks.enqueue_postprocessing(task.model_copy(update={"look": number + 1}), at=clock.now())
        return "measured in part"
    return _tell(looked, kept.stream(kept.collection.limit(_MOST_READINGS)))


def _tell(looked: Looked, readings: Sequence[EmotionReading]) -> str:
    """Tell the user, and end it."""
    task = looked.task
    if strongest := strongest_of(readings):
        notify(
            uid=task.uid,
            kind=NOTIFICATION,
            title="How you sounded",
            body=f"Mostly {', '.join(strongest).lower()}",
            once=(task.conversation_id, str(task.attempt)),
            data={"conversation_id": task.conversation_id, "navigate_to": f"/conversation/{task.conversation_id}"},
        )
    return end(task, "done")


def strongest_of(feelings: Sequence[Feeling | EmotionReading]) -> list[str]:
    """The emotions that were strongest over all the time, the strongest first."""
    totals: defaultdict[str, float] = defaultdict(float)
    for feeling in feelings:
        for name, score in feeling.emotions.items():
            totals[name] += score * max(0.1, feeling.end - feeling.start)
    return sorted(totals, key=lambda name: (-totals[name], name))[:_TOLD]


def _reading(feeling: Feeling, name: str, audio: SentAudio, *, since: float = 0.0) -> EmotionReading:
    start = audio.moment(since + feeling.start)
    return EmotionReading(
        id=name, start=start, end=max(start, audio.moment(since + feeling.end)), emotions=feeling.emotions
    )
