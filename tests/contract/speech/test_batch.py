import pytest

from common.core.errors import ProviderRefusedError
from common.speech.transcriber import BYTES_PER_SECOND, BatchTranscriber, Heard
from local.demo.script import read_script
from local.demo.wer import word_error_rate

SAID = " ".join(turn.text for turn in read_script()[:2])


def test_what_is_said_is_heard(batch: BatchTranscriber, speech: bytes) -> None:
    heard = batch.transcribe(speech[: 9 * BYTES_PER_SECOND], language="en")
    assert word_error_rate(SAID, " ".join(utterance.text for utterance in heard.utterances)) <= 0.2


def test_times_are_ordered_and_until_is_the_length(batch: BatchTranscriber, speech: bytes) -> None:
    heard = batch.transcribe(speech, language="en")
    assert heard.until == pytest.approx(len(speech) / BYTES_PER_SECOND, abs=0.05)
    end = 0.0
    for utterance in heard.utterances:
        assert end <= utterance.start < utterance.end <= heard.until
        end = utterance.end


def test_silence_says_nothing(batch: BatchTranscriber) -> None:
    assert batch.transcribe(bytes(3 * BYTES_PER_SECOND), language="en") == Heard((), 3.0)


def test_nothing_says_nothing(batch: BatchTranscriber) -> None:
    assert batch.transcribe(b"", language="en") == Heard((), 0.0)


def test_a_language_that_is_not_known_is_refused(batch: BatchTranscriber) -> None:
    with pytest.raises(ProviderRefusedError):
        batch.transcribe(bytes(640), language="fr")


def test_a_recording_that_is_too_long_is_refused(batch: BatchTranscriber) -> None:
    with pytest.raises(ProviderRefusedError):
        batch.transcribe(bytes(361 * BYTES_PER_SECOND), language="en")
