"""A connection on which a new user is asked about themselves, one question after the other (CONTRACT 1.6 and 1.7).

The client shows the questions, and the user answers aloud. A question that was answered stands in the transcript before
its answer, so that "in Lisbon" means something to whoever remembers.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from common.conversations.live.belonging import Belonging
from common.conversations.live.channel import Channel
from common.conversations.live.following import Following
from common.conversations.live.retrying import until_done
from common.conversations.live.screen import Tell
from common.conversations.live.take import Take
from common.conversations.live.telling import Teller
from common.conversations.onboarding import Outcome, close_answered, find_outcome, is_answer, questions_in
from common.core import clock
from common.database.segment_batches import SegmentBatch
from common.models.listen import OnboardingComplete, OnboardingQuestion, QuestionAnswered
from common.models.suggested_transcript import SuggestedSegment, SuggestedTranscript

PROVIDER = "onboarding"
"""What the questions' segments name as their recogniser."""
_ASKER = "SPEAKER_99"
UNASKED_S = 3.0
"""Real seconds after which the questions begin though the client has not asked for them: older ones do not."""
PAUSE_S = 2.0
"""Real seconds of silence after which an answer is over."""
PATIENCE_S = 60.0
"""Real seconds for which the client is kept waiting until the answers are remembered."""
_LOOK_EVERY_S = 0.5


class Onboarding:
    """Asks one connection's user.

    Args:
        uid: the owner.
        language: spoken language, a BCP-47 tag or `multi`.
        channels: the tracks of the connection.
        timed_by_audio: whether times count its audio; else since it began.
        belonging: which conversation it belongs to.
        following: what follows a stored batch.
        teller: writes what is told beside the audio.
        tell: queues a message for the client.
    """

    def __init__(
        self,
        *,
        uid: str,
        language: str,
        channels: Sequence[Channel],
        timed_by_audio: bool,
        belonging: Belonging,
        following: Following,
        teller: Teller,
        tell: Tell,
    ) -> None:
        self._uid = uid
        self._language = language
        self._channels = channels
        self._timed_by_audio = timed_by_audio
        self._belonging = belonging
        self._teller = teller
        self._tell = tell
        self._started = asyncio.Event()
        self._news = asyncio.Event()
        self._question: OnboardingQuestion | None = None
        self._asked_at = 0.0
        self._said: list[str] = []
        self._said_at = float("-inf")
        self._skipped = False
        self._home: str | None = None
        following.heard = self._heard

    async def start(self, _: dict[str, Any]) -> None:
        """The client is ready for the questions, or again for the one that is open."""
        if self._started.is_set() and self._question is not None:
            self._tell(self._question)
        self._started.set()

    async def skip(self, _: dict[str, Any]) -> None:
        """The client's user does not want to answer the question that is open."""
        if self._question is not None:
            self._skipped = True
            self._news.set()

    async def run(self) -> None:
        """Ask everything, then tell what is remembered."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._started.wait(), UNASKED_S)
        self._started.set()
        questions = await asyncio.to_thread(questions_in, self._language)
        for number, question in enumerate(questions):
            await self._ask(number, question, total=len(questions))
            answered = await self._is_answered()
            self._question = None
            if answered:
                await self._write(question)
            self._tell(QuestionAnswered(question_index=number, answered=answered))
        self._tell(await self._outcome())

    async def _ask(self, number: int, question: str, *, total: int) -> None:
        self._said, self._skipped = [], False
        self._asked_at = self._moment
        if not self._timed_by_audio:
            # Words alone would begin a conversation with the answer, and leave no time for the question before it.
            await self._belonging.open(at=self._asked_at)
        self._question = OnboardingQuestion(question=question, question_index=number, total_questions=total)
        self._tell(self._question)

    def _heard(self, take: Take, batch: SegmentBatch) -> None:
        """Words are stored; those that were said before the question are no answer to it."""
        asked_at = take.at(self._asked_at)
        said = [each.text for each in batch.segments if each.stt_provider != PROVIDER and each.end >= asked_at]
        if said:
            self._said += said
            self._said_at = clock.monotonic()
            self._news.set()

    async def _is_answered(self) -> bool:
        """Wait until the user has said something and paused, or wants the next question."""
        while not self._skipped:
            quiet_s = clock.monotonic() - max(self._said_at, *(channel.voiced_at for channel in self._channels))
            answered = is_answer(" ".join(self._said), self._language)
            if answered and quiet_s >= PAUSE_S:
                return True
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), PAUSE_S - min(quiet_s, PAUSE_S) if answered else None)
        return False

    async def _write(self, question: str) -> None:
        takes = await self._belonging.open()
        self._home = takes[-1].conversation_id
        asked = SuggestedSegment(text=question, speaker=_ASKER)
        said = SuggestedTranscript(segments=[asked], stt_provider=PROVIDER)
        await self._teller.write(said, takes, now=self._asked_at)

    async def _outcome(self) -> OnboardingComplete:
        if self._home is None:
            return OnboardingComplete(memories_created=0)  # nothing was answered
        await until_done(close_answered, uid=self._uid, conversation_id=self._home)
        outcome = None
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                outcome = await self._known_outcome(self._home)
        error = "The answers could not be understood" if outcome is not None and outcome.failed else None
        created = outcome.memories_created if outcome is not None else 0
        return OnboardingComplete(conversation_id=self._home, memories_created=created, error=error)

    async def _known_outcome(self, conversation_id: str) -> Outcome:
        while True:
            outcome = await until_done(find_outcome, uid=self._uid, conversation_id=conversation_id)
            if outcome is not None:
                return outcome
            await asyncio.sleep(_LOOK_EVERY_S)

    @property
    def _moment(self) -> float:
        """The connection's moment."""
        return self._channels[0].clock if self._timed_by_audio else self._belonging.now
