"""Google Speech v2 as a provider of recognition of recordings.

Google takes a minute at once with the request; longer ones only from a bucket, minutes later. So a recording goes in
pieces that end where it is quietest, some of them at the same time.
"""

from __future__ import annotations

from array import array
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import accumulate, pairwise
from math import inf
from typing import TYPE_CHECKING

from common.core.clock import Deadline
from common.core.errors import ProviderError, ProviderRefusedError
from common.speech.google import NAME, SpeechProject, end_of, translated, words_of
from common.speech.google_languages import spoken_tag
from common.speech.transcriber import BYTES_PER_SECOND, SAMPLE_RATE, Heard
from common.speech.words import Word, to_utterances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.cloud.speech_v2 import SpeechClient
    from google.cloud.speech_v2.types import cloud_speech

_LONGEST_S = 360.0
_LONGEST_PIECE_S, _SHORTEST_PIECE_S = 55, 40
_AT_ONCE = 3
_WINDOW = SAMPLE_RATE // 5


class GoogleBatchTranscriber:
    """Recognition of recordings by Google.

    Args:
        project: whose, where and by which model.
        timeout: real seconds for each piece.
    """

    name = NAME

    def __init__(self, project: SpeechProject, *, timeout: float) -> None:
        self._project = project
        self._timeout = timeout

    def understands(self, language: str) -> bool:
        """What the model knows in recordings."""
        return spoken_tag(language, model=self._project.model, streaming=False) is not None

    def transcribe(self, pcm: bytes, *, language: str, vocabulary: Sequence[str] = (), within_s: float = inf) -> Heard:
        """Recognise a recording of 6 minutes at most.

        Speakers are told apart within a piece; who speaks in several has as many numbers.

        Raises:
            ProviderRefusedError: a language the model does not know, or a recording that is too long.
            ProviderExhaustedError: credentials or quota.
            ProviderError: no server, or none that answers properly in time.
        """
        if len(pcm) > _LONGEST_S * BYTES_PER_SECOND:
            raise ProviderRefusedError("the recording is too long")
        config = self._project.config(language, vocabulary)
        cuts = [0, *cut_points(pcm), len(pcm)]
        deadline = Deadline.real(within_s)
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            pieces = [pool.submit(self._recognize, pcm[a:b], config, deadline) for a, b in pairwise(cuts) if b > a]
            heard = [piece.result() for piece in pieces]
        finally:  # where one failed, those that have not begun are of no use
            pool.shutdown(cancel_futures=True)
        words: list[Word] = []
        first_speakers = accumulate((1 + max((w.speaker for w in piece), default=-1) for piece in heard), initial=0)
        for start, first, piece in zip(cuts, first_speakers, heard, strict=False):
            base = start / BYTES_PER_SECOND
            words += [
                Word(word.text, base + word.start, base + word.end, first + word.speaker, word.language)
                for word in piece
            ]
        return Heard(to_utterances(words), len(pcm) / BYTES_PER_SECOND)

    def _recognize(self, pcm: bytes, config: cloud_speech.RecognitionConfig, deadline: Deadline) -> list[Word]:
        """The words of a piece, on its own clock."""
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError
        from google.cloud.speech_v2.types import cloud_speech as types

        request = types.RecognizeRequest(recognizer=self._project.recognizer, config=config, content=pcm)
        if deadline.passed:
            raise ProviderError("Google is too slow")
        try:
            response = self._client.recognize(request=request, timeout=min(self._timeout, deadline.remaining))
        except (GoogleAPICallError, GoogleAuthError) as error:
            raise translated(error) from error
        words: list[Word] = []
        reached, length = 0.0, len(pcm) / BYTES_PER_SECOND
        for result in response.results:
            until = min(max(reached, end_of(result)), length)
            words += words_of(result, since=reached, until=until)
            reached = until
        return words

    @cached_property
    def _client(self) -> SpeechClient:
        import grpc
        from google.cloud.speech_v2 import SpeechClient
        from google.cloud.speech_v2.services.speech.transports import SpeechGrpcTransport

        if self._project.address:
            channel = grpc.insecure_channel(self._project.address)
        else:
            channel = SpeechGrpcTransport.create_channel(self._project.host, credentials=self._project.credentials)
        return SpeechClient(transport=SpeechGrpcTransport(channel=channel))


def cut_points(pcm: bytes) -> list[int]:
    """Bytes at which a recording is to be cut, so that each piece is short enough; where it is quietest."""
    cuts: list[int] = []
    begin = 0
    while len(pcm) - begin > _LONGEST_PIECE_S * BYTES_PER_SECOND:
        first = begin + _SHORTEST_PIECE_S * BYTES_PER_SECOND
        samples = array("h", pcm[first : begin + _LONGEST_PIECE_S * BYTES_PER_SECOND])
        windows = reversed(range(0, len(samples) - _WINDOW, _WINDOW // 2))  # of several the last: fewer pieces
        quietest = min(windows, key=lambda at: sum(map(abs, samples[at : at + _WINDOW : 4])))
        begin = first + 2 * (quietest + _WINDOW // 2)
        cuts.append(begin)
    return cuts
