import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.core.errors import ProviderRefusedError
from common.core.settings import settings
from common.speech.providers import batch_transcriber, streaming_transcriber


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    caches = (settings, streaming_transcriber, batch_transcriber)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def test_the_providers_of_the_settings_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_MODELS_URL", "http://127.0.0.1:9")
    assert streaming_transcriber().name == batch_transcriber().name == "local"
    assert streaming_transcriber() is streaming_transcriber()
    assert batch_transcriber() is batch_transcriber()


def test_without_an_address_the_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_MODELS_URL", raising=False)
    for provider in (streaming_transcriber, batch_transcriber):
        with pytest.raises(ProviderRefusedError, match="LOCAL_MODELS_URL"):
            provider()


def test_importing_speech_loads_no_library_for_audio_or_the_net() -> None:
    script = (
        "import sys, common.speech.codecs, common.speech.files, common.speech.local, common.speech.providers\n"
        "print([name for name in ('av', 'numpy', 'soxr', 'httpx', 'websockets') if name in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    assert done.stdout.strip() == "[]"
