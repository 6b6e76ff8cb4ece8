"""A disk that is full: what is not stored is refused, and what comes when there is room again is whole."""

import os

from tests.support.full_disk import full_disk
from tests.wire.storage.conftest import Storage

UNIT = 256 * 1024
ROOM = UNIT + 10_000
CONTENT = os.urandom(3 * UNIT + 5)


def test_an_upload_goes_on_where_it_was_when_there_is_room_again(cloud: Storage) -> None:
    begun = cloud.http.post(
        cloud.url("/upload/storage/v1/b/audio/o"), params={"uploadType": "resumable", "name": "r"}, json={}
    )
    session, last = begun.headers["Location"], len(CONTENT) - 1

    def put(content_range: str, body: bytes = b"") -> tuple[int, str | None]:
        answer = cloud.http.put(session, data=body, headers={"Content-Range": content_range})
        return answer.status_code, answer.headers.get("Range")

    assert put(f"bytes 0-{UNIT - 1}/*", CONTENT[:UNIT]) == (308, f"bytes=0-{UNIT - 1}")
    with full_disk(largest_file=ROOM):
        assert put(f"bytes {UNIT}-{last}/{last + 1}", CONTENT[UNIT:])[0] == 500
    status, there = put("bytes */*")
    assert (status, there is not None) == (308, True)
    held = int((there or "").removeprefix("bytes=0-")) + 1
    assert UNIT <= held <= ROOM
    assert put(f"bytes {held}-{last}/{last + 1}", CONTENT[held:])[0] == 200
    assert cloud.bucket.blob("r").download_as_bytes() == CONTENT  # which compares its hash, too


def test_an_upload_that_finds_no_room_leaves_nothing_behind(cloud: Storage) -> None:
    with full_disk(largest_file=ROOM):
        answer = cloud.http.post(
            cloud.url("/upload/storage/v1/b/audio/o"), params={"uploadType": "media", "name": "m"}, data=CONTENT
        )
    assert answer.status_code == 500
    assert (cloud.files(), cloud.finalized) == ([], [])
