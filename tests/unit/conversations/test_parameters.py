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
        ("-2", 120),
        ("", 120),
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


def test_a_language_left_empty_is_that_of_the_contract() -> None:
    assert _given(language="").spoken_language == "en"


def test_auto_is_any_language() -> None:
    assert (_given(language="auto").spoken_language, _given(language="de").spoken_language) == ("multi", "de")


def test_other_parameters_of_the_app_are_ignored() -> None:
    assert _given(uid="somebody else", include_speech_profile="true", new_thing="soniox") == _given()


SWITCHES = [
    "custom_stt",
    "include_speech_profile",
    "speech_profile_redo",
    "speaker_auto_assign",
    "create_speakers",
    "vad_gate",
    "onboarding",
]


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("asked", ["true", "enabled", "1", "True", " ENABLED", "on"])
def test_a_switch_is_turned_on_however_a_client_says_it(name: str, asked: str) -> None:
    assert getattr(_given(**{name: asked}), name) is True


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("asked", ["false", "disabled", "0", "FALSE", "off", "no"])
def test_a_switch_is_turned_off_however_a_client_says_it(name: str, asked: str) -> None:
    assert getattr(_given(**{name: asked}), name) is False


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("asked", ["", "maybe", "null"])
def test_a_switch_that_says_neither_yes_nor_no_is_not_touched(name: str, asked: str) -> None:
    assert _given(**{name: asked}) == _given()


def test_the_switches_of_a_client_that_says_nothing() -> None:
    given = _given()
    assert (given.include_speech_profile, given.create_speakers) == (True, True)
    assert (given.custom_stt, given.speaker_auto_assign, given.onboarding, given.speech_profile_redo) == (False,) * 4
    assert given.vad_gate is None
    assert given.conversation_role == "ambient"


@pytest.mark.parametrize("timeout", ["-1", "0", "120", "99999"])
def test_a_call_of_several_channels_has_the_longest_timeout_whatever_it_asks_for(timeout: str) -> None:
    assert _given(channels="2", conversation_timeout=timeout).timeout_s == LONGEST_TIMEOUT_S
    assert _given(channels="8").timeout_s == LONGEST_TIMEOUT_S


def test_who_is_asked_about_themselves_has_a_conversation_of_its_own_kind_and_time_to_think() -> None:
    asked = {"source": "phone", "conversation_timeout": "120"}
    given = ListenParameters.read({**asked, "onboarding": "enabled"}, {})
    assert (given.source, given.timeout_s) == (ConversationSource.ONBOARDING, 600)
    assert ListenParameters.read({**asked, "onboarding": "disabled"}, {}).source is ConversationSource.PHONE


def test_a_clients_own_id_is_kept_as_it_is_spelled() -> None:
    named = "A3BB189E-8BF9-3888-9912-ACE4E6543002"
    assert _given(client_conversation_id=named).client_conversation_id == named
    assert _given(client_conversation_id="").client_conversation_id is None


@pytest.mark.parametrize("named", ["1", "../users/x", "a3bb189e8bf938889912ace4e6543002", "{a3bb189e}", "x" * 36])
def test_a_clients_id_that_is_no_uuid_is_refused_by_name(named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _given(client_conversation_id=named)
    assert [problem["loc"] for problem in refused.value.errors()] == [("client_conversation_id",)]


@pytest.mark.parametrize("name", ["call_id", "client_device_id", "client_platform", "stt_service"])
def test_a_label_is_noted_and_one_that_is_none_is_not(name: str) -> None:
    assert getattr(_given(**{name: "ios_12ab34cd"}), name) == "ios_12ab34cd"
    for useless in ("", "  ", "a/b", "x" * 129):
        assert _given(**{name: useless}) == _given()


def test_headers_name_the_device_where_the_query_does_not() -> None:
    headers = {"x-app-platform": "macos", "x-device-id-hash": "a1b2c3d4", "user-agent": "x"}
    read = ListenParameters.read({}, headers)
    assert (read.client_platform, read.client_device_id) == ("macos", "macos_a1b2c3d4")
    asked = ListenParameters.read({"client_device_id": "mine", "client_platform": "ios"}, headers)
    assert (asked.client_platform, asked.client_device_id) == ("ios", "mine")
    assert ListenParameters.read({}, {"x-device-id-hash": "a1b2c3d4"}) == _given()


class _Provider:
    def __init__(self, name: str) -> None:
        self.name = name


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        (None, "deepgram soniox local"),
        ("soniox", "soniox deepgram local"),
        ("Soniox-rt-v2", "soniox deepgram local"),
        ("local", "local deepgram soniox"),
        ("whisper", "deepgram soniox local"),
    ],
)
def test_the_wished_for_provider_comes_first_if_there_is_one(wish: str | None, order: str) -> None:
    given = _given() if wish is None else _given(stt_service=wish)
    providers = [_Provider(name) for name in ("deepgram", "soniox", "local")]
    assert [provider.name for provider in given.preferred_first(providers)] == order.split()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sample_rate", "fast"),
        ("channels", "0"),
        ("channels", "9"),
        ("codec", "x" * 33),
        ("language", "x" * 36),
        ("conversation_timeout", "x"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        _given(**{name: value})
