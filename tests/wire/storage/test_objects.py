from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions

from tests.wire.storage.conftest import Storage


def _blob(cloud: Storage, name: str = "x", content: bytes = b"content") -> Any:
    blob = cloud.bucket.blob(name)
    blob.upload_from_string(content, content_type="text/plain")
    return blob


def test_a_patch_changes_what_it_names_and_null_deletes(cloud: Storage) -> None:
    blob = _blob(cloud)
    blob.metadata = {"a": "1", "b": "2"}
    blob.cache_control = "no-store"
    blob.patch()
    assert blob.metageneration == 2
    blob.metadata = {"a": None, "c": "3"}
    blob.patch()
    fresh = cloud.bucket.get_blob("x")
    assert (fresh.metadata, fresh.cache_control, fresh.content_type) == ({"b": "2", "c": "3"}, "no-store", "text/plain")
    assert (fresh.metageneration, fresh.generation) == (3, blob.generation)
    blob.metadata = None
    blob.patch()
    assert cloud.bucket.get_blob("x").metadata is None
    assert len(cloud.finalized) == 1


def test_custom_metadata_has_its_limit(cloud: Storage) -> None:
    blob = cloud.bucket.blob("x")
    blob.metadata = {"a": "1" * 8191}
    blob.upload_from_string(b"content")
    blob.metadata = {"a": "1" * 8191, "b": ""}
    with pytest.raises(exceptions.BadRequest):
        blob.patch()
    fresh = cloud.bucket.blob("y")
    fresh.metadata = {"ä": "1" * 8191}
    with pytest.raises(exceptions.BadRequest):
        fresh.upload_from_string(b"content")


def test_an_update_replaces_all(cloud: Storage) -> None:
    blob = _blob(cloud)
    blob.metadata = {"a": "1"}
    blob.cache_control = "no-store"
    blob.patch()
    url = cloud.url("/storage/v1/b/audio/o/x")
    answer = cloud.http.put(url, json={"metadata": {"b": "2"}})
    assert answer.json()["metadata"] == {"b": "2"}
    assert "cacheControl" not in answer.json()


def test_custom_time_only_moves_forward(cloud: Storage) -> None:
    blob = _blob(cloud)
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    blob.custom_time = moment
    blob.patch()
    assert cloud.bucket.get_blob("x").custom_time == moment
    blob.custom_time = moment - timedelta(days=1)
    with pytest.raises(exceptions.BadRequest):
        blob.patch()
    blob.custom_time = moment + timedelta(days=1)
    blob.patch()


@pytest.mark.parametrize(
    "condition",
    [
        lambda _: {"if_generation_match": 0},
        lambda live: {"if_generation_match": live.generation + 1},
        lambda live: {"if_generation_not_match": live.generation},
        lambda _: {"if_metageneration_match": 2},
        lambda _: {"if_metageneration_not_match": 1},
    ],
)
def test_nothing_is_written_unless_the_condition_holds(
    cloud: Storage, condition: Callable[[Any], dict[str, int]]
) -> None:
    source, blob = _blob(cloud, "source"), _blob(cloud)
    failing = condition(blob)
    with pytest.raises(exceptions.PreconditionFailed):
        cloud.bucket.blob("x").upload_from_string(b"2", **failing)
    with pytest.raises(exceptions.PreconditionFailed):
        blob.patch(**failing)
    with pytest.raises(exceptions.PreconditionFailed):
        blob.delete(**failing)
    with pytest.raises(exceptions.PreconditionFailed):
        cloud.bucket.copy_blob(source, cloud.bucket, "x", **failing)
    with pytest.raises(exceptions.PreconditionFailed):
        cloud.bucket.blob("x").rewrite(source, **failing)
    assert cloud.bucket.blob("x").download_as_bytes() == b"content"


def test_writes_are_done_if_the_condition_holds(cloud: Storage) -> None:
    blob = cloud.bucket.blob("x")
    blob.upload_from_string(b"1", if_generation_match=0)
    blob.upload_from_string(b"2", if_generation_match=blob.generation, if_metageneration_match=1)
    blob.upload_from_string(b"3", if_generation_not_match=0, if_metageneration_not_match=2)
    assert cloud.bucket.blob("x").download_as_bytes() == b"3"
    blob.delete(if_generation_match=blob.generation)


def test_reads_answer_412_or_304(cloud: Storage) -> None:
    blob = _blob(cloud)
    url = cloud.url("/storage/v1/b/audio/o/x")
    for params, status in (
        ({"ifGenerationMatch": blob.generation}, 200),
        ({"ifGenerationMatch": 1}, 412),
        ({"ifGenerationNotMatch": blob.generation}, 304),
        ({"ifGenerationNotMatch": 0}, 200),
        ({"ifMetagenerationMatch": 2}, 412),
        ({"ifMetagenerationNotMatch": 1}, 304),
        ({"ifGenerationMatch": "x"}, 400),
    ):
        assert cloud.http.get(url, params=params).status_code == status
        assert cloud.http.get(url, params={**params, "alt": "media"}).status_code == status
    assert cloud.http.get(url, headers={"If-None-Match": blob.etag}).status_code == 304
    assert cloud.http.get(url, headers={"If-Match": "other"}).status_code == 412


def test_a_failed_condition_has_googles_form(cloud: Storage) -> None:
    _blob(cloud)
    error = cloud.http.delete(cloud.url("/storage/v1/b/audio/o/x?ifGenerationMatch=1")).json()["error"]
    assert error["code"] == 412
    assert error["errors"][0]["reason"] == "conditionNotMet"


