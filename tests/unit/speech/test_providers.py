import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

import pytest

from common.core.errors import MisconfiguredError, ProviderError, ProviderExhaustedError, ProviderRefusedError
from common.core.settings import settings
from common.database import shared_notes
from common.speech import circuits, languages
from common.speech.failing_over import FailingOverTranscriber
from common.speech.providers import (
    batch_transcriber,
    configured_streaming,
    streaming_transcribers,
)
from common.speech.transcriber import Heard, Utterance
from tests.support.speech_servers.tones import quiet, tone

LOST = ProviderError("lost")
_SPEECH = b"".join(tone(number) + quiet(0.4) for number in range(20))
"""As loud as speech, with its pauses."""


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setattr(shared_notes, "_own", type(shared_notes._own)())
    caches = (settings, configured_streaming, batch_transcriber, languages.understood)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def test_the_providers_of_the_settings_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_MODELS_URL", "http://127.0.0.1:9")
    [streaming] = streaming_transcribers("en")
    assert streaming.name == batch_transcriber().name == "local"
    assert streaming_transcribers("en") == [streaming]
    assert batch_transcriber() is batch_transcriber()


def test_without_an_address_the_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_MODELS_URL", raising=False)
    for provider in (configured_streaming, batch_transcriber):
        with pytest.raises(ProviderRefusedError, match="LOCAL_MODELS_URL"):
            provider()


def test_only_those_that_understand_the_language_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_MODELS_URL", "http://127.0.0.1:9")
    assert [each.name for each in streaming_transcribers("en-GB")] == ["local"]
    assert [each.name for each in streaming_transcribers("fr")] == []
    assert languages.understood() == (languages.Language("en", "English"),)


def test_the_first_that_is_configured_is_taken_and_what_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMING_TRANSCRIBERS", "deepgram, soniox,speechmatics,google,local")
    monkeypatch.setenv("BATCH_TRANSCRIBERS", "google,deepgram,local")
    monkeypatch.setenv("SONIOX_API_KEY", "secret")
    monkeypatch.setenv("LOCAL_MODELS_URL", "http://127.0.0.1:9")
    assert [each.name for each in streaming_transcribers("en")] == ["soniox", "google", "local"]
    assert [each.name for each in streaming_transcribers("fi")] == ["soniox"]
    assert batch_transcriber().name == "google,local"
    monkeypatch.setenv("DEEPGRAM_API_KEY", "secret")
    monkeypatch.setenv("SPEECHMATICS_API_KEY", "secret")
    for cached in (settings, configured_streaming, batch_transcriber):
        cached.cache_clear()
    assert [each.name for each in streaming_transcribers("de")] == ["deepgram", "soniox", "speechmatics", "google"]
    assert batch_transcriber().name == "google,deepgram,local"


def test_languages_are_those_of_all_providers_and_need_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMING_TRANSCRIBERS", "local,deepgram")
    codes = [language.code for language in languages.understood()]
    assert {"en", "de", "zh-TW"} < set(codes)
    assert len(codes) == len(set(codes)) > 40
    monkeypatch.setenv("STREAMING_TRANSCRIBERS", "google")
    settings.cache_clear()
    languages.understood.cache_clear()
    assert "fi" not in [language.code for language in languages.understood()]


