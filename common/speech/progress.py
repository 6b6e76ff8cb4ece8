"""How far a stream has come: what was sent, what of it is heard and settled, and what is new in each news."""

from dataclasses import replace

from common.core.errors import ProviderError
from common.speech.dialects import News
from common.speech.transcriber import BYTES_PER_SECOND, Heard, Utterance

_LOST_S = 0.3
"""Audio by which what a provider says it heard may differ from what it was given; too little for a word."""


class Progress:
    """In seconds of the stream; nothing falls, and nothing is heard that was not sent.

    A provider that is asked for all it has, and has stopped listening unnoticed, tells the words up to there, the last
    one cut. So what it tells then is held back until it reaches the end, or something shows that it has heard more.
    One that finishes while words it has supposed are still not final has left them out, however far it says it heard.

    Args:
        provider: its name, for messages.
        unsettled_s: how much may have been heard without anything becoming final.
    """

    def __init__(self, provider: str, *, unsettled_s: float) -> None:
        self._provider = provider
        self._unsettled_s = unsettled_s
        self._interim: tuple[Utterance, ...] = ()
        self._held: tuple[Utterance, ...] = ()
        self._final = 0.0
        self._asked = 0.0
        self.sent_bytes = 0
        self.reached = self.until = 0.0

    @property
    def sent(self) -> float:
        """How much audio was given."""
        return self.sent_bytes / BYTES_PER_SECOND

    def ask(self) -> None:
        """Note that the provider is asked for all that it has."""
        self._asked = self.sent

    def take(self, news: News) -> Heard | None:
        """What a listener learns from the news; None if it is nothing new.

        Raises:
            ProviderError: the provider has finished without having told everything, or does not settle anything.
        """
        if news.finished and self.sent - max(news.reached, self._final) > _LOST_S:
            raise ProviderError(f"{self._provider} left audio out")
        utterances = tuple(self._bounded(utterance) for utterance in news.utterances)
        final = min(max(self._final, news.until, *(utterance.end for utterance in utterances)), self.sent)
        interim = self._interim if news.interim is None else news.interim
        if news.finished:
            certain = max(self._final, *(utterance.end for utterance in utterances), 0.0)
            if any(supposed.end - certain > _LOST_S for supposed in (*self._interim, *interim)):
                raise ProviderError(f"{self._provider} left words out")
            final, interim = self.sent, ()
        reached = min(max(self.reached, news.reached, final), self.sent)
        told, until = self._told(utterances, final=final, hears_on=reached > self.reached)
        changed = bool(told) or news.finished or until > self.until or interim != self._interim
        self.reached, self.until, self._interim = reached, until, interim
        if self.reached - self._final > self._unsettled_s:
            raise ProviderError(f"{self._provider} settles nothing")
        return Heard(told, until, interim) if changed else None

    def _told(
        self, utterances: tuple[Utterance, ...], *, final: float, hears_on: bool
    ) -> tuple[tuple[Utterance, ...], float]:
        """Which utterances can be told by now, and until when that is all."""
        before, self._final = self._final, final
        held, self._held = self._held, ()
        if self._asked - final <= _LOST_S:
            return held + utterances, final
        if utterances or final > before:
            self._held = utterances
            return held, before
        if hears_on:
            return held, final
        self._held = held
        return (), self.until

    def _bounded(self, utterance: Utterance) -> Utterance:
        start = min(max(utterance.start, self._final), self.sent)
        return replace(utterance, start=start, end=min(max(utterance.end, start), self.sent))
