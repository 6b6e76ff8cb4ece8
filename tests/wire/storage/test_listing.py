from typing import Any

import pytest

from local.storage.listing import glob_pattern
from tests.wire.storage.conftest import Storage

NAMES = ["a", "a/1", "a/2", "a/b/1", "a/b/2", "a0", "b/", "b/1", "c", "ü", "😀"]


@pytest.fixture
def full(cloud: Storage) -> Storage:
    for name in reversed(NAMES):
        cloud.bucket.blob(name).upload_from_string(name.encode())
    return cloud


def _list(cloud: Storage, **options: Any) -> tuple[list[str], list[str]]:
    listed = cloud.client.list_blobs("audio", **options)
    names = [blob.name for blob in listed]
    return names, sorted(listed.prefixes)


def test_names_come_in_the_order_of_their_utf8(full: Storage) -> None:
    assert _list(full) == (NAMES, [])


@pytest.mark.parametrize(
    ("options", "names", "prefixes"),
    [
        ({"prefix": "a/"}, ["a/1", "a/2", "a/b/1", "a/b/2"], []),
        ({"delimiter": "/"}, ["a", "a0", "c", "ü", "😀"], ["a/", "b/"]),
        ({"prefix": "a/", "delimiter": "/"}, ["a/1", "a/2"], ["a/b/"]),
        ({"prefix": "a", "delimiter": "/"}, ["a", "a0"], ["a/"]),
        ({"delimiter": "/", "include_trailing_delimiter": True}, ["a", "a0", "b/", "c", "ü", "😀"], ["a/", "b/"]),
        ({"start_offset": "a/2", "end_offset": "b/1"}, ["a/2", "a/b/1", "a/b/2", "a0", "b/"], []),
        ({"prefix": "a/", "start_offset": "a/b"}, ["a/b/1", "a/b/2"], []),
        ({"match_glob": "a/*"}, ["a/1", "a/2"], []),
        ({"match_glob": "a/**"}, ["a/1", "a/2", "a/b/1", "a/b/2"], []),
        ({"match_glob": "{a,b}/?"}, ["a/1", "a/2", "b/1"], []),
        ({"match_glob": "**/1"}, ["a/1", "a/b/1", "b/1"], []),
        ({"match_glob": "**1", "delimiter": "/"}, [], ["a/", "b/"]),
        ({"prefix": "nothing"}, [], []),
        ({"max_results": 3}, NAMES[:3], []),
    ],
)
def test_a_listing_is_narrowed(full: Storage, options: dict[str, Any], names: list[str], prefixes: list[str]) -> None:
    assert _list(full, **options) == (names, prefixes)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_add_up_and_are_as_long_as_asked(full: Storage, size: int) -> None:
    pages = [[blob.name for blob in page] for page in full.client.list_blobs("audio", page_size=size).pages]
    assert [name for page in pages for name in page] == NAMES
    assert {len(page) for page in pages[:-1]} <= {size}


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_prefix_is_on_one_page_only(full: Storage, size: int) -> None:
    url = full.url("/storage/v1/b/audio/o")
    params = {"delimiter": "/", "maxResults": str(size)}
    items, prefixes = [], []
    while True:
        answer = full.http.get(url, params=params).json()
        page = answer.get("items", []), answer.get("prefixes", [])
        assert len(page[0]) + len(page[1]) <= size
        items += [item["name"] for item in page[0]]
        prefixes += page[1]
        if "nextPageToken" not in answer:
            break
        params["pageToken"] = answer["nextPageToken"]
    assert (items, prefixes) == (["a", "a0", "c", "ü", "😀"], ["a/", "b/"])


@pytest.mark.parametrize(
    ("glob", "matching", "not_matching"),
    [
        ("*.wav", ["a.wav"], ["a/b.wav", "a.wave"]),
        ("[a-c]x", ["ax", "cx"], ["dx"]),
        ("[!a]x", ["bx"], ["ax", "/x"]),
        ("a.b", ["a.b"], ["axb"]),
        ("x{1,2*}y", ["x1y", "x2zy"], ["x3y"]),
        ("a,b", ["a,b"], ["a"]),
    ],
)
def test_globs(glob: str, matching: list[str], not_matching: list[str]) -> None:
    pattern = glob_pattern(glob)
    assert all(pattern.fullmatch(name) for name in matching)
    assert not any(pattern.fullmatch(name) for name in not_matching)
