"""Documents whose ids follow from what they say: storing the same again finds what is there.

A document may say something else by now (it was edited) while its id still stands for what it said first. Whoever
says that again gets the next id of the series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from common.core.errors import ConflictError
from common.models.base import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from common.database.documents import Documents

_MOST_ROUNDS = 100

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Ensured(Generic[D]):
    """A document that is stored, and whether it was not before."""

    document: D
    created: bool


def ensure_many(
    store: Documents[D], wanted: Sequence[Callable[[int], D]], *, stands_for: Callable[[D, D], bool]
) -> list[Ensured[D]]:
    """Store what is not stored yet; WRITE_LIMIT at most.

    Args:
        store: where.
        wanted: for each document, makes it with the id of the generation given, counted from 0.
        stands_for: whether the first, which is stored, is what the second asks for.

    Returns:
        For each of `wanted`, in its order, what there is now.

    Raises:
        ConflictError: too many others want the same.
    """
    generations = [0] * len(wanted)
    settled: dict[int, Ensured[D]] = {}
    for _ in range(_MOST_ROUNDS):
        pending = {n: make(generations[n]) for n, make in enumerate(wanted) if n not in settled}
        known = {_id(document): document for document in store.find_many([_id(each) for each in pending.values()])}
        new: dict[str, D] = {}
        for number, document in pending.items():
            there = known.get(_id(document)) or new.get(_id(document))
            if there is None:
                new[_id(document)] = document
            elif _id(document) in known and stands_for(there, document):
                settled[number] = Ensured(there, created=False)
            elif _id(document) in known:
                generations[number] += 1
        try:
            store.create_many(list(new.values()))
        except ConflictError:
            continue  # somebody else stored one of them just now: look again
        for number, document in pending.items():
            if number not in settled and _id(document) in new:
                first = new[_id(document)] is document
                settled[number] = Ensured(new[_id(document)], created=first)
        if len(settled) == len(wanted):
            return [settled[number] for number in range(len(wanted))]
    raise ConflictError("Too many others store the same")


def _id(document: D) -> str:
    document_id: str = document.id  # type: ignore[attr-defined]  # every model in a collection has one
    return document_id
