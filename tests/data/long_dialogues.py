"""Two conversations of three hours, put together from parts: the same ones every time, labels included.

A day-long meeting goes over its subjects again and again; what counts is said once, somewhere in between.
"""

import random
from dataclasses import dataclass
from typing import Any

_TURNS = 1350
"""About 27,000 words: three hours at an unhurried pace."""


@dataclass(frozen=True)
class _Theme:
    name: str
    began: str
    timezone: str
    speakers: tuple[str, ...]
    frames: tuple[str, ...]
    things: tuple[str, ...]
    troubles: tuple[str, ...]
    hopes: tuple[str, ...]
    said: tuple[tuple[str, str], ...]
    labels: dict[str, Any]


_DEV = _Theme(
    name="dev-en-90-migration",
    began="2026-05-06T09:00",
    timezone="Europe/London",
    speakers=("User", "Meera", "Colin"),
    frames=(
        "The {thing} is what worries me, because of {trouble}.",
        "If I look at the {thing}, I see {trouble} first of all.",
        "Last year the {thing} was fine, and then came {trouble}.",
        "With the new platform the {thing} would get {hope}.",
        "Everybody complains about {trouble} whenever the {thing} comes up.",
        "So for the {thing} the question is whether {hope} is worth it.",
        "I measured the {thing} in March and found {trouble} on every second day.",
        "Nobody understands the {thing} any more since the last two people left.",
        "We had {trouble} twice, and both times it was the {thing}.",
        "To be fair, the {thing} has served us for nine years.",
        "Imagine the {thing} with {hope}, that alone would be something.",
        "Hm, the {thing} again.",
        "Yes, and the {thing} depends on it too.",
        "Right.",
        "How many people use the {thing} at all?",
    ),
    things=(
        "billing service",
        "search index",
        "login server",
        "message queue",
        "reporting database",
        "mobile gateway",
        "backup job",
        "invoice printer",
        "customer portal",
        "configuration store",
        "image server",
        "audit log",
    ),
    troubles=(
        "the nightly timeouts",
        "the missing tests",
        "the old operating system",
        "data nobody owns",
        "the memory leak",
        "passwords in the code",
        "a license that runs out",
        "the manual deployments",
    ),
    hopes=(
        "automatic scaling",
        "a proper monitoring",
        "half of the cost",
        "zero downtime",
        "one login for everything",
        "real backups",
        "fewer alarms at night",
    ),
    said=(
        ("Meera", "So the aim of today is to plan the migration of our old servers to the cloud."),
        ("Colin", "We decided that the customer portal moves first, since it has the fewest dependencies."),
        ("User", "I'll write the migration plan for the customer portal by next Friday."),
        ("Meera", "Can you ask the vendor for a quote for the database license?"),
        ("User", "Sure, I can ask them."),
        ("Colin", "The risk is the billing service, nobody wants to touch it before the audit in June."),
        ("User", "Agreed, the billing service stays where it is until the audit is over."),
        ("Meera", "The test migration is on May 20 at 8 pm, when there is little traffic."),
        ("User", "I need to order two more licenses for the monitoring tool."),
        ("Colin", "Then we're done, the migration begins with the customer portal and the billing service comes last."),
    ),
    labels={
        "category": "technology",
        "overview": (
            "The team planned the migration of the old servers to the cloud. The customer portal moves first because "
            "it has the fewest dependencies, and the billing service stays until the audit in June. There is a test "
            "migration on May 20, and the user writes the migration plan."
        ),
        "action_items": [
            {"text": "Write the migration plan for the customer portal", "due": "2026-05-15"},
            {"text": "Ask the vendor for a quote for the database license"},
            {"text": "Order two more licenses for the monitoring tool"},
        ],
        "events": [{"title": "Test migration", "start": "2026-05-20T20:00"}],
        "memories": [],
    },
)

