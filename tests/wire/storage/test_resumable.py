import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.wire.storage.conftest import Storage, serve_storage

UNIT = 256 * 1024
CONTENT = os.urandom(3 * UNIT + 5)


def _begin(cloud: Storage, name: str = "r", **params: str) -> str:
    answer = cloud.http.post(
        cloud.url("/upload/storage/v1/b/audio/o"),
        params={"uploadType": "resumable", "name": name, **params},
        headers={"X-Upload-Content-Type": "audio/wav"},
        json={"metadata": {"k": "v"}},
    )
    assert answer.status_code == 200
    return answer.headers["Location"]


def _put(cloud: Storage, session: str, value: str, body: bytes = b"", **headers: str) -> requests.Response:
    return cloud.http.put(session, data=body, headers={"Content-Range": value, **headers})


def test_a_session_tells_how_far_it_is(cloud: Storage) -> None:
    session = _begin(cloud)
    empty = _put(cloud, session, "bytes */*")
    assert empty.status_code == 308
    assert "Range" not in empty.headers
    first = _put(cloud, session, f"bytes 0-{UNIT - 1}/*", CONTENT[:UNIT])
    assert (first.status_code, first.headers["Range"]) == (308, f"bytes=0-{UNIT - 1}")
    asked = _put(cloud, session, f"bytes */{len(CONTENT)}")
    assert (asked.status_code, asked.headers["Range"]) == (308, f"bytes=0-{UNIT - 1}")
    assert cloud.finalized == []
    last = _put(cloud, session, f"bytes {UNIT}-{len(CONTENT) - 1}/{len(CONTENT)}", CONTENT[UNIT:])
    assert last.status_code == 200
    assert (last.json()["size"], last.json()["contentType"]) == (str(len(CONTENT)), "audio/wav")
    assert last.json()["metadata"] == {"k": "v"}
    assert cloud.bucket.blob("r").download_as_bytes() == CONTENT
    for value in ("bytes */*", f"bytes */{len(CONTENT)}"):
        again = _put(cloud, session, value)
        assert (again.status_code, again.json()["generation"]) == (200, last.json()["generation"])
    assert len(cloud.finalized) == 1


def test_bytes_that_are_there_already_are_not_taken_twice(cloud: Storage) -> None:
    session = _begin(cloud)
    _put(cloud, session, f"bytes 0-{2 * UNIT - 1}/*", CONTENT[: 2 * UNIT])
    _put(cloud, session, f"bytes {UNIT}-{3 * UNIT - 1}/*", CONTENT[UNIT : 3 * UNIT])
    assert _put(cloud, session, f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}", CONTENT).status_code == 200
    assert cloud.bucket.blob("r").download_as_bytes() == CONTENT


def test_a_gap_is_refused(cloud: Storage) -> None:
    session = _begin(cloud)
    assert _put(cloud, session, f"bytes {UNIT}-{2 * UNIT - 1}/*", CONTENT[UNIT : 2 * UNIT]).status_code == 400


def test_only_whole_units_of_an_unfinished_chunk_count(cloud: Storage) -> None:
    session = _begin(cloud)
    answer = _put(cloud, session, f"bytes 0-{UNIT + 99}/*", CONTENT[: UNIT + 100])
    assert answer.headers["Range"] == f"bytes=0-{UNIT - 1}"
    assert _put(cloud, session, f"bytes {UNIT}-{UNIT + 99}/*", CONTENT[UNIT : UNIT + 100]).status_code == 400


def test_a_session_is_finished_by_telling_its_size(cloud: Storage) -> None:
    session = _begin(cloud)
    _put(cloud, session, f"bytes 0-{UNIT - 1}/*", CONTENT[:UNIT])
    assert _put(cloud, session, f"bytes */{UNIT}").json()["size"] == str(UNIT)


def test_an_upload_without_ranges_is_whole(cloud: Storage) -> None:
    assert cloud.http.put(_begin(cloud), data=CONTENT).json()["size"] == str(len(CONTENT))
    assert cloud.http.put(_begin(cloud, "chunked"), data=iter([CONTENT, b"x"])).json()["size"] == str(len(CONTENT) + 1)


def test_a_wrong_hash_ends_the_session(cloud: Storage) -> None:
    session = _begin(cloud)
    answer = _put(cloud, session, "bytes 0-4/5", b"hello", **{"X-Goog-Hash": "crc32c=AAAAAA=="})
    assert answer.status_code == 400
    assert _put(cloud, session, "bytes */5").status_code == 404
    assert cloud.files() == []


