"""The user's own document and people, through the real clients."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.core.errors import ConflictError, NotFoundError
from common.database import cache, people, users
from common.database.clients import redis_client
from tests.support.making import at

pytestmark = pytest.mark.usefixtures("stores")


class TestSettings:
    """Read with defaults, changed by merging."""

    def test_who_has_set_nothing_has_the_defaults(self, uid: str) -> None:
        settings = users.find(uid=uid)
        assert (settings.daily_summary_enabled, settings.daily_summary_hour_local) == (True, 22)
        assert settings.language is None

    def test_a_change_leaves_the_other_fields_and_the_rest_of_a_map(self, uid: str) -> None:
        users.change(uid=uid, language="de", transcription_preferences={"vocabulary": ["Earshot"]})
        users.change(uid=uid, transcription_preferences={"single_language_mode": True})
        settings = users.find(uid=uid)
        assert settings.language == "de"
        assert settings.transcription_preferences.vocabulary == ["Earshot"]
        assert settings.transcription_preferences.single_language_mode

    def test_an_unknown_setting_is_a_mistake_and_not_stored(self, uid: str) -> None:
        with pytest.raises(ValueError, match="admin"):
            users.change(uid=uid, admin=True)
        assert not users.reference(uid=uid).get().exists

    def test_what_cannot_be_read_counts_as_not_set_and_hides_nothing_else(self, uid: str) -> None:
        users.reference(uid=uid).set({"language": "fr", "daily_summary_hour_local": "late", "something": 1})
        settings = users.find(uid=uid)
        assert (settings.language, settings.daily_summary_hour_local) == ("fr", 22)


class TestNotes:
    """The name and the speech profile are noted, and right at once after a change."""

    def test_a_change_is_seen_though_the_old_value_was_noted(self, uid: str) -> None:
        assert users.display_name(uid=uid) == ""
        assert not users.has_speech_profile(uid=uid)
        assert users.language(uid=uid) is None
        users.change(uid=uid, name="Ann", language="fr", speech_profile_at=at(0))
        assert users.display_name(uid=uid) == "Ann"
        assert users.language(uid=uid) == "fr"
        assert users.has_speech_profile(uid=uid)
        users.change(uid=uid, language=None, speech_profile_at=None)
        assert users.language(uid=uid) is None
        assert not users.has_speech_profile(uid=uid)

    def test_a_noted_name_is_read_from_the_cache(self, uid: str) -> None:
        users.change(uid=uid, name="Ann")
        users.reference(uid=uid).update({"name": "changed behind our back"})
        assert users.display_name(uid=uid) == "Ann"
        users.forget_notes(uid=uid)
        assert users.display_name(uid=uid) == "changed behind our back"

    def test_without_redis_the_answers_are_the_same(self, uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache, "redis_client", lambda: None)
        users.change(uid=uid, name="Ann")
        assert users.display_name(uid=uid) == "Ann"
        assert redis_client() is not None


class TestPeople:
    """One person per name."""

    def test_many_who_ask_for_one_name_at_once_get_one_person(self, uid: str) -> None:
        with ThreadPoolExecutor(5) as pool:
            made = list(pool.map(lambda name: people.get_or_create(uid=uid, name=name), ["Bo  B", "bo b", "BO B"] * 2))
        assert len({person.id for person in made}) == 1
        assert len(people.list_all(uid=uid)) == 1

    def test_a_person_stored_without_a_key_is_found_by_name(self, uid: str) -> None:
        people.of(uid=uid).collection.document("old").set({"name": "Ann"})
        assert people.get_or_create(uid=uid, name="Ann").id == "old"

    def test_names_are_told_of_those_that_are_known(self, uid: str) -> None:
        ann = people.get_or_create(uid=uid, name="Ann")
        assert people.names(uid=uid, person_ids=[ann.id, "user", "", "../x", ann.id]) == {ann.id: "Ann"}
        assert people.names(uid=f"{uid}-2", person_ids=[ann.id]) == {}
        assert people.names(uid=uid, person_ids=[]) == {}

    def test_a_name_that_is_taken_is_given_to_nobody_else(self, uid: str) -> None:
        ann, bob = (people.get_or_create(uid=uid, name=name) for name in ("Ann", "Bob"))
        with pytest.raises(ConflictError):
            people.rename(uid=uid, person_id=bob.id, name="ANN")
        assert people.rename(uid=uid, person_id=ann.id, name="ANN").name == "ANN"
        with pytest.raises(NotFoundError):
            people.rename(uid=uid, person_id="nobody", name="Carl")
