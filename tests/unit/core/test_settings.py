"""Settings come from the environment: of each the variable of its name, and nothing where that is empty."""

import pytest

from common.core.errors import MisconfiguredError
from common.core.settings import settings


def test_what_the_environment_says_is_read_as_what_it_is_meant_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "EMBEDDING_DIMENSION": "768",
        "TRACING_RATIO": "0.5",
        "POST_PROCESSING": "true",
        "BATCH_TRANSCRIBERS": "deepgram, local",
        "PINECONE_API_KEY": "of-pinecone",
    }.items():
        monkeypatch.setenv(name, value)
    known = settings()
    assert (known.embedding_dimension, known.tracing_ratio, known.post_processing) == (768, 0.5, True)
    assert known.batch_transcribers == ("deepgram", "local")
    assert known.pinecone_api_key is not None
    assert known.pinecone_api_key.get_secret_value() == "of-pinecone"
    assert "of-pinecone" not in repr(known)


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("ADMIN_KEY", "")
    assert (settings().port, settings().admin_key) == (8080, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "high"), ("TRACING_RATIO", "2"), ("LANGUAGE_MODEL", "oracle"), ("BATCH_TRANSCRIBERS", " , ")],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(MisconfiguredError, match=name) as refused:
        settings()
    assert value not in str(refused.value)
    assert refused.value.__suppress_context__, "nobody else tells it, either"
