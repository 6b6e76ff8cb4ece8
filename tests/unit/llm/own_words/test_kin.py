"""Whom the user has mentioned is known for a while, by name and as "he" or "she"."""

from collections.abc import Callable

import pytest

from common.llm.first_person import FirstPersonRememberer
from common.llm.ports import Background, Dialogue

Build = Callable[..., Dialogue]


@pytest.mark.parametrize(
    ("lines", "fact"),
    [
        (("Ben: How is your son?", "User: He's fifteen, what do you expect."), "Ann's son is fifteen"),
        (("User: My daughter started judo.", "Ben: Nice.", "User: She's eight."), "Ann has an eight year old daughter"),
        (
            ("Ben: How is Beth? She never calls from Leeds.", "User: My sister is fine."),
            "Ann has a sister named Beth in Leeds",
        ),
        (("User: They operated on my sister.", "Ben: Amina? Oh no.", "User: Yes."), "Ann has a sister named Amina"),
        (("User: It is for my grandson, he comes every weekend.", "Ben: Ah."), "Ann's grandson comes every weekend"),
        (("User: This is my brother Tim.", "Ben: Hi.", "User: Tim is a pilot."), "Ann's brother Tim is a pilot"),
        (("User: My sister Ruth called.", "Ben: Oh.", "User: She lives in Bath."), "Ann's sister Ruth lives in Bath"),
        (("User: Lena is my oldest.", "Ben: Really?"), "Ann's oldest is called Lena"),
        (("User: My dog is a spaniel.", "Ben: Aw.", "User: His name is Max."), "Ann's dog's name is Max"),
    ],
)
def test_who_goes_on_being_spoken_of(dialogue: Build, lines: tuple[str, ...], fact: str) -> None:
    facts = FirstPersonRememberer().remember(dialogue(*lines), Background("Ann", most_facts=4))
    assert fact in [each.content for each in facts]


@pytest.mark.parametrize(
    "lines",
    [
        ("User: My brother called.", "Ben: And the plumber?", "Ben: Well.", "Cleo: Hm.", "User: He lives in Rome."),
        ("User: My wife called.", "Ben: And Tom?", "User: He lives in Rome."),
        ("Ben: My brother called.", "User: He lives in Rome."),
    ],
)
def test_a_pronoun_may_mean_somebody_else(dialogue: Build, lines: tuple[str, ...]) -> None:
    facts = FirstPersonRememberer().remember(dialogue(*lines), Background("Ann", most_facts=4))
    assert not any("Rome" in each.content for each in facts)


@pytest.mark.parametrize(
    "lines",
    [
        ("User: My wife is on the other line.", "Ben: Okay."),
        ("User: My boss is in a mood.", "Ben: Again."),
        ("Ben: Is Beth coming?", "User: No idea. I only asked my husband."),
    ],
)
def test_who_is_only_mentioned_is_no_fact(dialogue: Build, lines: tuple[str, ...]) -> None:
    assert FirstPersonRememberer().remember(dialogue(*lines), Background("Ann", most_facts=4)) == []
