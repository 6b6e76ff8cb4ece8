import gzip

import pytest
from google.api_core import exceptions

from tests.wire.storage.conftest import Storage

CONTENT = bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 9, CONTENT[:10]),
        (100, None, CONTENT[100:]),
        (None, 20, CONTENT[:21]),
        (-7, None, CONTENT[-7:]),
        (10_000, 99_999, CONTENT[10_000:]),
        (len(CONTENT) - 1, None, CONTENT[-1:]),
    ],
)
def test_a_range_is_read(cloud: Storage, start: int | None, end: int | None, expected: bytes) -> None:
    blob = cloud.bucket.blob("x")
    blob.upload_from_string(CONTENT)
    assert cloud.bucket.blob("x").download_as_bytes(start=start, end=end) == expected


def test_a_range_behind_the_end_is_not_satisfiable(cloud: Storage) -> None:
    blob = cloud.bucket.blob("x")
    blob.upload_from_string(CONTENT)
    with pytest.raises(exceptions.RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=len(CONTENT))


@pytest.mark.parametrize(
    ("header", "status", "length"),
    [
        ("bytes=0-0", 206, 1),
        ("bytes=-5", 206, 5),
        ("bytes=-99999", 206, len(CONTENT)),
        ("bytes=-0", 416, None),
        ("bytes=5-2", 200, len(CONTENT)),
        ("bytes=0-1,3-4", 200, len(CONTENT)),
        ("lines=0-1", 200, len(CONTENT)),
    ],
)
def test_range_headers_mean_what_rfc_9110_says(cloud: Storage, header: str, status: int, length: int | None) -> None:
    cloud.bucket.blob("x").upload_from_string(CONTENT)
    answer = cloud.http.get(cloud.url("/download/storage/v1/b/audio/o/x?alt=media"), headers={"Range": header})
    assert answer.status_code == status
    if length is None:
        assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
    else:
        assert len(answer.content) == length
    if status == 206:
        assert answer.headers["Content-Range"].endswith(f"/{len(CONTENT)}")


def test_a_download_carries_googles_headers(cloud: Storage) -> None:
    blob = cloud.bucket.blob("x")
    blob.content_disposition = 'attachment; filename="ü.txt"'
    blob.upload_from_string(b"hello", content_type="text/plain")
    headers = cloud.http.get(blob.media_link).headers
    assert headers["X-Goog-Generation"] == str(blob.generation)
    assert headers["X-Goog-Metageneration"] == "1"
    assert headers["X-Goog-Hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"
    assert headers["X-Goog-Stored-Content-Length"] == "5"
    assert headers["X-Goog-Stored-Content-Encoding"] == "identity"
    assert headers["X-Goog-Storage-Class"] == "STANDARD"
    assert headers["Content-Type"] == "text/plain"
    assert headers["ETag"] == blob.etag
    fresh = cloud.bucket.blob("x")
    fresh.download_as_bytes()
    assert fresh.generation == blob.generation


def test_a_packed_object_is_unpacked_for_who_cannot(cloud: Storage) -> None:
    blob = cloud.bucket.blob("x")
    blob.content_encoding = "gzip"
    packed = gzip.compress(CONTENT)
    blob.upload_from_string(packed, content_type="text/plain")
    assert blob.download_as_bytes() == CONTENT
    assert blob.download_as_bytes(raw_download=True) == packed
    answer = cloud.http.get(blob.media_link, headers={"Accept-Encoding": "identity"})
    assert answer.content == CONTENT
    assert "Content-Encoding" not in answer.headers


def test_what_is_being_read_can_be_overwritten(cloud: Storage) -> None:
    big = b"a" * 30_000_000
    blob = cloud.bucket.blob("x")
    blob.upload_from_string(big)
    with cloud.http.get(cloud.url("/download/storage/v1/b/audio/o/x?alt=media"), stream=True) as answer:
        start = answer.raw.read(10)
        cloud.bucket.blob("x").upload_from_string(b"b")
        assert start + answer.raw.read() == big


@pytest.mark.parametrize(
    "name", ["a?b", "a#b", "a/../b", "a//b", "/lead", "trail/", "ü/日本", "a%2Fb", "a b+c", "*[x]", "…", "'\"&;"]
)
def test_names_may_hold_anything(cloud: Storage, name: str) -> None:
    blob = cloud.bucket.blob(name)
    blob.upload_from_string(b"1")
    assert [each.name for each in cloud.client.list_blobs("audio")] == [name]
    assert cloud.bucket.blob(name).download_as_bytes() == b"1"
    assert cloud.bucket.get_blob(name).name == cloud.finalized[0]["name"] == name
    blob.delete()
    assert not blob.exists()


def test_a_missing_object_is_not_found(cloud: Storage) -> None:
    with pytest.raises(exceptions.NotFound, match="No such object: audio/x"):
        cloud.bucket.blob("x").download_as_bytes()
    with pytest.raises(exceptions.NotFound):
        cloud.bucket.blob("x").delete()
    assert cloud.bucket.get_blob("x") is None
    body = cloud.http.get(cloud.url("/storage/v1/b/audio/o/x")).json()
    assert body["error"]["code"] == 404
    assert body["error"]["errors"][0]["reason"] == "notFound"
    cloud.bucket.blob("x").upload_from_string(b"")
    with pytest.raises(exceptions.NotFound):
        cloud.bucket.blob("x", generation=1).download_as_bytes()
