"""What stands around every route: how large a body may be, and which methods a path has."""

from collections.abc import Iterator

import httpx
import pytest

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


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/v1/goals", "GET, POST"),
        ("PUT", "/v1/conversations/x", "DELETE, GET"),
        ("PATCH", "/v1/health", "GET"),
        ("PUT", "/v3/memories/batch", "DELETE, POST"),
    ],
)
def test_a_method_that_a_path_has_not_is_answered_with_those_it_has(
    anybody: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = anybody.request(method, path)
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})
    assert answer.headers["allow"] == allowed


def test_a_path_that_nothing_has_is_404_in_the_form_of_every_error(anybody: httpx.Client) -> None:
    answer = anybody.get("/v1/nothing")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", ["/v3/memories/", "/v2/messages/", "/v1/knowledge-graph/"])
def test_an_id_that_is_empty_names_nothing_and_never_everything(api: httpx.Client, path: str) -> None:
    made = api.post("/v3/memories", json={"content": "I like tea"}).json()
    answer = api.delete(path, follow_redirects=True)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert api.get(f"/v3/memories/{made['id']}").status_code == 200


@pytest.mark.parametrize("path", ["/v1/health", "/v1/nothing", "/v1/conversations", "/docs", "/openapi.json"])
def test_every_answer_is_taken_for_what_it_says_it_is_by_no_search_engine_and_comes_over_tls_where_there_is_some(
    anybody: httpx.Client, path: str
) -> None:
    plain = anybody.get(path)
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert plain.headers["x-robots-tag"] == "noindex", "what is shared is for whoever has the address"
    assert "strict-transport-security" not in plain.headers
    encrypted = anybody.get(path, headers={"X-Forwarded-Proto": "https"})
    assert encrypted.headers["strict-transport-security"] == "max-age=31536000"


def test_pages_elsewhere_may_ask_nothing_in_a_users_name(api: httpx.Client) -> None:
    answer = api.get("/v1/conversations", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control-")]