_HELD_OUT = _Theme(
    name="held_out-en-90-trial",
    began="2026-09-10T10:00",
    timezone="America/New_York",
    speakers=("User", "Dr Weiss", "Amara"),
    frames=(
        "In the {thing} we saw {trouble}, at least in the second group.",
        "Reviewers will ask about the {thing}, they always do.",
        "What explains {trouble} is probably the {thing}.",
        "When I went through the {thing} again, {trouble} came up three times.",
        "The literature says that the {thing} leads to {hope}.",
        "Compared with the pilot the {thing} looks a lot cleaner.",
        "For {hope} we would have to repeat the {thing}, and that takes months.",
        "Statistically the {thing} is not significant yet.",
        "I wouldn't build anything on the {thing} while there is {trouble}.",
        "That's the point of the {thing}, isn't it?",
        "The {thing} in Toronto was done by somebody else, with {trouble} as well.",
        "Okay.",
        "Can we plot the {thing} against the age of the patients?",
        "Honestly, {hope} would surprise me.",
        "And the {thing}?",
    ),
    things=(
        "control group",
        "blood samples",
        "sleep diary",
        "placebo arm",
        "dosage curve",
        "follow-up survey",
        "genetic marker",
        "baseline measurement",
        "exclusion list",
        "second cohort",
        "heart rate data",
        "consent form",
    ),
    troubles=(
        "missing values",
        "a broken freezer",
        "two drop-outs",
        "contradictory results",
        "a strong placebo effect",
        "noise from the sensors",
        "late answers",
        "coffee before the test",
    ),
    hopes=(
        "a larger effect",
        "better sleep",
        "a publication in a good journal",
        "approval by the agency",
        "a clear result",
        "less medication",
    ),
    said=(
        ("Dr Weiss", "We're here to go through the results of the sleep study before the paper is written."),
        ("Amara", "The new drug shortened the time to fall asleep by eleven minutes compared with the placebo."),
        ("User", "Then I will rewrite the results section by Tuesday."),
        ("Dr Weiss", "But the effect is gone after six weeks, so we have to be careful with the conclusion."),
        ("User", "We agreed to leave the genetic marker out of the paper."),
        ("Amara", "Could you send the raw data to the statistics department?"),
        ("User", "No problem."),
        ("Dr Weiss", "The call with the ethics board is on September 24 at 3 pm."),
        ("User", "I have to check the consent forms of the second cohort."),
        ("Amara", "So the paper says that the drug helps at first, and that the effect doesn't last."),
    ),
    labels={
        "category": "science",
        "overview": (
            "The researchers went through the results of the sleep study. The drug shortens the time to fall asleep by "
            "eleven minutes compared with placebo, but the effect is gone after six weeks. The genetic marker is left "
            "out of the paper, and the user rewrites the results section."
        ),
        "action_items": [
            {"text": "Rewrite the results section", "due": "2026-09-15"},
            {"text": "Send the raw data to the statistics department"},
            {"text": "Check the consent forms of the second cohort"},
        ],
        "events": [{"title": "Call with the ethics board", "start": "2026-09-24T15:00"}],
        "memories": [],
    },
)


def long_dialogues() -> dict[str, dict[str, Any]]:
    """Both, by name, in the form of the files."""
    return {theme.name: _written(theme) for theme in (_DEV, _HELD_OUT)}


def _written(theme: _Theme) -> dict[str, Any]:
    chance = random.Random(theme.name)  # noqa: S311 - the same every time
    lines = [f"{chance.choice(theme.speakers)}: {_sentences(theme, chance)}" for _ in range(_TURNS)]
    step = _TURNS // len(theme.said)
    for place, (speaker, words) in reversed(list(enumerate(theme.said))):
        # What answers the line before stands right after it.
        answers = place > 0 and theme.said[place - 1][1].endswith("?")
        lines.insert((place - 1) * step + step // 2 + 1 if answers else place * step + step // 2, f"{speaker}: {words}")
    return {
        "language": "en",
        "began": theme.began,
        "timezone": theme.timezone,
        "discard": False,
        "dialogue": "\n".join(lines),
        **theme.labels,
    }


def _sentences(theme: _Theme, chance: random.Random) -> str:
    return " ".join(
        chance.choice(theme.frames).format(
            thing=chance.choice(theme.things), trouble=chance.choice(theme.troubles), hope=chance.choice(theme.hopes)
        )
        for _ in range(chance.choice((1, 1, 2, 3)))
    )
