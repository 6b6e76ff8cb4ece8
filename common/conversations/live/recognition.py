"""Who speaks, in a live session: known voices are named in segments, and those recognised later in stored ones.

Nothing here holds a caption up. Segments get what is known of their speaker at once; listening to voices happens
beside, and what it finds out is stored and told as an update. A wrong name is worse than none: below the margin of
the embedder there is a suggestion at most.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from common.conversations import labels
from common.conversations.introductions import introduced
from common.conversations.learn_voice import ask_to_learn
from common.conversations.live.address_book import AddressBook
from common.conversations.live.ear import Ear
from common.conversations.live.retrying import until_done
from common.conversations.live.segment_log import SegmentLog
from common.conversations.live.suggesting import Suggestions
from common.conversations.live.take import Take
from common.conversations.speaker_book import Key, Saying, SpeakerBook, Voice
from common.conversations.speakers import Speaker
from common.conversations.voice_memory import VoiceMemory
from common.core.logs import get_logger
from common.models.attachments import SpeakerLabelSuggestion
from common.models.listen import ServerEvent, SpeakerAssigned
from common.models.person import OWNER
from common.models.segment import TranscriptSegment
from common.people.known import Known
from common.speech.matching import nearest
from common.speech.voices import LONGEST_CLIP_S, VoiceEmbedder

_WAITING = 100


@dataclass(frozen=True)
class _Said:
    """A stored segment, timed by the connection's clock; `stale` where more is known since it was labelled."""

    segment: TranscriptSegment
    saying: Saying
    key: Key
    begin: float
    end: float
    stale: bool


