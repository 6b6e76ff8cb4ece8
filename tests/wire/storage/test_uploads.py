import base64
import hashlib
import json

import google_crc32c
import pytest
from google.api_core import exceptions

from tests.wire.storage.conftest import Storage

CONTENT = bytes(range(256)) * 4000  # 1 MB, not a multiple of 256 KiB


def _crc32c(content: bytes) -> str:
    return base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()


def test_a_multipart_upload_is_stored_and_announced(cloud: Storage) -> None:
    blob = cloud.bucket.blob("a/b.bin")
    blob.metadata = {"k": "v"}
    blob.upload_from_string(CONTENT, content_type="audio/x-thing")
    assert blob.download_as_bytes() == CONTENT
    (resource,) = cloud.finalized
    assert resource["kind"] == "storage#object"
    assert resource["id"] == f"audio/a/b.bin/{blob.generation}"
    assert resource["size"] == str(len(CONTENT))
    assert resource["generation"] == str(blob.generation)
    assert resource["metageneration"] == "1"
    assert resource["md5Hash"] == base64.b64encode(hashlib.md5(CONTENT, usedforsecurity=False).digest()).decode()
    assert resource["crc32c"] == _crc32c(CONTENT)
    assert resource["metadata"] == {"k": "v"}
    assert resource["contentType"] == "audio/x-thing"
    assert resource["timeCreated"].endswith("Z")


@pytest.mark.parametrize("content", [b"", b"\r\n--", b"--===============\r\n\r\n", b"\x00\xff" * 10])
def test_any_bytes_survive_a_multipart_upload(cloud: Storage, content: bytes) -> None:
    blob = cloud.bucket.blob("x")
    blob.upload_from_string(content)
    assert blob.download_as_bytes() == content
    assert blob.size == len(content)


@pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 3 * 262_144, len(CONTENT)])
def test_a_chunked_resumable_upload_is_stored(cloud: Storage, size: int) -> None:
    blob = cloud.bucket.blob("big", chunk_size=262_144)
    with blob.open("wb", content_type="audio/wav", ignore_flush=True) as file:
        file.write(CONTENT[:size])
    blob.reload()
    assert (blob.size, blob.content_type) == (size, "audio/wav")
    assert blob.download_as_bytes() == CONTENT[:size]
    assert len(cloud.finalized) == 1


def test_a_media_upload_takes_its_type_from_the_header(cloud: Storage) -> None:
    url = cloud.url("/upload/storage/v1/b/audio/o?uploadType=media&name=m%20%3F.txt")
    answer = cloud.http.post(url, data=b"hello", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 200
    assert answer.json()["name"] == "m ?.txt"
    assert answer.json()["contentType"] == "text/plain"


@pytest.mark.parametrize(
    ("metadata", "headers"),
    [
        ({"md5Hash": "AAAAAAAAAAAAAAAAAAAAAA=="}, {}),
        ({"crc32c": "AAAAAA=="}, {}),
        ({}, {"X-Goog-Hash": "crc32c=AAAAAA=="}),
        ({}, {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}),
    ],
)
def test_a_wrong_hash_is_refused_and_leaves_nothing(
    cloud: Storage, metadata: dict[str, str], headers: dict[str, str]
) -> None:
    body = (
        b"--b\r\nContent-Type: application/json\r\n\r\n"
        + json.dumps({"name": "x", **metadata}).encode()
        + b"\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
    )
    url = cloud.url("/upload/storage/v1/b/audio/o?uploadType=multipart")
    answer = cloud.http.post(url, data=body, headers={"Content-Type": 'multipart/related; boundary="b"', **headers})
    assert answer.status_code == 400
    assert "doesn't match calculated" in answer.json()["error"]["message"]
    assert cloud.files() == []
    assert cloud.finalized == []


@pytest.mark.parametrize("name", ["..", ".", "", "x" * 1025, "a\nb"])
def test_impossible_names_are_refused(cloud: Storage, name: str) -> None:
    url = cloud.url("/upload/storage/v1/b/audio/o")
    answer = cloud.http.post(url, params={"uploadType": "media", "name": name}, data=b"x")
    assert answer.status_code == 400


def test_an_upload_to_no_bucket_is_not_found(cloud: Storage) -> None:
    with pytest.raises(exceptions.NotFound, match="bucket does not exist"):
        cloud.client.bucket("nowhere").blob("x").upload_from_string(b"x")


def test_a_hook_that_fails_undoes_the_upload(cloud: Storage) -> None:
    with pytest.raises(exceptions.InternalServerError):
        cloud.bucket.blob("refused-by-hook").upload_from_string(b"x", retry=None)
    assert not cloud.bucket.blob("refused-by-hook").exists()
    assert cloud.files() == []


def test_an_overwrite_is_a_new_generation_and_frees_the_old_bytes(cloud: Storage) -> None:
    blob = cloud.bucket.blob("x")
    blob.upload_from_string(b"one")
    first = blob.generation
    blob.upload_from_string(b"two")
    assert blob.generation > first
    assert [resource["generation"] for resource in cloud.deleted] == [str(first)]
    assert len(cloud.files()) == 1
    assert cloud.bucket.blob("x").download_as_bytes() == b"two"
