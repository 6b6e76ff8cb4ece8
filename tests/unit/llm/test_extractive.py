"""Offline structuring finds title, overview, category, tasks and events, and never stumbles over what it is given."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.core import clock
from common.llm.emoji import first_emoji
from common.llm.extractive.structurer import ExtractiveStructurer
from common.llm.ports import Dialogue, Embedder, Turn
from common.models.structured import ConversationCategory, Structured
from tests.unit.llm.conftest import BEGAN, BagOfWords

Build = Callable[..., Dialogue]


@pytest.fixture
def structurer(embedder: Embedder) -> ExtractiveStructurer:
    return ExtractiveStructurer(embedder)


def test_a_punctuated_dialogue(structurer: ExtractiveStructurer, dialogue: Build) -> None:
    structured = structurer.structure(
        dialogue(
            "User: Let's talk about the mobile app launch.",
            "Ben: The launch meeting is on September 26 at 10 am.",
            "User: Good. I'll write the release notes and update the help page.",
            "Ben: I can fix the coupon bug. Please call Maria tomorrow morning about the mobile app launch.",
        )
    )
    assert [(item.description, item.due_at) for item in structured.action_items] == [
        ("Write the release notes", None),
        ("Update the help page", None),
        ("Call Maria tomorrow morning about the mobile app launch", datetime(2025, 9, 19, 9, 0, tzinfo=UTC)),
    ]
    assert [(event.title, event.start) for event in structured.events] == [
        ("Launch Meeting", datetime(2025, 9, 26, 10, 0, tzinfo=UTC))
    ]
    assert "launch" in structured.title.lower()
    assert "launch" in structured.overview


def test_recognised_speech_without_punctuation(structurer: ExtractiveStructurer, dialogue: Build) -> None:
    structured = structurer.structure(
        dialogue(
            "User: okay so i talked to john yesterday and he said the budget is not final yet i'll send him the"
            " new numbers tomorrow morning and then we need to schedule a review with finance",
            "SPEAKER_01: yeah that sounds good can you also email me the slides by friday",
        )
    )
    assert [item.description for item in structured.action_items] == [
        "Send him the new numbers tomorrow morning",
        "Schedule a review with finance",
        "Email them the slides by friday",
    ]
    assert structured.events == []


def test_times_are_those_of_the_users_timezone(structurer: ExtractiveStructurer, dialogue: Build) -> None:
    # It is still the 17th in Los Angeles.
    evening = datetime(2025, 9, 18, 3, 0, tzinfo=UTC)
    lines = ("User: I'll call Maria tomorrow at noon.",)
    structured = structurer.structure(dialogue(*lines, started_at=evening, timezone="America/Los_Angeles"))
    assert structured.action_items[0].due_at == datetime(2025, 9, 18, 19, 0, tzinfo=UTC)


def test_a_task_asked_for_and_then_promised_is_one_task(structurer: ExtractiveStructurer, dialogue: Build) -> None:
    structured = structurer.structure(
        dialogue("Ben: Please book the big conference room.", "User: I will book the conference room by Friday.")
    )
    (item,) = structured.action_items
    assert item.due_at == datetime(2025, 9, 19, 23, 59, tzinfo=UTC)


def test_the_category_and_the_emoji_follow_the_words(structurer: ExtractiveStructurer, dialogue: Build) -> None:
    structured = structurer.structure(
        dialogue("User: The doctor gave me medicine against the pain.", "Ben: And are the symptoms gone?")
    )
    assert structured.category is ConversationCategory.HEALTH
    assert structured.emoji in {"🩺", "💊"}


def test_small_talk_is_no_category_at_all(structurer: ExtractiveStructurer, dialogue: Build) -> None:
    structured = structurer.structure(dialogue("User: hello", "Ben: yes hello"))
    assert structured.category is ConversationCategory.OTHER
    assert not structured.action_items
    assert not structured.events
    assert structured.title


@pytest.mark.parametrize("lines", [(), ("User: ",), ("User: ...", "Ben: \n\t ")])
def test_a_dialogue_without_words_has_an_empty_structure(
    structurer: ExtractiveStructurer, dialogue: Build, lines: tuple[str, ...]
) -> None:
    assert structurer.structure(dialogue(*lines)) == Structured()


@pytest.mark.parametrize(
    "text", ["好的明天见。我们去买牛奶。", "привет как дела", "🙂 ok 🙂", "a", "I'll", "12345", "x" * 50_000]
)
def test_odd_input_still_has_a_title(structurer: ExtractiveStructurer, dialogue: Build, text: str) -> None:
    assert structurer.structure(dialogue(f"User: {text}")).title


@pytest.mark.parametrize(
    "text", ["a-" * 25_000, "1" * 50_000, "i'll call bob " * 4_000, "call bob" + ", please" * 9_000]
)
def test_monstrous_input_takes_seconds_at_most(structurer: ExtractiveStructurer, dialogue: Build, text: str) -> None:
    before = clock.monotonic()
    structurer.structure(dialogue(f"User: {text}"))
    assert clock.monotonic() - before < 10


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        ("明日は九時に駅で会いましょう。その後で予算の話をします。", "。"),
        ("क्या हम कल स्टेशन पर मिल सकते हैं और बजट की बात करेंगे।", "।"),
    ],
)
def test_a_sentence_that_ends_as_its_script_ends_one_gets_no_other_end(
    structurer: ExtractiveStructurer, dialogue: Build, said: str, ending: str
) -> None:
    overview = structurer.structure(dialogue(f"User: {said}")).overview
    assert overview.endswith(ending)
    assert not overview.endswith((f"{ending}.", f"{ending}{ending}"))
    assert f"{ending}." not in overview


def test_a_naive_beginning_is_utc(structurer: ExtractiveStructurer) -> None:
    naive = Dialogue((Turn("User", "I'll call Maria tomorrow.", 0, 1, is_user=True),), BEGAN.replace(tzinfo=None), None)
    assert structurer.structure(naive).action_items[0].due_at == datetime(2025, 9, 19, 23, 59, tzinfo=UTC)


def test_hours_of_talk_are_thinned_out_not_refused(structurer: ExtractiveStructurer, dialogue: Build) -> None:
    lines = [f"User: The turbine number {n} was inspected by the crew on site." for n in range(3000)]
    assert "turbine" in structurer.structure(dialogue(*lines)).title.lower()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=200), max_size=5), st.sampled_from(["UTC", "Asia/Kolkata", "nowhere", ""]))
def test_whatever_is_said_the_rules_hold(texts: list[str], timezone: str) -> None:
    turns = tuple(Turn("SPEAKER_00", text, 0, 1) for text in texts)
    structured = ExtractiveStructurer(BagOfWords()).structure(Dialogue(turns, BEGAN, None, timezone))
    assert len(structured.title.split()) <= 10
    assert first_emoji(structured.emoji) == structured.emoji
    assert all(item.due_at is None or item.due_at >= BEGAN for item in structured.action_items)
    assert all(event.start >= BEGAN and event.duration <= 180 for event in structured.events)