class SpeakerRecognition:
    """Knows the voices of one connection.

    Args:
        uid: the owner.
        embedder: the provider of voice embeddings.
        language: spoken language, a BCP-47 tag or `multi`.
        auto_assign: whether who is recognised is written to segments, or only suggested.
        create_speakers: whether somebody who says a new name becomes a new person.
        owner_too: whether the owner may be recognised.
        tell: queues for the client: changed segments, or an event.
    """

    def __init__(
        self,
        *,
        uid: str,
        embedder: VoiceEmbedder,
        language: str,
        auto_assign: bool,
        create_speakers: bool,
        owner_too: bool,
        tell: Callable[[ServerEvent | list[TranscriptSegment]], None],
    ) -> None:
        self._uid = uid
        self._rules = embedder.rules
        self._language = language
        self._auto_assign = auto_assign
        self._create_speakers = create_speakers
        self._tell = tell
        self._ear = Ear(embedder)
        self.hear = self._ear.hear
        """Takes audio that begins at a moment of the connection's clock. Never waits."""
        self._people = AddressBook(uid=uid, model=embedder.name, owner_too=owner_too)
        self._book = SpeakerBook(embedder.rules)
        self._memory = VoiceMemory(uid=uid, model=embedder.name)
        self._waiting: asyncio.Queue[_Said] = asyncio.Queue()
        self._log = SegmentLog()
        self._suggestions = Suggestions(tell)

    async def recall(self, conversation_id: str) -> None:
        """Know the voices of a conversation that goes on; before anything of it is labelled."""
        try:
            await asyncio.to_thread(self._memory.recall, self._book, conversation_id=conversation_id)
        except Exception as error:  # noqa: BLE001 - whatever a store raises, its speakers are only numbered anew
            get_logger().warning("voices_not_recalled", error=type(error).__name__)

    def label(self, segments: Sequence[TranscriptSegment], *, stream: int) -> list[TranscriptSegment]:
        """The segments with what is known of their speakers by now; before they are stored. Never waits.

        Args:
            segments: as the provider tells them apart, or already labelled: a person's word is kept.
            stream: which of the session's streams heard them; each numbers voices anew.
        """
        return self._log.give_out([self._book.label(segment, stream=stream) for segment in segments])

    def said(self, before: Sequence[TranscriptSegment], *, take: Take, stream: int) -> None:
        """Consider segments that are stored now, given as they were before `label`. Never waits.

        Args:
            before: with the numbers of the provider.
            take: whose they are.
            stream: see `label`.
        """
        for segment in before:
            key = (stream, segment.speaker_id or 0)
            saying = Saying(take.conversation_id, segment.id, segment.start)
            voice = self._book.voice(key)
            if voice.who is None:
                voice.sayings.append(saying)
            self._log.stored(saying)
            stale = self._log.is_stale(self._book.label(segment, stream=stream))
            earlier = take.offset - take.begin
            self._waiting.put_nowait(
                _Said(segment, saying, key, segment.start - earlier, segment.end - earlier, stale=stale)
            )
        while self._waiting.qsize() > _WAITING:
            self._waiting.get_nowait()
            self._waiting.task_done()

    async def run(self) -> None:
        """Listen to voices, for ever."""
        while True:
            said = await self._waiting.get()
            try:
                await self._consider(said)
            except Exception as error:  # noqa: BLE001 - who speaks is never worth a session
                get_logger().warning("speaker_not_considered", error=type(error).__name__)
            finally:
                self._waiting.task_done()

    async def finish(self, *, within_s: float) -> None:
        """Wait until what was said has been considered, for so many real seconds at most; `run` still runs."""
        try:
            async with asyncio.timeout(within_s):
                await self._waiting.join()
        except TimeoutError:
            get_logger().info("speakers_not_finished", left=self._waiting.qsize())

    async def assigned(self, message: SpeakerAssigned) -> bool:
        """Do what the client says about a voice; False where none of its segments are of this session."""
        who = Speaker.of(message.person_id) if message.person_id else Speaker()
        if who.person_id is not None and not await self._people.has(who.person_id):
            return False
        sayings = self._log.assign(message.segment_ids, who)
        if not sayings:
            return False
        conversation_id = sayings[0].conversation_id
        voice = self._book.numbered(message.speaker_id)
        before = voice.who if voice is not None else None
        if voice is not None:
            voice.named(who, labels.MANUAL)
            await self._remember(voice, conversation_id)
        await self._relabel(labels.manual(who), sayings)
        for person_id in {each.person_id for each in (who, before) if each is not None and each.person_id}:
            await until_done(ask_to_learn, uid=self._uid, conversation_id=conversation_id, person_id=person_id)
        return True

    def suggestions(self, conversation_id: str) -> list[SpeakerLabelSuggestion]:
        """What was suggested about the voices of a conversation."""
        return self._suggestions.of(conversation_id)

    async def _consider(self, said: _Said) -> None:
        if await self._people.look_again():
            await self._forget_deleted()
        voice = self._book.voice(said.key)
        if said.stale:
            await self._relabel(voice.label(), [said.saying])
        if voice.who is None:
            await self._introduce(voice, said)
        seconds = min(said.end - said.begin, LONGEST_CLIP_S)
        if seconds >= self._rules.shortest_s and voice.evidence.wants(seconds):
            voice = await self._listen(voice, said, seconds)
        await self._recognise(voice, said)
        await self._remember(voice, said.saying.conversation_id)

    async def _forget_deleted(self) -> None:
        """Whose person was deleted meanwhile is somebody unknown from now on, and nobody is told of that person."""
        named = [(voice, voice.who.person_id) for voice in self._book.voices() if voice.who and voice.who.person_id]
        concerned = {*(person_id for _, person_id in named), *self._suggestions.people()}
        if not concerned:
            return
        gone = await self._people.gone(concerned)
        for voice, person_id in named:
            if person_id in gone:
                voice.forget()
        self._log.forget(gone)
        self._suggestions.forget(gone)

    async def _recognise(self, voice: Voice, said: _Said) -> None:
        """Whose voice it is, once enough is heard of it."""
        vector = voice.evidence.vector
        if voice.who is not None or vector is None or not voice.evidence.enough:
            return
        match = nearest(vector, self._people.voices, self._rules)
        if match is None:
            return
        if match.sure and self._auto_assign:
            await self._name(voice, match.known)
        else:
            self._suggest(voice, match.known, said, confidence=1.0 - match.distance)

    async def _listen(self, voice: Voice, said: _Said, seconds: float) -> Voice:
        """Listen to the middle of what was said; the voice that it is."""
        middle = (said.begin + said.end) / 2
        vector = await self._ear.voice(middle - seconds / 2, middle + seconds / 2)
        if vector is None:
            return voice
        voice, moved = self._book.hear(said.key, seconds, vector)
        await self._relabel(voice.label(), moved)
        return voice

    async def _introduce(self, voice: Voice, said: _Said) -> None:
        """Somebody may have said his name."""
        introduction = introduced(said.segment.text, language=self._language)
        if introduction is None:
            return
        person = await self._people.find(introduction, make=self._auto_assign, create=self._create_speakers)
        if person is not None and self._auto_assign:
            await self._name(voice, person)
        elif person is not None:
            self._suggest(voice, person, said)

    async def _name(self, voice: Voice, person: Known) -> None:
        voice.named(Speaker.of(person.id), labels.AUTO)
        get_logger().info("speaker_recognised", speaker=voice.number, owner=person.id == OWNER)
        sayings = list(voice.sayings)
        voice.sayings.clear()
        await self._relabel(voice.label(), sayings)

    def _suggest(self, voice: Voice, person: Known, said: _Said, *, confidence: float | None = None) -> None:
        self._suggestions.suggest(
            voice,
            person,
            conversation_id=said.saying.conversation_id,
            segment_id=said.segment.id,
            confidence=confidence,
        )

    async def _relabel(self, label: Mapping[str, object], sayings: Sequence[Saying]) -> None:
        """Store another label for what is stored, and tell it."""
        changed = await until_done(labels.relabel_sayings, label, sayings, uid=self._uid)
        if changed:
            self._tell(changed)

    async def _remember(self, voice: Voice, conversation_id: str) -> None:
        """Have the next connection know the voice."""
        if (news := self._memory.news(voice, conversation_id=conversation_id)) is not None:
            await asyncio.to_thread(self._memory.keep, news, conversation_id=conversation_id)
