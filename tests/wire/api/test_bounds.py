"""Nobody fills the memory: a body is as large as Cloud Run lets it be."""

from collections.abc import Iterator

import httpx

from common.entry.api.sizes import LARGEST_BODY


def test_a_body_announced_as_too_large_is_refused_with_a_reason(api: httpx.Client) -> None:
    answer = api.post("/v1/conversations/search", content=b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413
    assert answer.json()["detail"]


def test_a_body_that_turns_out_to_be_too_large_is_refused_with_a_reason(api: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(33):
            yield b"1" * (1024 * 1024)

    answer = api.post("/v1/conversations/search", content=pieces())
    assert answer.status_code == 413
    assert answer.json()["detail"]