def test_copies_and_rewrites_are_objects_of_their_own(cloud: Storage) -> None:
    source = _blob(cloud)
    source.metadata = {"k": "v"}
    source.patch()
    copy = cloud.bucket.copy_blob(source, cloud.bucket, "copy/?")
    assert (copy.metadata, copy.content_type, copy.md5_hash) == ({"k": "v"}, "text/plain", source.md5_hash)
    assert copy.generation > source.generation
    target = cloud.bucket.blob("rewritten")
    target.content_type = "audio/wav"
    token, done, total = target.rewrite(source)
    assert (token, done, total) == (None, 7, 7)
    assert cloud.bucket.get_blob("rewritten").content_type == "audio/wav"
    assert [resource["name"] for resource in cloud.finalized] == ["x", "copy/?", "rewritten"]
    source.delete()
    assert copy.download_as_bytes() == target.download_as_bytes() == b"content"
    copy.delete()
    target.delete()
    assert cloud.files() == []


def test_the_source_of_a_copy_can_be_pinned(cloud: Storage) -> None:
    source = _blob(cloud)
    with pytest.raises(exceptions.PreconditionFailed):
        cloud.bucket.copy_blob(source, cloud.bucket, "y", if_source_generation_match=1)
    with pytest.raises(exceptions.NotFound):
        cloud.bucket.copy_blob(source, cloud.bucket, "y", source_generation=1)
    cloud.bucket.copy_blob(source, cloud.bucket, "y", source_generation=source.generation)


def test_composition_joins_the_sources_in_order(cloud: Storage) -> None:
    parts = [_blob(cloud, f"p{n}", b"%d" % n * 10) for n in range(3)]
    whole = cloud.bucket.blob("whole")
    whole.content_type = "audio/wav"
    whole.compose(parts)
    assert whole.download_as_bytes() == b"0" * 10 + b"1" * 10 + b"2" * 10
    assert (whole.component_count, whole.md5_hash, whole.size) == (3, None, 30)
    again = cloud.bucket.blob("again")
    again.compose([whole, parts[0]])
    assert again.component_count == 4
    assert cloud.finalized[-1]["componentCount"] == 4
    assert "md5Hash" not in cloud.finalized[-1]


def test_composition_checks_its_sources(cloud: Storage) -> None:
    part = _blob(cloud, "p")
    with pytest.raises(exceptions.PreconditionFailed):
        cloud.bucket.blob("w").compose([part], if_source_generation_match=[1])
    with pytest.raises(exceptions.NotFound):
        cloud.bucket.blob("w").compose([part, cloud.bucket.blob("missing")])
    with pytest.raises(exceptions.BadRequest):
        cloud.bucket.blob("w").compose([part] * 33)
    with pytest.raises(exceptions.PreconditionFailed):
        part.compose([part], if_generation_match=0)


def test_a_move_is_a_new_object_and_a_deletion(cloud: Storage) -> None:
    _blob(cloud, "a")
    cloud.bucket.move_blob(cloud.bucket.blob("a"), "b/c")
    assert [blob.name for blob in cloud.client.list_blobs("audio")] == ["b/c"]
    assert cloud.bucket.blob("b/c").download_as_bytes() == b"content"
    assert [resource["name"] for resource in cloud.deleted] == ["a"]


def test_a_batch_is_answered_part_by_part(cloud: Storage) -> None:
    blobs = [_blob(cloud, name) for name in ("a", "b?/ü", "c")]
    with cloud.client.batch():
        for blob in blobs[:2]:
            blob.metadata = {"k": "v"}
            blob.patch()
    assert cloud.bucket.get_blob("b?/ü").metadata == {"k": "v"}
    cloud.bucket.delete_blobs(blobs)
    assert list(cloud.client.list_blobs("audio")) == []
    with pytest.raises(exceptions.NotFound), cloud.client.batch():
        blobs[0].delete()


def test_buckets_are_created_listed_changed_and_deleted(cloud: Storage) -> None:
    bucket = cloud.client.create_bucket("other-bucket")
    with pytest.raises(exceptions.Conflict):
        cloud.client.create_bucket("other-bucket")
    assert [each.name for each in cloud.client.list_buckets()] == ["other-bucket"]
    bucket.add_lifecycle_delete_rule(days_since_custom_time=1)
    bucket.labels = {"a": "b"}
    bucket.patch()
    fresh = cloud.client.get_bucket("other-bucket")
    assert next(iter(fresh.lifecycle_rules))["condition"] == {"daysSinceCustomTime": 1}
    assert (fresh.labels, fresh.metageneration) == ({"a": "b"}, 2)
    bucket.blob("x").upload_from_string(b"x")
    with pytest.raises(exceptions.Conflict):
        bucket.delete()
    bucket.delete(force=True)
    assert cloud.client.lookup_bucket("other-bucket") is None


@pytest.mark.parametrize("name", ["ab", "Upper", "-dash", "a b"])
def test_bad_bucket_names_are_refused(cloud: Storage, name: str) -> None:
    answer = cloud.http.post(cloud.url("/storage/v1/b?project=p"), json={"name": name})
    assert answer.status_code == 400


def test_what_is_not_supported_says_so(cloud: Storage) -> None:
    assert cloud.http.get(cloud.url("/storage/v1/b/audio/iam")).status_code == 501
    assert cloud.http.post(cloud.url("/nowhere"), data=b"x" * 100_000).json()["error"]["code"] == 501