def test_conditions_are_checked_at_the_start_and_at_the_end(cloud: Storage) -> None:
    session = _begin(cloud, ifGenerationMatch="0")
    cloud.bucket.blob("r").upload_from_string(b"other")
    assert _put(cloud, session, "bytes 0-4/5", b"hello").status_code == 412
    answer = cloud.http.post(
        cloud.url("/upload/storage/v1/b/audio/o"),
        params={"uploadType": "resumable", "name": "r", "ifGenerationMatch": "0"},
    )
    assert answer.status_code == 412
    assert cloud.bucket.blob("r").download_as_bytes() == b"other"


def test_a_cancelled_session_is_gone(cloud: Storage) -> None:
    session = _begin(cloud)
    _put(cloud, session, f"bytes 0-{UNIT - 1}/*", CONTENT[:UNIT])
    assert cloud.http.delete(session).status_code == 499
    assert _put(cloud, session, "bytes */*").status_code == 404
    assert cloud.files() == []


@pytest.mark.parametrize("value", ["bytes", "bytes 5-1/9", "bytes 0-9/5", "bytes a-b/c"])
def test_a_range_that_makes_no_sense_is_refused(cloud: Storage, value: str) -> None:
    assert _put(cloud, _begin(cloud), value, b"x").status_code == 400


def test_a_session_goes_on_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_storage(tmp_path, monkeypatch) as cloud:
        path = _begin(cloud).removeprefix(cloud.base)
        _put(cloud, cloud.url(path), f"bytes 0-{UNIT - 1}/*", CONTENT[:UNIT])
    (tmp_path / "blobs" / "incoming" / "orphan").write_bytes(b"left by a crash")
    with serve_storage(tmp_path, monkeypatch) as cloud:
        session = cloud.url(path)
        assert _put(cloud, session, "bytes */*").headers["Range"] == f"bytes=0-{UNIT - 1}"
        answer = _put(cloud, session, f"bytes {UNIT}-{len(CONTENT) - 1}/{len(CONTENT)}", CONTENT[UNIT:])
        assert answer.status_code == 200
        assert cloud.bucket.blob("r").download_as_bytes() == CONTENT
        assert len(cloud.files()) == 1


def _send_half(cloud: Storage, head: str, body: bytes) -> None:
    """Announce twice the bytes that are sent, and hang up."""
    address = ("127.0.0.1", int(cloud.base.rpartition(":")[2]))
    with socket.create_connection(address) as connection:
        connection.sendall(f"{head}\r\nHost: x\r\nContent-Length: {len(body) * 2}\r\n\r\n".encode() + body)
        time.sleep(0.2)


def _settled(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_what_arrived_before_a_connection_broke_counts(cloud: Storage) -> None:
    session = _begin(cloud)
    head = f"PUT {session.removeprefix(cloud.base)} HTTP/1.1\r\nContent-Range: bytes 0-{2 * UNIT - 1}/{2 * UNIT}"
    _send_half(cloud, head, CONTENT[:UNIT])
    assert _settled(lambda: _put(cloud, session, "bytes */*").headers.get("Range") == f"bytes=0-{UNIT - 1}")
    answer = _put(cloud, session, f"bytes {UNIT}-{2 * UNIT - 1}/{2 * UNIT}", CONTENT[UNIT : 2 * UNIT])
    assert answer.status_code == 200
    assert cloud.bucket.blob("r").download_as_bytes() == CONTENT[: 2 * UNIT]


def test_a_broken_simple_upload_leaves_nothing(cloud: Storage) -> None:
    head = "POST /upload/storage/v1/b/audio/o?uploadType=media&name=broken HTTP/1.1"
    _send_half(cloud, head, CONTENT[:UNIT])
    assert _settled(lambda: cloud.files() == [])
    assert not cloud.bucket.blob("broken").exists()


def test_an_upload_in_many_threads_is_won_by_one(cloud: Storage) -> None:
    def upload(number: int) -> bool:
        answer = cloud.http.post(
            cloud.url("/upload/storage/v1/b/audio/o?uploadType=media&name=race&ifGenerationMatch=0"),
            data=b"%d" % number * 50_000,
        )
        assert answer.status_code in {200, 412}
        return answer.status_code == 200

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(upload, range(24))) == 1
    assert len(cloud.finalized) == len(cloud.files()) == 1
