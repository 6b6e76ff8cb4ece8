"""Signed addresses of stored files, over real HTTP."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from common.core import clock
from common.core.settings import settings
from common.database import media, signed_urls
from common.database.media import Store
from common.database.signed_urls import sign
from common.entry.api import chunks

PATH = "ann/ü ?#/a+b.wav"
DATA = bytes(range(256)) * 10


@pytest.fixture
def url(address: str) -> str:
    media.put(PATH, DATA, content_type="audio/wav")
    return sign(PATH, store=Store.MEDIA, base_url=address + "/")


def test_whoever_has_the_address_gets_the_file(anybody: httpx.Client, url: str, address: str) -> None:
    assert url.startswith(f"{address}/v1/media/media/ann/")
    answer = anybody.get(url)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=2500-", 2500, 2560), ("bytes=-10", 2550, 2560)],
)
def test_a_range_is_answered_with_206(anybody: httpx.Client, url: str, wanted: str, start: int, end: int) -> None:
    answer = anybody.get(url, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, DATA[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/2560"


@pytest.mark.parametrize("wanted", ["bytes=2560-", "bytes=9999999-10000000", "bytes=-0"])
def test_a_range_outside_is_416(anybody: httpx.Client, url: str, wanted: str) -> None:
    answer = anybody.get(url, headers={"Range": wanted})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */2560"
    assert answer.json()["detail"]


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "lines=1-2", "bytes=5-2", "bytes=-", "nonsense"])
def test_a_range_that_is_not_understood_is_ignored(anybody: httpx.Client, url: str, wanted: str) -> None:
    answer = anybody.get(url, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (200, DATA)


def test_what_is_too_large_to_be_announced_comes_in_chunks(
    anybody: httpx.Client, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "LARGEST_ANNOUNCED", 1000)
    answer = anybody.get(url)
    assert "content-length" not in answer.headers
    assert answer.content == DATA
    assert anybody.get(url, headers={"Range": "bytes=0-999"}).headers["content-length"] == "1000"


def test_no_part_of_an_address_can_be_changed(anybody: httpx.Client, url: str) -> None:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    media.put("bob/secret.wav", b"x", content_type="audio/wav")
    path = f"{parts.scheme}://{parts.netloc}{parts.path}"
    later = query | {"expires": str(int(query["expires"]) + 1)}
    wrong = query | {"signature": "0" * 64}
    for address, params in (
        (path, later),
        (path, wrong),
        (path, query | {"signature": "é"}),
        (path.replace("/media/media/", "/media/audio/"), query),
        (f"{parts.scheme}://{parts.netloc}/v1/media/media/bob/secret.wav", query),
    ):
        answer = anybody.get(address, params=params)
        assert answer.status_code == 403
        assert answer.json()["detail"]
    assert anybody.get(path).status_code == 422
    assert anybody.get(path.replace("/media/media/", "/media/other/"), params=query).status_code == 422


def test_an_address_ends(anybody: httpx.Client, address: str) -> None:
    media.put(PATH, DATA, content_type="audio/wav")
    expired = sign(PATH, store=Store.MEDIA, base_url=address, valid_s=-60 * clock.scale())
    assert anybody.get(expired).json() == {"detail": "The address has expired"}


def test_a_file_that_is_gone_is_404(anybody: httpx.Client, url: str) -> None:
    media.delete(PATH)
    media.delete(PATH)
    assert anybody.get(url).status_code == 404


def test_an_empty_file_is_empty(anybody: httpx.Client, address: str) -> None:
    media.put("ann/empty", b"", content_type="text/plain")
    url = sign("ann/empty", store=Store.MEDIA, base_url=address)
    answer = anybody.get(url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert anybody.get(url, headers={"Range": "bytes=0-"}).status_code == 416, "no byte of it can be asked for"


def test_without_a_key_of_ours_nothing_verifies(anybody: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    without = settings().model_copy(update={"url_signing_key": None})
    monkeypatch.setattr(signed_urls, "settings", lambda: without)
    answer = anybody.get("/v1/media/media/x", params={"expires": 9_999_999_999, "signature": "x"})
    assert answer.status_code == 403
