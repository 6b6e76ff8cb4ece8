import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest

MODEL = "all-MiniLM-L6-v2"


def embed(http: httpx.Client, texts: str | list[str], **more: Any) -> Any:
    response = http.post("/v1/embeddings", json={"model": MODEL, "input": texts, **more})
    assert response.status_code == 200, response.text
    return response.json()


def vectors(http: httpx.Client, texts: list[str]) -> npt.NDArray[np.float32]:
    return np.array([entry["embedding"] for entry in embed(http, texts)["data"]], np.float32)


def test_the_answer_has_the_shape_of_openai_s(http: httpx.Client) -> None:
    answer = embed(http, ["hello world", "good morning"])
    assert answer["object"] == "list"
    assert answer["model"] == MODEL
    assert answer["usage"] == {"prompt_tokens": 8, "total_tokens": 8}
    assert [(entry["object"], entry["index"], len(entry["embedding"])) for entry in answer["data"]] == [
        ("embedding", 0, 384),
        ("embedding", 1, 384),
    ]


def test_the_vectors_are_those_the_model_s_authors_publish(http: httpx.Client) -> None:
    """The example of the model's card, first values; half-precision storage costs a little."""
    published = [
        [0.067657, 0.063496, 0.048713, 0.079305, 0.037448],
        [0.086439, 0.102763, 0.005395, 0.002044, -0.009963],
    ]
    ours = vectors(http, ["This is an example sentence", "Each sentence is converted"])
    assert ours[:, :5] == pytest.approx(np.array(published), abs=2e-4)


def test_one_text_may_stand_without_a_list(http: httpx.Client) -> None:
    alone, listed = embed(http, "hello")["data"], embed(http, ["hello"])["data"]
    assert alone[0]["embedding"] == pytest.approx(listed[0]["embedding"], abs=1e-6)


def test_base64_holds_the_same_numbers(http: httpx.Client) -> None:
    plain = embed(http, "hello")["data"][0]["embedding"]
    packed = base64.b64decode(embed(http, "hello", encoding_format="base64")["data"][0]["embedding"])
    assert np.frombuffer(packed, "<f4").tolist() == pytest.approx(plain, abs=1e-6)


def test_many_texts_of_all_lengths_keep_their_places_and_length_one(http: httpx.Client) -> None:
    texts = ["word " * (number * 37 % 300 + 1) + str(number) for number in range(50)]
    together = vectors(http, texts)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(50), abs=1e-5)
    for number in (0, 13, 49):
        assert vectors(http, [texts[number]])[0] == pytest.approx(together[number], abs=1e-4)


def test_what_means_the_same_is_closer_than_what_sounds_the_same(http: httpx.Client) -> None:
    said, same, alike = vectors(
        http, ["the doctor gave me new pills", "a physician prescribed medicine", "the doctor of law gave a talk"]
    )
    assert said @ same > said @ alike


@pytest.mark.parametrize("text", ["日本語テキスト", "🙂🙃", "naïve café", "\x00\x01", " ", "a" * 5000, "[CLS] [SEP]"])
def test_any_text_has_a_vector(http: httpx.Client, text: str) -> None:
    assert np.linalg.norm(vectors(http, [text])[0]) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("body", "status", "parameter", "code"),
    [
        ({"input": "a"}, 400, "model", None),
        ({"model": MODEL}, 400, "input", None),
        ({"model": MODEL, "input": ""}, 400, "input", None),
        ({"model": MODEL, "input": []}, 400, "input", None),
        ({"model": MODEL, "input": ["a", ""]}, 400, "input", None),
        ({"model": MODEL, "input": [[1, 2]]}, 400, "input", None),
        ({"model": MODEL, "input": ["a"] * 2049}, 400, "input", None),
        ({"model": MODEL, "input": "a", "encoding_format": "hex"}, 400, "encoding_format", None),
        ({"model": MODEL, "input": "a", "dimensions": 3}, 400, "dimensions", None),
        ({"model": "text-embedding-3-small", "input": "a"}, 404, "model", "model_not_found"),
        ([], 400, None, None),
    ],
)
def test_a_bad_request_is_answered_in_openai_s_form(
    http: httpx.Client, body: Any, status: int, parameter: str | None, code: str | None
) -> None:
    response = http.post("/v1/embeddings", json=body)
    assert response.status_code == status
    error = response.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", parameter, code)
    assert error["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe"])
def test_a_body_that_is_no_json_is_refused(http: httpx.Client, body: bytes) -> None:
    assert http.post("/v1/embeddings", content=body).status_code == 400


def test_requests_at_once_are_all_answered(http: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: vectors(http, [f"text {number}"] * 20), range(16)))
    assert all(answer.shape == (20, 384) for answer in answers)


def test_an_unknown_address_is_answered_in_the_same_form(http: httpx.Client) -> None:
    response = http.get("/v1/completions")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_url")


def test_the_server_says_that_it_is_well(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "ok"}
