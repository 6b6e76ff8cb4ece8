"""What the index shall hold of a conversation, and what the stretches are that it is found by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from common.conversations import index
from common.conversations.speakers import Names
from common.database.index_leases import NOTHING
from common.llm.ports import Purpose
from tests.support.making import a_conversation, a_segment

NOBODY = Names(owner="I")


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


def _revision(conversation: Any, names: Names = NOBODY) -> str | None:
    return index.revision(conversation, lambda _: names)


def test_what_is_gone_deleted_or_discarded_shall_have_nothing() -> None:
    assert _revision(None) == NOTHING
    assert _revision(_completed(deleted=True)) == NOTHING
    assert _revision(_completed(discarded=True)) == NOTHING
    assert _revision(_completed(deleted=True, status="processing")) == NOTHING


@pytest.mark.parametrize("status", ["in_progress", "processing", "merging", "failed"])
def test_while_work_is_under_way_the_index_stays_as_it_is(status: str) -> None:
    assert _revision(_completed(status=status)) is None


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
    assert _revision(_completed(**changed)) != _revision(_completed())


def test_another_model_changes_the_revision(encoder: NamedEmbedder) -> None:
    before = _revision(_completed())
    encoder.name = "another"
    assert _revision(_completed()) != before


def test_what_cannot_be_searched_for_does_not() -> None:
    before = _revision(_completed())
    assert before == _revision(_completed(starred=True, run=9, updated_at="2026-05-05T00:00:00Z"))


def test_the_summary_holds_title_overview_tasks_and_events() -> None:
    assert index.summary_text(_completed()) == "Budget\nAbout money.\nCall"


def test_a_speaker_who_gets_a_name_changes_the_revision() -> None:
    said = {"id": "1", "text": "Hello", "start": 0, "end": 1, "person_id": "p1"}
    conversation = _completed(transcript_segments=[said])
    named = _revision(conversation, Names(owner="I", people={"p1": "Rosa"}))
    assert named != _revision(conversation) != _revision(_completed(transcript_segments=[{**said, "person_id": "p2"}]))


def test_what_is_filtered_by_are_those_who_speak_and_what_it_is_about() -> None:
    conversation = _completed(
        transcript_segments=[
            a_segment("a", 0, 1, person_id="p1"),
            a_segment("b", 1, 2, is_user=True),
            a_segment("c", 2, 3, speaker="SPEAKER_03"),
        ],
        external_data={"speakers": {"SPEAKER_03": "  Ann  Lee "}},
    )
    assert index.people_of(conversation) == ("ann lee", "p1", "user")
    assert index.topics_of(conversation) == ("other", "budget", "call")


def test_a_number_is_no_name() -> None:
    conversation = _completed(transcript_segments=[a_segment("a", 0, 1, person_id="p1"), a_segment("b", 1, 2)])
    names = Names(owner="I", people={"p1": "Rosa"})
    said_by = [index.speaker(each, conversation, names) for each in conversation.transcript_segments]
    assert said_by == ["Rosa", None]
