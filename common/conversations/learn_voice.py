"""How somebody sounds, learnt from what a user has attributed to them in a conversation whose audio is still there.

A conversation gives one sample per person. Learning looks at the conversation as it is: done again it makes the same
sample, and withdraws it where the words turned out to be somebody else's. Only what a person has said counts, directly
or of the same voice: what was recognised must not confirm itself.
"""

from collections.abc import Sequence

from common.conversations.labels import CARRIED, MANUAL
from common.conversations.playback import read_pcm
from common.conversations.playlist import Recording, list_recordings, pcm_bytes
from common.conversations.so_far import with_words_so_far
from common.core.errors import NotFoundError, ProviderError
from common.core.logs import get_logger
from common.database import conversations, media, people, tasks
from common.models.conversation import Conversation, ConversationStatus
from common.models.events import LearnVoice
from common.models.person import MOST_SAMPLES, Person
from common.models.segment import TranscriptSegment
from common.models.voiceprint import Voiceprint
from common.people.edit import withdraw_sample
from common.people.samples import with_sample
from common.people.voices import person_prefix
from common.speech.transcriber import BYTES_PER_SECOND
from common.speech.voice_providers import voice_embedder
from common.speech.voices import LONGEST_CLIP_S, VoiceEmbedder, average, centre, embed_each, is_near
from common.speech.wav import wav_head

LEAST_S = 10.0
"""Seconds of speech that make a sample."""
_LEAST_HEARD = 0.8
"""The part of LEAST_S that must sound like one person; clips may be damaged, or somebody talked in between."""
_WANTED_S = 20.0
_LONGEST_TRANSCRIPT = 1000


def ask_to_learn(*, uid: str, conversation_id: str, person_id: str) -> None:
    """Have a person's voice learnt in a little while; asking again meanwhile is asking once."""
    tasks.schedule_learning(LearnVoice(uid=uid, conversation_id=conversation_id, person_id=person_id))


def learn_voice(task: LearnVoice) -> str:
    """Learn, and say in a word what came of it.

    Raises:
        RetryableError: a store or the embedder failed.
    """
    outcome = _look(task)
    get_logger().info("voice_learning", outcome=outcome)
    return outcome


def _look(task: LearnVoice) -> str:
    person = people.of(uid=task.uid).find(task.person_id)
    conversation = conversations.find(uid=task.uid, conversation_id=task.conversation_id)
    if person is None or conversation is None or conversation.is_locked:
        return "gone"
    path = f"{person_prefix(uid=task.uid, person_id=person.id)}{conversation.id}.wav"
    said = choose(with_words_so_far(conversation, uid=task.uid), person_id=person.id)
    if not said:
        if conversation.status is ConversationStatus.IN_PROGRESS:  # more may be said
            tasks.schedule_learning(task)
        return _withdraw(path, uid=task.uid, person=person)
    if path not in person.speech_samples and len(person.speech_samples) >= MOST_SAMPLES:
        return "known well enough"
    return _learn(said, path, uid=task.uid, person=person, conversation=conversation)


def choose(conversation: Conversation, *, person_id: str) -> list[TranscriptSegment]:
    """The longest of what a person has certainly said, in order of time; nothing where it is too little."""
    shortest = voice_embedder().rules.shortest_s
    certain = [
        segment
        for segment in conversation.transcript_segments
        if segment.person_id == person_id
        and segment.speaker_label_source in {MANUAL, CARRIED}
        and segment.end - segment.start >= shortest
    ]
    chosen: list[TranscriptSegment] = []
    for segment in sorted(certain, key=lambda each: each.start - each.end):
        if _seconds(chosen) >= _WANTED_S:
            break
        chosen.append(segment)
    return sorted(chosen, key=lambda each: each.start) if _seconds(chosen) >= LEAST_S else []


def _learn(
    said: Sequence[TranscriptSegment], path: str, *, uid: str, person: Person, conversation: Conversation
) -> str:
    recordings = list_recordings(conversation, uid=uid)
    clips = [clip for segment in said if (clip := _clip(segment, recordings))]
    embedder = voice_embedder()
    try:
        pcm, voice = _one_voice(clips, embedder)
    except ProviderError as error:
        if error.retryable:
            raise
        return "refused"
    if voice is None:
        return "too little audio"
    media.put(path, wav_head(len(pcm)) + pcm, content_type="audio/wav")
    transcript = " ".join(segment.text for segment in said)[:_LONGEST_TRANSCRIPT]
    try:
        now = people.of(uid=uid).change(
            person.id, lambda current: with_sample(current, path, transcript=transcript, voice=voice)
        )
    except NotFoundError:
        media.delete(path)
        return "gone"
    people.note_change(uid=uid)
    if path not in now.speech_samples:
        media.delete(path)
        return "known well enough"
    if not conversations.exists(uid=uid, conversation_id=conversation.id):  # deleted meanwhile, and purged before
        withdraw_sample(path, uid=uid, person_id=person.id)
        return "gone"
    return "learnt"


def _one_voice(clips: Sequence[bytes], embedder: VoiceEmbedder) -> tuple[bytes, Voiceprint | None]:
    """Those of the clips that sound like one person, and that voice; None where they are too little."""
    embedded = embed_each(embedder, clips)
    if not embedded:
        return b"", None
    middle = average([vector for _, vector in embedded])
    alike = [each for each in embedded if is_near(each[1], middle, embedder.rules)]
    pcm = b"".join(clip for clip, _ in alike)
    if len(pcm) < _LEAST_HEARD * LEAST_S * BYTES_PER_SECOND:
        return b"", None
    return pcm, Voiceprint.of(average([vector for _, vector in alike]), model=embedder.name)


def _clip(segment: TranscriptSegment, recordings: Sequence[Recording]) -> bytes:
    """The middle of a segment; nothing where it is not stored, or two microphones were on."""
    there = [each for each in recordings if each.start < segment.end and segment.start < each.start + each.duration]
    if len(there) != 1:
        return b""
    [recording] = there
    begin = max(0, pcm_bytes(segment.start - recording.start))
    end = min(recording.size, pcm_bytes(segment.end - recording.start))
    return centre(b"".join(read_pcm(recording, begin, end)))


def _withdraw(path: str, *, uid: str, person: Person) -> str:
    """Unlearn what was learnt from words that are not the person's, or not enough any more."""
    if path not in person.speech_samples:
        return "too little"

    withdraw_sample(path, uid=uid, person_id=person.id)
    return "withdrawn"


def _seconds(segments: Sequence[TranscriptSegment]) -> float:
    return sum(min(segment.end - segment.start, LONGEST_CLIP_S) for segment in segments)
