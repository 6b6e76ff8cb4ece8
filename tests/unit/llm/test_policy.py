"""Failures that may pass are tried again a few times and within the limit; others come out at once, without content."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from pydantic import BaseModel

from common.core import clock
from common.core.errors import ProviderError, ProviderRefusedError
from common.llm.answers import Rejected, generate_checked, strict_schema
from common.llm.policy import MAX_ATTEMPTS, TimeLimit, TransientError, failure, persist
from common.llm.vectors import unit_vectors


class Note(BaseModel):
    """A form with a field whose name is also a keyword of JSON schema."""

    title: str = "untitled"
    tags: list[str] = []


class Failing:
    """Fails so many times, then answers."""

    def __init__(self, times: int, error: Exception) -> None:
        self.calls = 0
        self._times = times
        self._error = error

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error
        return "answer"


def test_a_passing_failure_is_outlasted() -> None:
    call = Failing(MAX_ATTEMPTS - 1, TransientError("busy", retry_after=0.01))
    assert persist(call, provider="p", limit=TimeLimit(5)) == "answer"


def test_a_lasting_failure_becomes_a_provider_error_after_a_few_attempts() -> None:
    call = Failing(99, TransientError("busy", retry_after=0.01))
    with pytest.raises(ProviderError, match="p: busy") as caught:
        persist(call, provider="p", limit=TimeLimit(5))
    assert call.calls == MAX_ATTEMPTS
    assert caught.value.retryable


def test_advice_to_wait_beyond_the_limit_is_not_waited_for() -> None:
    call = Failing(1, TransientError("busy", retry_after=60))
    before = clock.monotonic()
    with pytest.raises(ProviderError):
        persist(call, provider="p", limit=TimeLimit(30))
    assert (call.calls, clock.monotonic() - before < 15) == (1, True)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_statuses_that_may_pass(status: int) -> None:
    error = failure(status, provider="p", retry_after="7")
    assert isinstance(error, TransientError)
    assert error.retry_after == 7


@pytest.mark.parametrize(("header", "expected"), [(None, None), ("x", None), ("-3", 0.0), ("1.5", 1.5)])
def test_retry_after_is_read_as_far_as_it_makes_sense(header: str | None, expected: float | None) -> None:
    error = failure(429, provider="p", retry_after=header)
    assert isinstance(error, TransientError)
    assert error.retry_after == expected


def test_retry_after_may_be_a_date() -> None:
    error = failure(429, provider="p", retry_after=format_datetime(clock.now() + timedelta(seconds=30), usegmt=True))
    assert isinstance(error, TransientError)
    assert error.retry_after == pytest.approx(30, abs=2)


def test_what_is_never_accepted_is_refused_and_what_the_operator_can_mend_is_not() -> None:
    assert isinstance(failure(400, provider="p"), ProviderRefusedError)
    for status in (401, 403, 404):
        error = failure(status, provider="p")
        assert isinstance(error, ProviderError)
        assert error.retryable


@pytest.mark.parametrize("answer", ['{"title": "a", "tags": []}', '```json\n{"title": "a", "tags": []}\n```'])
def test_an_answer_is_read_with_or_without_a_fence(answer: str) -> None:
    assert generate_checked(lambda _: answer, Note, provider="p") == Note(title="a")


def test_an_unreadable_answer_is_asked_for_once_more_with_the_reason() -> None:
    asked: list[Rejected | None] = []

    def ask(rejected: Rejected | None) -> str:
        asked.append(rejected)
        return '{"title": 7}' if rejected is None else '{"title": "a"}'

    assert generate_checked(ask, Note, provider="p").title == "a"
    assert asked[0] is None
    assert asked[1] is not None
    assert (asked[1].answer, "title: string_type" in asked[1].complaint) == ('{"title": 7}', True)


@pytest.mark.parametrize(
    "answer", ["my secret words", '{"title": {"my secret": 1}}', '{"title": "my secret', "[" * 99_999]
)
def test_a_second_unreadable_answer_is_an_error_that_does_not_quote_it(answer: str) -> None:
    calls = 0

    def ask(_: Rejected | None) -> str:
        nonlocal calls
        calls += 1
        return answer

    with pytest.raises(ProviderError) as caught:
        generate_checked(ask, Note, provider="p")
    assert calls == 2
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_schemas_require_every_field_and_allow_no_other() -> None:
    assert strict_schema(Note) == {
        "description": "A form with a field whose name is also a keyword of JSON schema.",
        "type": "object",
        "properties": {"title": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}},
        "required": ["title", "tags"],
        "additionalProperties": False,
    }


def test_vectors_are_normalised() -> None:
    assert unit_vectors([[3, 4]], count=1, dimension=2, provider="p") == [[0.6, 0.8]]


@pytest.mark.parametrize("rows", [[], [[1, 2, 3]], [[0, 0]], [[1, None]], [None], [[1, float("nan")]], [["1", "2"]]])
def test_what_is_no_vector_is_an_error(rows: list[object]) -> None:
    with pytest.raises(ProviderError):
        unit_vectors(rows, count=1, dimension=2, provider="p")
