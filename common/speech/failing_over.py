"""Several providers of recognition of recordings as one: the first in order that can, does."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from common.core.clock import Deadline
from common.core.errors import ProviderError, ProviderRefusedError
from common.core.logs import get_logger
from common.speech import circuits
from common.speech.activity import may_hold_words
from common.speech.transcriber import BatchTranscriber, Heard


class FailingOverTranscriber:
    """Asks `transcribers` one after the other; `Heard.provider` says who it was.

    Each is asked once per recording. Those whose circuit is open are passed over, unless there is no other. One that
    hears nothing where somebody may be speaking is right as a rule, and sometimes wrong: then the next is asked too.
    """

    def __init__(self, transcribers: Sequence[BatchTranscriber]) -> None:
        self._transcribers = tuple(transcribers)
        self.name = ",".join(each.name for each in transcribers)

    def understands(self, language: str) -> bool:
        """Whether one of them does."""
        return any(each.understands(language) for each in self._transcribers)

    def transcribe(self, pcm: bytes, *, language: str, vocabulary: Sequence[str] = (), within_s: float = inf) -> Heard:
        """Have a recording recognised by the first that works and hears something; each has its share of the time left.

        Raises:
            ProviderRefusedError: nobody understands the language, or all refused.
            ProviderError: none of the others works for now.
        """
        known = [each for each in self._transcribers if each.understands(language)]
        if not known:
            raise ProviderRefusedError("no speech provider understands the language")
        deadline = Deadline.real(within_s)
        failure: ProviderError | None = None
        nothing: Heard | None = None
        for left, each in zip(range(len(known), 0, -1), known, strict=True):
            if not (len(known) == 1 or circuits.closed(each.name)):
                continue
            try:
                heard = each.transcribe(
                    pcm, language=language, vocabulary=vocabulary, within_s=deadline.remaining / left
                )
            except ProviderError as error:
                circuits.failed(each.name, error)
                get_logger().warning("batch_provider_failed", provider=each.name, error=type(error).__name__)
                if failure is None or not failure.retryable:
                    failure = error
            else:
                circuits.worked(each.name)
                heard = replace(heard, provider=each.name)
                if heard.utterances or len(known) == 1 or not may_hold_words(pcm):
                    return heard
                nothing = nothing or heard
        if nothing is not None:
            return nothing
        raise failure or ProviderError("all speech providers are left alone for now")
