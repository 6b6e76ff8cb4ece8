"""The chain with deterministic providers behind its ports."""

import pytest

from common.chat import passages
from common.conversations import index, structure, transcribe_span
from common.indexing import asking, texts
from tests.support.providers import CountingTranscriber, FirstWordsStructurer, WordEmbedder


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> WordEmbedder:
    """The embedder of indexing and search, and of what is quoted."""
    made = WordEmbedder()
    for module in (index, asking, texts, passages):
        monkeypatch.setattr(module, "embedder", lambda: made)
    return made


@pytest.fixture
def first_words(monkeypatch: pytest.MonkeyPatch) -> FirstWordsStructurer:
    """The structurer."""
    made = FirstWordsStructurer()
    monkeypatch.setattr(structure, "structurer", lambda: made)
    return made


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> CountingTranscriber:
    """The batch transcriber."""
    made = CountingTranscriber()
    monkeypatch.setattr(transcribe_span, "batch_transcriber", lambda: made)
    return made
