"""How far a stream has come: what was sent, what of it is heard and settled, and what is new in each news."""

from dataclasses import replace

from common.core.errors import ProviderError
from common.speech.dialects import News
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance

_LOST_S = 0.5
"""Audio by which what a provider says it heard may differ from what it was given."""


class Progress:
    """In seconds of the stream; nothing falls, and nothing is heard that was not sent.

    Args:
        provider: its name, for messages.
        unsettled_s: how much may have been heard without anything becoming final.
    """

    def __init__(self, provider: str, *, unsettled_s: float) -> None:
        self._provider = provider
        self._unsettled_s = unsettled_s
        self._interim: tuple[Utterance, ...] = ()
        self.sent_bytes = 0
        self.reached = self.until = 0.0

    @property
    def sent(self) -> float:
        """How much audio was given."""
        return self.sent_bytes / BYTES_PER_SECOND

    def take(self, news: News) -> Heard | None:
        """What a listener learns from the news; None if it is nothing new.

        Raises:
            ProviderError: the provider has finished without having heard everything, or does not settle anything.
        """
        if news.finished and self.sent - max(news.reached, self.until) > _LOST_S:
            raise ProviderError(f"{self._provider} left audio out")
        utterances = tuple(self._bounded(utterance) for utterance in news.utterances)
        until = max(self.until, min(max(news.until, *(utterance.end for utterance in utterances), 0.0), self.sent))
        interim = self._interim if news.interim is None else news.interim
        if news.finished:
            until, interim = self.sent, ()
        changed = bool(utterances) or news.finished or until > self.until or interim != self._interim
        self.until, self._interim = until, interim
        self.reached = min(max(self.reached, news.reached, until), self.sent)
        if self.reached - self.until > self._unsettled_s:
            raise ProviderError(f"{self._provider} settles nothing")
        return Heard(utterances, until, interim) if changed else None

    def _bounded(self, utterance: Utterance) -> Utterance:
        start = min(max(utterance.start, self.until), self.sent)
        return replace(utterance, start=start, end=min(max(utterance.end, start), self.sent))