@pytest.mark.parametrize("value", ["whisper", "local,whisper", ","])
def test_a_provider_nobody_knows_is_an_error_of_the_settings(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("STREAMING_TRANSCRIBERS", value)
    with pytest.raises(MisconfiguredError, match="STREAMING_TRANSCRIBERS"):
        settings()


def test_importing_speech_loads_no_library_for_audio_or_the_net() -> None:
    script = (
        "import sys, common.speech.codecs, common.speech.files, common.speech.local, common.speech.languages\n"
        "print([name for name in ('av', 'numpy', 'soxr', 'httpx', 'websockets') if name in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    assert done.stdout.strip() == "[]"


@dataclass
class Recogniser:
    """Says its own name, or fails with what comes next."""

    name: str
    failures: list[ProviderError] = field(default_factory=list)
    language: str = "en"
    hears: bool = True
    asked: int = 0
    within_s: float = 0.0

    def understands(self, language: str) -> bool:
        return language == self.language

    def transcribe(
        self,
        pcm: bytes,  # noqa: ARG002 - the port has it
        *,
        language: str,  # noqa: ARG002
        vocabulary: Sequence[str] = (),  # noqa: ARG002
        within_s: float = inf,
    ) -> Heard:
        self.asked += 1
        self.within_s = within_s
        if self.failures:
            raise self.failures.pop(0)
        return Heard((Utterance(self.name, 0, 1),) if self.hears else (), 1.0)


class TestSeveralProvidersOfRecordings:
    """As one: in order, until one works."""

    def test_the_first_is_asked_and_named(self) -> None:
        first, second = Recogniser("first"), Recogniser("second")
        heard = FailingOverTranscriber([first, second]).transcribe(b"", language="en")
        assert (heard.provider, heard.utterances[0].text, second.asked) == ("first", "first", 0)

    @pytest.mark.parametrize("failure", [LOST, ProviderRefusedError("too long"), ProviderExhaustedError("no credit")])
    def test_whatever_it_fails_with_the_next_is_asked(self, failure: ProviderError) -> None:
        first, second = Recogniser("first", [failure]), Recogniser("second")
        assert FailingOverTranscriber([first, second]).transcribe(b"", language="en").provider == "second"

    def test_each_gets_its_share_of_the_time_that_is_left(self) -> None:
        one, two, three = Recogniser("1", [LOST]), Recogniser("2", [LOST]), Recogniser("3")
        FailingOverTranscriber([one, two, three]).transcribe(b"", language="en", within_s=90.0)
        assert [one.within_s, two.within_s, three.within_s] == pytest.approx([30, 45, 90], abs=0.5)

    def test_one_that_does_not_understand_the_language_is_not_asked(self) -> None:
        first, second = Recogniser("first", language="fr"), Recogniser("second")
        both = FailingOverTranscriber([first, second])
        assert both.transcribe(b"", language="en").provider == "second"
        assert both.understands("fr")
        assert not both.understands("xx")
        with pytest.raises(ProviderRefusedError):
            both.transcribe(b"", language="xx")

    def test_one_that_is_left_alone_is_passed_over(self) -> None:
        first, second = Recogniser("first", [LOST] * circuits.FAILURES), Recogniser("second")
        both = FailingOverTranscriber([first, second])
        for _ in range(circuits.FAILURES + 5):
            assert both.transcribe(b"", language="en").provider == "second"
        assert first.asked == circuits.FAILURES

    def test_the_only_one_is_asked_even_so(self) -> None:
        first = Recogniser("first", [ProviderExhaustedError("no credit")])
        both = FailingOverTranscriber([first, Recogniser("second", language="fr")])
        with pytest.raises(ProviderExhaustedError):
            both.transcribe(b"", language="en")
        assert both.transcribe(b"", language="en").provider == "first"

    def test_when_all_fail_it_may_be_tried_again_if_with_any_of_them(self) -> None:
        refusal: ProviderError = ProviderRefusedError("no")
        for failures in ((refusal, LOST), (LOST, refusal)):
            both = FailingOverTranscriber([Recogniser(str(n), [each]) for n, each in enumerate(failures)])
            with pytest.raises(ProviderError) as raised:
                both.transcribe(b"", language="en")
            assert raised.value is LOST

    def test_where_somebody_may_speak_nobody_is_believed_at_once_to_hear_nothing(self) -> None:
        deaf, second = Recogniser("deaf", hears=False), Recogniser("second")
        both = FailingOverTranscriber([deaf, second])
        assert both.transcribe(_SPEECH, language="en").provider == "second"
        assert both.transcribe(bytes(len(_SPEECH)), language="en") == Heard((), 1.0, provider="deaf")
        assert (deaf.asked, second.asked) == (2, 1)

    @pytest.mark.parametrize("second", [Recogniser("second", hears=False), Recogniser("second", [LOST])])
    def test_where_nobody_hears_anything_there_is_nothing(self, second: Recogniser) -> None:
        both = FailingOverTranscriber([Recogniser("deaf", hears=False), second])
        assert both.transcribe(_SPEECH, language="en") == Heard((), 1.0, provider="deaf")
        assert second.asked == 1

    def test_when_all_are_left_alone_it_may_be_tried_again(self) -> None:
        both = FailingOverTranscriber([Recogniser("first"), Recogniser("second")])
        for name in ("first", "second"):
            circuits.failed(name, ProviderExhaustedError("no credit"))
        with pytest.raises(ProviderError) as raised:
            both.transcribe(b"", language="en")
        assert raised.value.retryable
