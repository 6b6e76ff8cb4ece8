"""What the index shall hold of a conversation, and what the stretches are that it is found by."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.conversations import index
from common.database.index_leases import NOTHING
from common.llm.ports import Purpose
from tests.support.making import a_conversation, a_segment


@dataclass
class NamedEmbedder:
    """An embedder of which only the name matters."""

    name: str = "encoder"
    dimension: int = 1

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:  # noqa: ARG002 - the port has it
        return [[1.0] for _ in texts]


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> NamedEmbedder:
    embedder = NamedEmbedder()
    monkeypatch.setattr(index, "embedder", lambda: embedder)
    return embedder


def _completed(**fields: Any) -> Any:
    return a_conversation(
        **{
            "status": "completed",
            "structured": {"title": "Budget", "overview": "About money.", "action_items": ["Call"], "events": []},
            "transcript_segments": [{"id": "1", "text": "Hello", "start": 0, "end": 1}],
            **fields,
        }
    )


def test_what_is_gone_deleted_or_discarded_shall_have_nothing() -> None:
    assert index.revision(None) == NOTHING
    assert index.revision(_completed(deleted=True)) == NOTHING
    assert index.revision(_completed(discarded=True)) == NOTHING
    assert index.revision(_completed(deleted=True, status="processing")) == NOTHING


@pytest.mark.parametrize("status", ["in_progress", "processing", "merging", "failed"])
def test_while_work_is_under_way_the_index_stays_as_it_is(status: str) -> None:
    assert index.revision(_completed(status=status)) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"structured": {"title": "Other", "overview": "About money.", "action_items": ["Call"]}},
        {"structured": {"title": "Budget", "overview": "Other.", "action_items": ["Call"]}},
        {"structured": {"title": "Budget", "overview": "About money.", "action_items": ["Other"]}},
        {
            "structured": {
                "title": "Budget",
                "overview": "About money.",
                "action_items": ["Call"],
                "events": [{"title": "Review", "start": "2026-05-04T12:00:00Z"}],
            }
        },
        {"transcript_segments": [{"id": "1", "text": "Hallo", "start": 0, "end": 1}]},
        {"transcript_segments": [{"id": "2", "text": "Hello", "start": 0, "end": 1}]},
        {"transcript_segments": []},
    ],
)
def test_whatever_can_be_searched_for_changes_the_revision(changed: dict[str, Any]) -> None:
    assert index.revision(_completed(**changed)) != index.revision(_completed())


def test_another_model_changes_the_revision(encoder: NamedEmbedder) -> None:
    before = index.revision(_completed())
    encoder.name = "another"
    assert index.revision(_completed()) != before


def test_what_cannot_be_searched_for_does_not() -> None:
    before = index.revision(_completed())
    assert before == index.revision(_completed(starred=True, run=9, updated_at="2026-05-05T00:00:00Z"))


def test_the_summary_holds_title_overview_tasks_and_events() -> None:
    assert index.summary_text(_completed()) == "Budget\nAbout money.\nCall"


@settings(deadline=None)
@given(st.lists(st.integers(0, 200), max_size=30))
def test_passages_hold_every_segment_once_behind_the_last_of_the_one_before(word_counts: list[int]) -> None:
    segments = [a_segment("w " * count, number, number + 1) for number, count in enumerate(word_counts)]
    stretches = list(index.passages(segments))
    new = [stretch if number == 0 else stretch[1:] for number, stretch in enumerate(stretches)]
    assert [segment for stretch in new for segment in stretch] == segments
    for before, after in pairwise(stretches):
        assert after[0] is before[-1]
    for stretch in new:
        words = sum(segment.word_count for segment in stretch)
        assert words <= index.PASSAGE_WORDS or sum(1 for segment in stretch if segment.word_count) == 1
