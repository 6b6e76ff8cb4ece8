"""Live translation: what was said in another language is told again, with what it means, when that is known.

Captions never wait for it: it has a queue and threads of its own, and what goes wrong costs translations only.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache

from common.conversations.translation import is_foreign, keep_translations, language_to_read
from common.core.errors import ProviderRefusedError
from common.core.logs import get_logger
from common.database.segment_batches import SegmentBatch
from common.llm.ports import Phrase
from common.llm.providers import translator
from common.models.segment import TranscriptSegment

Translated = Callable[[str, list[TranscriptSegment]], None]

WAITING_BATCHES = 64
"""Batches that may wait; with one more, the oldest stays untranslated."""
MOST_PHRASES = 40
MOST_CHARACTERS = 6000
"""What one question to the translator holds at most, unless a single batch is larger."""
_THREADS = 4
"""Questions at once in this process, whatever the number of connections: a slow model must not hold up the stores."""
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
"""Real seconds that a translator that fails is left alone."""
_ATTEMPTS = 4
"""At the same batches; after that they stay untranslated, and the next ones have their turn."""


@dataclass(frozen=True)
class _Foreign:
    """A stored batch, and which of its segments are to be translated."""

    conversation_id: str
    batch: SegmentBatch
    segments: tuple[TranscriptSegment, ...]

    @property
    def size(self) -> int:
        return sum(len(segment.text) for segment in self.segments)


class LiveTranslation:
    """Translates what one connection hears.

    Args:
        uid: the owner.
        spoken: the language that is expected, or `multi`.
        to: the language that is read.
        translated: given a conversation's id and those of its stored segments that have a translation now.
    """

    def __init__(self, *, uid: str, spoken: str, to: str, translated: Translated) -> None:
        self._uid = uid
        self._spoken = spoken
        self._to = to
        self._translated = translated
        self._waiting: asyncio.Queue[_Foreign] = asyncio.Queue(WAITING_BATCHES)
        self._pause = _FIRST_PAUSE_S

    def said(self, batch: SegmentBatch, *, conversation_id: str) -> None:
        """Have a batch translated that is stored by now, as far as that is needed. Never waits."""
        foreign = tuple(each for each in batch.segments if is_foreign(each, spoken=self._spoken, to=self._to))
        if not foreign:
            return
        if self._waiting.full():
            self._waiting.get_nowait()
            self._waiting.task_done()
            get_logger().warning("translation_dropped", conversation_id=conversation_id)
        self._waiting.put_nowait(_Foreign(conversation_id, batch, foreign))

    async def drained(self) -> None:
        """Wait until nothing waits to be translated any more."""
        await self._waiting.join()

    async def run(self) -> None:
        """Translate what waits, for ever."""
        while True:
            taken = [await self._waiting.get()]
            while not self._waiting.empty() and not _is_enough(taken):
                taken.append(self._waiting.get_nowait())
            try:
                await self._persist(taken)
            finally:
                for _ in taken:
                    self._waiting.task_done()

    async def _persist(self, taken: Sequence[_Foreign]) -> None:
        """Translate what was said, after a failure again; where it is declined, each batch for itself."""
        for _ in range(_ATTEMPTS):
            try:
                translated = await self._translate(taken)
            except ProviderRefusedError:
                get_logger().warning("translation_declined", batches=len(taken))
                for each in taken if len(taken) > 1 else ():
                    await self._persist([each])
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the words themselves are stored and told
                get_logger().warning("translation_failed", error=type(error).__name__)
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, _LONGEST_PAUSE_S)
            else:
                self._pause = _FIRST_PAUSE_S
                for conversation_id, segments in translated.items():
                    self._translated(conversation_id, list(segments.values()))
                return

    async def _translate(self, taken: Sequence[_Foreign]) -> dict[str, dict[str, TranscriptSegment]]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_threads(), copy_context().run, self._translate_and_keep, taken)

    def _translate_and_keep(self, taken: Sequence[_Foreign]) -> dict[str, dict[str, TranscriptSegment]]:
        """Ask once for everything, keep each batch's own; per conversation, what has a translation now.

        Who translates is looked for each time: for a user whose tokens of today are used up, nobody does.
        """
        if (by := translator()) is None:
            return {}
        texts = {segment.id: segment.text for each in taken for segment in each.segments}
        answer = by.translate([Phrase(*phrase) for phrase in texts.items()], to=self._to)
        translated: dict[str, dict[str, TranscriptSegment]] = {}
        for each in taken:
            # Of words that were told twice, what was asked is the later version.
            own = {
                segment.id: answer[segment.id]
                for segment in each.segments
                if segment.id in answer and texts[segment.id] == segment.text
            }
            if own:
                kept = keep_translations(
                    own, each.batch, to=self._to, uid=self._uid, conversation_id=each.conversation_id
                )
                if kept:
                    translated.setdefault(each.conversation_id, {}).update({segment.id: segment for segment in kept})
        return translated


def translation_for(*, uid: str, spoken: str, translated: Translated) -> LiveTranslation | None:
    """The translation that a connection's owner wants, if any. Reads the owner's settings: call it in a thread."""
    to = language_to_read(uid=uid)
    return LiveTranslation(uid=uid, spoken=spoken, to=to, translated=translated) if to else None


def _is_enough(taken: Sequence[_Foreign]) -> bool:
    phrases = sum(len(each.segments) for each in taken)
    return phrases >= MOST_PHRASES or sum(each.size for each in taken) >= MOST_CHARACTERS


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="translation")
