"""The forms in which somebody lets slip with whom they live: "with three kids", "the twins", "my sister Ruth"."""

from common.llm.own_words.slips import Hint
from common.llm.own_words.words import RELATIVE, any_of

_LIVING = any_of("kids children daughters sons boys girls dogs cats horses jobs dog cat toddler baby teenager newborn")
HOUSEHOLD = (
    Hint(
        6,
        "ith ",
        r"\b(?:I am|I'm) the one with (?P<living>(?:two|three|four|five|six) (?:\w+ )?\w+s)\b",
        "{user} has {living}",
    ),
    Hint(
        5,
        "ith ",
        (
            r"\b(?:shared|live|lived|grew up|growing up|alone|at home)\b.{0,30} with (?P<living>(?:two|three"
            r"|four|five|six|seven) (?:\w+ )?(?:brothers|sisters|kids|children|boys|girls|dogs|cats))\b"
        ),
        "{user} has {living}",
    ),
    Hint(
        6,
        "s my ",
        (
            r"\b(?:[Ss]he|[Hh]e)(?:'s| is) my (?P<kin>(?:half|step|twin|older|younger|little|big|best)["
            r" -]?(?:sister|brother|friend)|daughter|son|niece|nephew|granddaughter|grandson|godson"
            r"|goddaughter)\b"
        ),
        "{user} has a {kin}",
    ),
    Hint(
        5,
        "f us ",
        (
            r"\b[Tt]here(?: are| is|'s) (?P<number>two|three|four|five|six|seven|eight) of us (?:at home|in"
            r" the (?:house|family|flat))"
        ),
        "{user} is one of {number} at home",
    ),
    Hint(
        5,
        "ith ",
        rf"\b[Ww]ith (?P<living>(?:two|three|four|five|six|seven|a|one) (?:\w+ )?{_LIVING})\b(?=.*\b(?:I|we|you)\b)",
        "{user} has {living}",
    ),
    Hint(
        2,
        " the ",
        r"\b(?:[Ss]ince|[Bb]ecause of|[Ww]ith|[Bb]efore|pick up|drop off|collect|walk|feed"
        r"|wake|pick|take|bring|drive|dropped|picked) the (?P<living>kids|twins|children|dogs)\b",
        "{user} has {living}",
    ),
    Hint(
        2,
        "he ",
        (
            r"(?:^|, |\band )[Tt]he (?P<living>kids|twins|dogs|cats) (?:are|were|turn|turned|start|started"
            r"|have|love|hate|like|want|need"
            r"|sleep|go|come)\b"
        ),
        "{user} has {living}",
    ),
    Hint(
        2,
        "he ",
        (
            r"(?:^|, |\band )[Tt]he (?P<living>baby|dog|cat) (?:sleeps|is (?:asleep|teething|at home|with)"
            r"|wakes|loves|hates|needs|got so)\b"
        ),
        "{user} has a {living}",
    ),
    Hint(
        2,
        " the ",
        (
            r"\b(?:[Ss]ince|[Bb]ecause of|[Ww]ith|[Bb]efore|pick up|drop off|walk|feed|wake|take|let|brush"
            r"|wash) the (?P<living>baby|dog|cat)\b"
        ),
        "{user} has a {living}",
    ),
    Hint(4, "home in", r"\bhome in (?P<place>[A-Z]\w+)", "{user} has a home in {place}"),
    Hint(
        4, "y ", rf"\b(?:[Mm]y) (?P<kin>{RELATIVE}),? (?P<name>[A-Z][a-z]+)\b(?!')", "{user}'s {kin} is called {name}"
    ),
    Hint(
        4, "ur ", rf"\b(?:[Oo]ur) (?P<kin>{RELATIVE}),? (?P<name>[A-Z][a-z]+)\b(?!')", "{user}'s {kin} is called {name}"
    ),
    Hint(
        4,
        "is ",
        rf"(?:^|[,.;] )(?P<name>[A-Z][a-z]+) is (?:my|our) (?P<kin>{RELATIVE})\b(?!')",
        "{user}'s {kin} is called {name}",
    ),
)
