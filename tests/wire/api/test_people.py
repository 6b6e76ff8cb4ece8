"""People over real HTTP: statuses and fields as the app demands them."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from common.database import media, people
from tests.wire.api.conftest import ApiAs


def _person(api: httpx.Client, name: str = "Ann") -> str:
    answer = api.post("/v1/users/people", json={"name": name})
    assert answer.status_code == 200
    person_id: str = answer.json()["id"]
    return person_id


def _with_samples(api: httpx.Client, uid: str, count: int) -> str:
    person_id = _person(api)
    paths = [f"{uid}/people_profiles/{person_id}/{number}.wav" for number in range(count)]
    for path in paths:
        media.put(path, path.encode(), content_type="audio/wav")
    people.of(uid=uid).collection.document(person_id).update(
        {
            "speech_samples": paths,
            "speech_sample_transcripts": [f"text {number}" for number in range(count)],
            "speaker_embedding": [0.5],
        }
    )
    return person_id


class TestPeople:
    """Remembered, renamed, forgotten."""

    def test_a_person_has_what_the_app_needs(self, api: httpx.Client) -> None:
        person = api.post("/v1/users/people", json={"name": "  Ann "}).json()
        assert person["name"] == "Ann"
        assert person["created_at"].endswith("Z")
        assert person["updated_at"].endswith("Z")
        assert person["speech_samples"] == []
        assert person["speech_samples_version"] == 3
        assert not {"speaker_embedding", "name_key"} & person.keys()
        assert api.get(f"/v1/users/people/{person['id']}").json() == person
        assert api.get("/v1/users/people").json() == [person]

    def test_the_same_name_is_the_same_person(self, api: httpx.Client) -> None:
        assert _person(api, "Ann") == _person(api, "ann ")

    def test_a_request_that_is_sent_again_is_answered_again(self, api: httpx.Client) -> None:
        headers = {"Idempotency-Key": "k1"}
        first = api.post("/v1/users/people", json={"name": "Ann"}, headers=headers).json()
        api.delete(f"/v1/users/people/{first['id']}")
        assert api.post("/v1/users/people", json={"name": "Ann"}, headers=headers).json() == first
        assert api.get("/v1/users/people").json() == []
        assert api.post("/v1/users/people", json={"name": "Bob"}, headers=headers).status_code == 422

    def test_many_requests_at_once_make_one_person(self, api: httpx.Client) -> None:
        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(lambda _: _person(api), range(4)))) == 1

    def test_they_are_listed_by_name(self, api: httpx.Client) -> None:
        for name in ("bob", "Ann", "Zoe", "carl"):
            _person(api, name)
        assert [person["name"] for person in api.get("/v1/users/people").json()] == ["Ann", "bob", "carl", "Zoe"]

    @pytest.mark.parametrize("name", ["", "x", " x ", "x" * 41, None, 7, "\ud800\ud800"])
    def test_a_name_that_is_none_is_422(self, api: httpx.Client, name: object) -> None:
        body = json.dumps({"name": name})
        headers = {"Content-Type": "application/json"}
        assert api.post("/v1/users/people", content=body, headers=headers).status_code == 422

    def test_odd_names_are_names(self, api: httpx.Client) -> None:
        for name in ("a\0b", "東京", "../..", "__x__"):
            person_id = _person(api, name)
            assert api.get(f"/v1/users/people/{person_id}").json()["name"] == name

    def test_a_person_is_renamed_but_not_to_somebody_else(self, api: httpx.Client) -> None:
        ann = _person(api, "Ann")
        _person(api, "Bob")
        answer = api.patch(f"/v1/users/people/{ann}/name", params={"value": "Anna"}, content=b"")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert api.get(f"/v1/users/people/{ann}").json()["name"] == "Anna"
        assert api.patch(f"/v1/users/people/{ann}/name", params={"value": "BOB"}).status_code == 409
        assert api.patch(f"/v1/users/people/{ann}/name", params={"value": "x"}).status_code == 422

    def test_a_deleted_person_is_gone_with_every_sample(self, api: httpx.Client, uid: str) -> None:
        person_id = _with_samples(api, uid, 2)
        answer = api.delete(f"/v1/users/people/{person_id}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert media.list_paths(f"{uid}/") == []
        assert api.delete(f"/v1/users/people/{person_id}").status_code == 404

    def test_a_sample_that_is_learnt_in_that_moment_is_not_left_behind(
        self, api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person_id = _with_samples(api, uid, 1)
        delete_below, asked = media.delete_below, list[str]()

        def learnt_meanwhile(prefix: str) -> int:
            deleted = delete_below(prefix)
            if not asked:
                media.put(f"{prefix}late.wav", b"late", content_type="audio/wav")
            asked.append(prefix)
            return deleted

        monkeypatch.setattr(media, "delete_below", learnt_meanwhile)
        assert api.delete(f"/v1/users/people/{person_id}").status_code == 204
        assert media.list_paths(f"{uid}/") == []

    def test_another_users_person_does_not_exist(self, api: httpx.Client, api_as: ApiAs, uid: str) -> None:
        person_id = _with_samples(api, uid, 1)
        other = api_as(f"{uid}-2")
        path = f"/v1/users/people/{person_id}"
        for method, target in (
            ("GET", path),
            ("PATCH", f"{path}/name?value=Mine"),
            ("DELETE", f"{path}/speech-samples/0"),
            ("DELETE", path),
        ):
            answer = other.request(method, target)
            assert (answer.status_code, answer.json()) == (404, {"detail": "Person not found"})
        assert other.get("/v1/users/people").json() == []
        assert len(media.list_paths(f"{uid}/")) == 1

    @pytest.mark.parametrize("person_id", ["%2e%2e", "__x__", "x" * 1501, "%00", "%f0%9f%98%80"])
    def test_an_id_that_cannot_be_is_404(self, api: httpx.Client, person_id: str) -> None:
        assert api.get(f"/v1/users/people/{person_id}").status_code == 404


class TestSamples:
    """Recordings of a person's voice."""

    def test_they_can_be_heard_where_asked_for(self, api: httpx.Client, anybody: httpx.Client, uid: str) -> None:
        person_id = _with_samples(api, uid, 2)
        [person] = api.get("/v1/users/people").json()
        heard = [anybody.get(url).content for url in person["speech_samples"]]
        assert heard == [f"{uid}/people_profiles/{person_id}/{number}.wav".encode() for number in range(2)]
        assert api.get(f"/v1/users/people/{person_id}").json()["speech_samples"] == []
        with_samples = api.get(f"/v1/users/people/{person_id}?include_speech_samples=true").json()
        assert len(with_samples["speech_samples"]) == 2
        [without] = api.get("/v1/users/people?include_speech_samples=false").json()
        assert without["speech_samples"] == []

    def test_one_is_deleted_with_its_transcript_and_with_the_last_the_voice(self, api: httpx.Client, uid: str) -> None:
        person_id = _with_samples(api, uid, 2)
        answer = api.delete(f"/v1/users/people/{person_id}/speech-samples/0")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        left = people.of(uid=uid).get(person_id)
        assert left.speech_samples == media.list_paths(f"{uid}/") == [f"{uid}/people_profiles/{person_id}/1.wav"]
        assert left.speech_sample_transcripts == ["text 1"]
        assert left.speaker_embedding == [0.5]
        assert api.delete(f"/v1/users/people/{person_id}/speech-samples/0").status_code == 200
        assert people.of(uid=uid).get(person_id).speaker_embedding is None
        assert api.delete(f"/v1/users/people/{person_id}/speech-samples/0").status_code == 404

    def test_a_path_that_is_not_the_persons_is_not_deleted(self, api: httpx.Client, uid: str) -> None:
        person_id = _person(api)
        foreign = f"{uid}-2/speech_profile.wav"
        media.put(foreign, b"x", content_type="audio/wav")
        people.of(uid=uid).collection.document(person_id).update({"speech_samples": [foreign]})
        assert api.delete(f"/v1/users/people/{person_id}/speech-samples/0").status_code == 200
        assert media.list_paths(foreign) == [foreign]

    @pytest.mark.parametrize("index", ["-1", "100", "x", "99999999999999999999"])
    def test_a_place_that_cannot_be_is_422(self, api: httpx.Client, index: str) -> None:
        assert api.delete(f"/v1/users/people/{_person(api)}/speech-samples/{index}").status_code == 422
