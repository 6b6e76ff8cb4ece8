"""A fact about the user: its fields, its categories of three generations, its place among others."""

from datetime import UTC, datetime
from typing import Any

import pytest

from common.models.memory import Memory, MemoryCategory, memory_id

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TODAY = ("interesting", "system", "manual", "workflow")
FIRST_CLASS = ("personal", "health", "work", "relationships", "preferences")
BECAME_SYSTEM = ("core", "hobbies", "lifestyle", "interests", "habits", "skills", "other")


def _memory(**fields: Any) -> Memory:
    return Memory.model_validate({"uid": "u", "content": "Likes tea", "created_at": NOON, "updated_at": NOON, **fields})


def test_its_defaults() -> None:
    fields = _memory().model_dump(mode="json")
    for name in ("id", "uid", "content", "created_at", "updated_at"):
        del fields[name]
    assert fields == {
        "category": "system",
        "visibility": "private",
        "tags": [],
        "conversation_id": None,
        "memory_id": None,
        "reviewed": False,
        "user_review": None,
        "manually_added": False,
        "edited": False,
        "deleted": False,
        "scoring": f"050_{int(NOON.timestamp()):010d}",
        "app_id": None,
        "data_protection_level": None,
        "is_locked": False,
        "kg_extracted": False,
        "is_baseline": False,
        "superseded_by": None,
        "invalid_at": None,
        "rejected": False,
        "revision": 0,
        "segment_ids": [],
        "said_at": None,
        "learned_by": None,
        "touched": False,
    }


def test_its_id_follows_from_owner_content_and_generation() -> None:
    assert _memory().id == _memory(tags=["x"]).id == memory_id(uid="u", content="Likes tea")
    others = {
        _memory(content="Likes coffee").id,
        _memory(uid="v").id,
        memory_id(uid="u", content="Likes tea", generation=1),
    }
    assert len({_memory().id, *others}) == 4


class TestCategories:
    """Stored as given; older ones appear as what they became, and are found by it."""

    @pytest.mark.parametrize("name", [*TODAY, *FIRST_CLASS, *BECAME_SYSTEM, "learnings"])
    def test_every_one_is_stored_as_given(self, name: str) -> None:
        stored = _memory(category=name).to_firestore()
        assert stored["category"] == name
        assert Memory.model_validate(stored).category == name

    @pytest.mark.parametrize(
        ("stored", "today"),
        [
            *((name, name) for name in TODAY + FIRST_CLASS),
            *((name, "system") for name in BECAME_SYSTEM),
            ("learnings", "interesting"),
        ],
    )
    def test_it_appears_as_what_it_became(self, stored: str, today: str) -> None:
        assert MemoryCategory(stored).today == today
        assert _memory(category=stored).with_todays_category().category == today

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("system", {"system", *BECAME_SYSTEM}),
            ("interesting", {"interesting", "learnings"}),
            ("work", {"work"}),
            ("hobbies", {"hobbies"}),
            ("manual", {"manual"}),
        ],
    )
    def test_a_filter_finds_what_equals_it_or_became_it(self, asked: str, found: set[str]) -> None:
        assert MemoryCategory(asked).matching == found

    def test_each_is_found_by_what_it_appears_as(self) -> None:
        assert all(category in category.today.matching for category in MemoryCategory)

    @pytest.mark.parametrize("stored", ["new-fangled", "", 7, ["x"]])
    def test_one_that_this_version_does_not_know_is_read_as_system(self, stored: Any) -> None:
        assert _memory(category=stored).category is MemoryCategory.SYSTEM


@pytest.mark.parametrize(
    "fields", [{"visibility": "friends"}, {"tags": None}, {"updated_at": None}, {"reviewed": None}]
)
def test_what_older_writers_left_does_not_make_it_unreadable(fields: dict[str, Any]) -> None:
    memory = _memory(**fields)
    assert (memory.visibility, memory.tags, memory.updated_at, memory.reviewed) == ("private", [], NOON, False)


def test_they_sort_by_priority_then_age() -> None:
    later = datetime(2026, 5, 5, tzinfo=UTC)
    said = _memory(category="hobbies", manually_added=True).scoring
    manual, interesting, learned = (_memory(category=name).scoring for name in ("manual", "interesting", "learnings"))
    system, health = (_memory(category=name, created_at=later).scoring for name in ("system", "health"))
    assert said == manual > interesting == learned > system == health > _memory().scoring


def test_what_follows_from_other_fields_follows_their_changes() -> None:
    memory = _memory()
    assert memory.but(user_review=False).rejected
    assert not memory.but(user_review=False).but(user_review=True).rejected
    assert memory.but(category="manual").scoring > memory.scoring
    assert memory.but(content="Likes coffee").id == memory.id


def test_a_former_state_says_of_what_and_until_when() -> None:
    memory = _memory(revision=3)
    former = memory.former(ended_at=NOON)
    assert (former.id, former.superseded_by, former.invalid_at) == (f"{memory.id}.3", memory.id, NOON)
    assert former.content == memory.content


def test_it_is_read_by_its_old_alias_and_round_trips() -> None:
    memory = _memory(memory_id="c1")
    assert (memory.conversation_id, memory.memory_id) == ("c1", "c1")
    assert _memory(conversation_id="c1").memory_id == "c1"
    assert Memory.model_validate(memory.to_firestore()) == memory
    assert Memory.model_validate_json(memory.model_dump_json()) == memory
