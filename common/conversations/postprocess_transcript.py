"""WhisperX hears a conversation again: asked once, looked at until it is done, then put into the transcript."""

from common.conversations import lifecycle, postprocess_merging
from common.conversations.playlist import list_recordings
from common.conversations.postprocess_audio import StoredPcm, UnsuitableError, address_of, sent_audio
from common.conversations.postprocess_looking import Looked, end
from common.conversations.recorded_speakers import label_recorded
from common.core import metering
from common.core.errors import ProviderError, ProviderRefusedError
from common.core.ids import derived_id
from common.core.logs import get_logger
from common.core.metering import Used
from common.core.settings import settings
from common.database import alternative_transcripts, conversations, hearings, spending
from common.models.attachments import PostProcessing, PostProcessingStatus
from common.models.conversation import Conversation
from common.models.second_hearing import SentAudio
from common.models.segment import TranscriptSegment
from common.speech.fal import Progress
from common.speech.second_hearing import whisperx
from common.speech.tags import MULTI
from common.speech.transcriber import Utterance
from common.speech.whisperx import NAME, WhisperX


def advance(looked: Looked) -> str:
    """Ask, or look; says in a word how far it is.

    Raises:
        ProviderError: not now.
        ProviderRefusedError: never.
    """
    model = whisperx()
    if model is None:
        return end(looked.task, "failed", reason="post-processing is not set up here any more")
    if looked.hearing.request_id is None:
        return _ask(model, looked)
    request_id = looked.hearing.request_id
    if looked.task.look == 0:  # asked before, by somebody who was interrupted
        return looked.look_again()
    done = model.progress(request_id) is Progress.DONE
    if done and looked.conversation.status.terminal:
        return _finish(model, looked, request_id)
    if looked.waited_enough:
        _cancel(model, request_id)
        return end(looked.task, "failed", reason="there was no answer in time")
    return looked.look_again()


def _ask(model: WhisperX, looked: Looked) -> str:
    task = looked.task
    try:
        audio = sent_audio(looked.conversation, uid=task.uid, attempt=task.attempt)
        _check_allowance(audio, uid=task.uid)
    except UnsuitableError as error:
        return end(task, "canceled", reason=str(error))
    language = looked.conversation.language
    request_id = model.submit(
        address_of(audio),
        language=None if language == MULTI else language,
        speakers=_speakers(looked.conversation, audio),
    )
    looked.note_asked(request_id)
    metering.count("speech", NAME, Used(calls=1, seconds=audio.seconds))
    return looked.look_again()


def _check_allowance(audio: SentAudio, *, uid: str) -> None:
    heard = spending.today(uid=uid).speech.get(NAME)
    before = heard.seconds if heard is not None else 0.0
    if before + audio.seconds > settings().post_processing_s_per_user_day:
        raise UnsuitableError("today's allowance of second hearings is used up")


def _speakers(conversation: Conversation, audio: SentAudio) -> int | None:
    """How many were told apart at first; a single one may be that nobody tried."""
    known = postprocess_merging.heard_at_first(conversation.transcript_segments, audio)
    count = len({segment.speaker_id for segment in known})
    return count if count > 1 else None


def _finish(model: WhisperX, looked: Looked, request_id: str) -> str:
    task, there = looked.task, {"uid": looked.task.uid, "conversation_id": looked.task.conversation_id}
    audio = hearings.audio_of(**there).find(SentAudio.id_of(task.attempt))
    if audio is None:
        raise ProviderRefusedError("what was sent is not known any more")
    again = _labelled(model.utterances(request_id), audio, looked)
    first = postprocess_merging.heard_at_first(looked.conversation.transcript_segments, audio)
    for recogniser in sorted({segment.stt_provider or "" for segment in first}):
        heard = [segment for segment in first if (segment.stt_provider or "") == recogniser]
        alternative_transcripts.put_all(heard, recogniser=recogniser, **there)
    alternative_transcripts.put_all(again, recogniser="whisperx", **there)
    outcome = ["done", ""]

    def decide(current: Conversation) -> Conversation | None:
        known = current.postprocessing
        if known is None or known.status is not PostProcessingStatus.IN_PROGRESS:
            outcome[0] = "done"  # put in before, by somebody who was interrupted
            return None
        if not current.status.terminal:
            outcome[0] = "later"
            return None
        now = postprocess_merging.heard_at_first(current.transcript_segments, audio)
        if reason := postprocess_merging.unusable(now, again, seconds=audio.seconds):
            outcome[:] = "failed", reason
            return None
        outcome[0] = "done"
        merged = postprocess_merging.merge(
            current.transcript_segments, again, audio=audio, corrected=current.user_segments
        )
        completed = current.model_copy(update={"postprocessing": PostProcessing(status=PostProcessingStatus.COMPLETED)})
        if postprocess_merging.says_the_same(current.transcript_segments, merged):
            return completed
        return lifecycle.begin_processing(completed.model_copy(update={"transcript_segments": merged}))

    conversations.change(decide=decide, **there)
    if outcome[0] == "later":
        return looked.look_again()
    if outcome[0] == "failed":
        return end(task, "failed", reason=outcome[1])
    return end(task, "done")


def _labelled(utterances: tuple[Utterance, ...], audio: SentAudio, looked: Looked) -> list[TranscriptSegment]:
    """What was understood as segments of the conversation, with the numbers and names of its speakers.

    What would begin after the end of what was sent was not said in it.
    """
    conversation = looked.conversation
    segments = [
        TranscriptSegment(
            id=derived_id("whisperx", conversation.id, looked.task.attempt, number),
            text=utterance.text,
            speaker=f"SPEAKER_{utterance.speaker:02d}",
            speaker_id=utterance.speaker,
            start=(start := audio.moment(utterance.start)),
            end=max(start, audio.moment(utterance.end)),
            stt_provider=NAME,
            language=utterance.language,
        )
        for number, utterance in enumerate(utterances)
        if utterance.start < audio.seconds
    ]
    return label_recorded(
        segments,
        StoredPcm(list_recordings(conversation, uid=looked.task.uid)),
        start=0.0,
        uid=looked.task.uid,
        conversation_id=conversation.id,
        language=conversation.language,
        auto_assign=conversation.capture.auto_assign,
    )


def _cancel(model: WhisperX, request_id: str) -> None:
    try:
        model.cancel(request_id)
    except ProviderError as error:
        get_logger().warning("postprocessing_not_canceled", error=type(error).__name__)
