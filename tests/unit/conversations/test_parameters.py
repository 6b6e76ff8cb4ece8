"""What a client may ask for when it opens the socket."""

import pytest
from pydantic import ValidationError

from common.conversations.live.parameters import LONGEST_TIMEOUT_S, ListenParameters
from common.models.conversation import ConversationSource


def _given(**query: str) -> ListenParameters:
    return ListenParameters.model_validate(query)


def test_the_contracts_defaults() -> None:
    given = _given()
    assert (given.language, given.sample_rate, given.codec, given.channels) == ("en", 8000, "pcm8", 1)
    assert (given.source, given.timeout_s) == (ConversationSource.OMI, 120)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("-1", LONGEST_TIMEOUT_S),
        ("0", 120),
        ("60", 120),
        ("121", 121),
        ("14400", 14_400),
        ("99999", LONGEST_TIMEOUT_S),
    ],
)
def test_the_timeout_has_a_floor_and_a_ceiling(asked: str, seconds: int) -> None:
    assert _given(conversation_timeout=asked).timeout_s == seconds


def test_an_operator_may_lower_the_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERSATION_TIMEOUT_S", "5")
    assert _given(conversation_timeout="6").timeout_s == 6
    assert _given().timeout_s == 5


@pytest.mark.parametrize(("asked", "source"), [("phone", "phone"), ("toaster", "omi"), ("", "omi")])
def test_an_unknown_source_is_captured_all_the_same(asked: str, source: str) -> None:
    assert _given(source=asked).source.value == source


def test_auto_is_any_language() -> None:
    assert (_given(language="auto").spoken_language, _given(language="de").spoken_language) == ("multi", "de")


def test_other_parameters_of_the_app_are_ignored() -> None:
    assert _given(uid="somebody else", include_speech_profile="true", stt_service="soniox") == _given()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sample_rate", "fast"),
        ("channels", "0"),
        ("codec", "x" * 33),
        ("language", "x" * 36),
        ("conversation_timeout", "x"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        _given(**{name: value})
