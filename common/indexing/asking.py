"""A question to the index: both indexes and several namespaces, all at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from common.core.clock import Deadline
from common.core.errors import ProviderError
from common.core.settings import settings
from common.database import users, vectors
from common.database.clients import open_for_searching
from common.database.vector_calls import NO_ANSWER
from common.indexing.fusion import fuse
from common.indexing.terms import terms_of_question
from common.llm.providers import embedder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from typing import TypeVar

    from common.database.vectors import Match, Namespace, Wanted

    T = TypeVar("T")

CANDIDATES = 120
"""Looked at per index, namespace and range of time."""
_AT_ONCE = 24
_LONGEST_QUESTION = 32
"""Terms of a question that count."""


@dataclass(frozen=True)
class Asking:
    """One part of a question: where, and among what."""

    namespace: Namespace
    wanted: Wanted


def ask(question: str, askings: Sequence[Asking], *, uid: str) -> list[list[Match]]:
    """For each of `askings` what is found, best first, by meaning and by words.

    Raises:
        ProviderError: the question could not be embedded, or the index does not answer in time.
    """
    # The words need no model, so they are on their way while the question is embedded.
    by_words = beside(partial(_ask_words, question, askings, uid=uid))
    [values] = embedder().embed([question], purpose="query")
    near = [
        beside(partial(vectors.query, values, uid=uid, namespace=each.namespace, limit=CANDIDATES, **each.wanted))
        for each in askings
    ]
    # Each has a limit of its own from when it is sent; here it may not have been yet, or come in drop by drop.
    deadline = Deadline.real(settings().search_patience_s)
    asked, worded = _answer(by_words, deadline)
    answers = [
        (_answer(of_meaning, deadline), _answer(of_words, deadline))
        for of_meaning, of_words in zip(near, worded, strict=True)
    ]
    return [fuse(of_meaning, of_words, asked=asked) for of_meaning, of_words in answers]


def _ask_words(question: str, askings: Sequence[Asking], *, uid: str) -> tuple[list[int], list[Future[list[Match]]]]:
    """The terms of a question, and for each of `askings` what is on its way to be found by them."""
    language = users.language(uid=uid)
    asked = terms_of_question(question, languages=[language] if language else [])[:_LONGEST_QUESTION]
    return asked, [
        beside(partial(vectors.query_terms, asked, uid=uid, namespace=each.namespace, limit=CANDIDATES, **each.wanted))
        for each in askings
    ]


def _answer(asked: Future[T], deadline: Deadline) -> T:
    try:
        return asked.result(timeout=deadline.remaining)
    except TimeoutError as error:
        asked.cancel()
        raise ProviderError(NO_ANSWER) from error


def beside(work: Callable[[], T]) -> Future[T]:
    """Start something that waits for a store while others do."""
    open_for_searching()
    return _pool().submit(work)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asking")
