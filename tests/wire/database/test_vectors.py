"""What the search finds: one user's, and what the document says now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from common.database import vectors
from common.database.clients import pinecone_index
from common.database.vectors import Namespace, Passage
from local.environment import EMBEDDING_DIMENSION
from tests.support.indexed import passage_ids
from tests.support.making import NOON, at

pytestmark = pytest.mark.usefixtures("stores")


def _vector(*direction: float) -> list[float]:
    return [*direction, *([0.0] * (EMBEDDING_DIMENSION - len(direction)))]


def _passage(number: int, *direction: float) -> Passage:
    return Passage(number=number, values=_vector(*direction), start=number, end=number + 1, segment_ids=(f"s{number}",))


def _put(
    uid: str,
    conversation_id: str,
    passages: Sequence[Passage] = (),
    *,
    started_at: datetime | None = None,
    x: float = 1.0,
) -> None:
    vectors.put_conversation(
        _vector(x, 1 - x),
        uid=uid,
        conversation_id=conversation_id,
        created_at=NOON,
        passages=passages,
        facts=vectors.Facts(started_at=started_at),
    )


def _found(uid: str, namespace: Namespace = Namespace.CONVERSATIONS, **asked: Any) -> list[str]:
    matches = vectors.query(_vector(1.0), uid=uid, namespace=namespace, limit=10, **asked)
    return [match.document_id for match in matches]


def test_the_nearest_come_first_with_their_cosine(uid: str) -> None:
    _put(uid, "near", x=1.0)
    _put(uid, "far", x=0.2)
    matches = vectors.query(_vector(1.0), uid=uid, namespace=Namespace.CONVERSATIONS, limit=10)
    assert [match.document_id for match in matches] == ["near", "far"]
    assert matches[0].score == pytest.approx(1.0, abs=1e-3)
    assert matches[1].score < 0.5


def test_another_tenants_vectors_are_never_returned_however_near(uid: str) -> None:
    other = f"{uid}-other"
    _put(other, "theirs", [_passage(0, 1.0)])
    _put(uid, "ours", [_passage(0, 0.1, 0.9)], x=0.1)
    for namespace in (Namespace.CONVERSATIONS, Namespace.PASSAGES):
        assert _found(uid, namespace) == ["ours"]
        assert _found(other, namespace) == ["theirs"]
        assert _found(f"{uid}-nobody", namespace) == []


def test_passages_are_replaced_as_a_set(uid: str) -> None:
    _put(uid, "c1", [_passage(number, 1.0) for number in range(130)])
    assert len(passage_ids(uid=uid, conversation_id="c1")) == 130
    _put(uid, "c1", [_passage(0, 1.0), _passage(1, 0.0, 1.0)])
    assert sorted(passage_ids(uid=uid, conversation_id="c1")) == [f"{uid}-c1-0", f"{uid}-c1-1"]
    matches = vectors.query(_vector(0.0, 1.0), uid=uid, namespace=Namespace.PASSAGES, limit=1)
    assert matches[0].segment_ids == ("s1",)


def test_the_ids_and_metadata_are_those_of_todays_clients(uid: str) -> None:
    _put(uid, "c1", [_passage(0, 1.0)])
    summary = pinecone_index().fetch(ids=[f"{uid}-c1"], namespace="ns1").vectors[f"{uid}-c1"]
    assert dict(summary.metadata) == {"uid": uid, "memory_id": "c1", "created_at": int(NOON.timestamp())}
    passage = pinecone_index().fetch(ids=[f"{uid}-c1-0"], namespace="ns_tchunks").vectors[f"{uid}-c1-0"]
    assert passage.metadata["memory_id"] == "c1"


@pytest.mark.parametrize(
    ("namespace", "name", "id_in_metadata"),
    [(Namespace.MEMORIES, "ns2", "memory_id"), (Namespace.ACTION_ITEMS, "ns4", "action_item_id")],
)
def test_a_memory_and_an_action_item_have_one_vector_each(
    uid: str, namespace: Namespace, name: str, id_in_metadata: str
) -> None:
    vectors.delete(uid=uid, namespace=namespace, document_id="d1")
    for x in (0.0, 1.0):
        vectors.put(_vector(x, 1 - x), uid=uid, namespace=namespace, document_id="d1", created_at=NOON)
    [match] = vectors.query(_vector(1.0), uid=uid, namespace=namespace, limit=10)
    assert match.document_id == "d1"
    assert match.score == pytest.approx(1.0, abs=1e-3)
    stored = pinecone_index().fetch(ids=[f"{uid}-d1"], namespace=name).vectors[f"{uid}-d1"]
    assert dict(stored.metadata) == {"uid": uid, id_in_metadata: "d1", "created_at": int(NOON.timestamp())}
    vectors.delete(uid=uid, namespace=namespace, document_id="d1")
    assert vectors.query(_vector(1.0), uid=uid, namespace=namespace, limit=10) == []


def test_time_limits_are_inclusive(uid: str) -> None:
    for number in range(3):
        _put(uid, f"c{number}", started_at=at(number * 60))
    assert sorted(_found(uid, since=at(60))) == ["c1", "c2"]
    assert sorted(_found(uid, until=at(60))) == ["c0", "c1"]
    assert _found(uid, since=at(60), until=at(60)) == ["c1"]


def test_deleting_leaves_nothing_and_the_neighbour_alone(uid: str) -> None:
    _put(uid, "c1", [_passage(number, 1.0) for number in range(3)])
    _put(uid, "c2", [_passage(0, 1.0)])
    vectors.delete_conversation(uid=uid, conversation_id="c1")
    for namespace in (Namespace.CONVERSATIONS, Namespace.PASSAGES):
        assert _found(uid, namespace) == ["c2"]
    assert passage_ids(uid=uid, conversation_id="c1") == set()
    vectors.delete_conversation(uid=uid, conversation_id="c1")


def test_a_user_with_nothing_finds_nothing(uid: str) -> None:
    assert _found(uid) == []
    vectors.delete_conversation(uid=uid, conversation_id="never")


class TestTerms:
    """The sparse index: which terms are there."""

    @pytest.fixture(autouse=True)
    def three(self, uid: str) -> None:
        for name, terms in (("both", {1: 0.5, 4294967295: 0.25}), ("one", {1: 0.75}), ("none", {})):
            vectors.put_conversation(
                _vector(1.0), uid=uid, conversation_id=name, created_at=NOON, passages=[], terms=terms
            )

    def test_what_has_most_of_the_terms_comes_first_with_the_weights_of_all_it_has(self, uid: str) -> None:
        matches = vectors.query_terms([1, 4294967295, 7], uid=uid, namespace=Namespace.CONVERSATIONS, limit=10)
        assert [(match.document_id, dict(match.terms)) for match in matches] == [
            ("both", {1: 0.5, 4294967295: 0.25}),
            ("one", {1: 0.75}),
        ]

    def test_no_terms_find_nothing_and_nobody_elses_are_found(self, uid: str) -> None:
        found = [
            vectors.query_terms(terms, uid=whose, namespace=Namespace.CONVERSATIONS, limit=10)
            for terms, whose in (([], uid), ([7], uid), ([1], f"{uid}-other"))
        ]
        assert found == [[], [], []]

    def test_what_loses_its_terms_is_not_found_by_them_any_more(self, uid: str) -> None:
        vectors.put_conversation(_vector(1.0), uid=uid, conversation_id="one", created_at=NOON, passages=[], terms={})
        vectors.delete_conversation(uid=uid, conversation_id="both")
        assert vectors.query_terms([1], uid=uid, namespace=Namespace.CONVERSATIONS, limit=10) == []
        assert sorted(_found(uid)) == ["none", "one"]


def test_people_and_topics_are_filters(uid: str) -> None:
    for number, name in enumerate(("Rosa", "Dmitri")):
        facts = vectors.Facts(people=(name,), topics=("travel", name))
        vectors.put_conversation(
            _vector(1.0), uid=uid, conversation_id=f"c{number}", created_at=NOON, passages=[], facts=facts
        )
    assert _found(uid, people=["Rosa", "Nobody"]) == ["c0"]
    assert _found(uid, topics=["Dmitri"]) == ["c1"]
    assert sorted(_found(uid, topics=["travel"])) == ["c0", "c1"]


def test_a_long_conversation_fits_into_requests_of_bounded_size(uid: str) -> None:
    passages = [
        Passage(
            number=number,
            values=_vector(1.0),
            start=0,
            end=1,
            segment_ids=tuple(f"segment-{number}-{n:0200}" for n in range(100)),
            terms=dict.fromkeys(range(1000), 0.5),
        )
        for number in range(120)
    ]
    _put(uid, "long", passages)
    assert len(passage_ids(uid=uid, conversation_id="long")) == 120
