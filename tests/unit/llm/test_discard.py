"""Only what holds no words or nothing but filler is discarded; in doubt a conversation is kept."""

from collections.abc import Callable

import pytest

from common.llm.discard import decide_discard
from common.llm.ports import Dialogue


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        ("", "discard", "empty_transcript"),
        (" ... !?", "discard", "empty_transcript"),
        ("um yeah okay hello hello", "discard", "filler_only"),
        ("testing testing one two", "discard", "mic_check"),
        ("okay " * 101, "keep", "substantial_length"),
        ("okay " * 100, "discard", "filler_only"),
        ("remind me to call mom", "keep", "explicit_reminder"),
        ("好的", "discard", "filler_only"),
        ("明天去北京", "keep", "non_latin_content"),
        ("bonjour ça va bien", "keep", "content"),
        ("bonjour le chien est malade", "keep", "content"),
        ("the quarterly budget needs approval", "keep", "content"),
    ],
)
def test_what_is_kept_and_why(dialogue: Callable[..., Dialogue], text: str, verdict: str, reason: str) -> None:
    decision = decide_discard(dialogue(f"User: {text}"))
    assert (decision.verdict, decision.reason, decision.decided_by) == (verdict, reason, "rule")
    assert decision.discarded == (verdict == "discard")


def test_no_turns_are_no_words(dialogue: Callable[..., Dialogue]) -> None:
    assert decide_discard(dialogue()).reason == "empty_transcript"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("User: Morning, how's life?", "Ben: Not too bad, and yourself?", "User: Can't complain."), "filler_only"),
        (("User: Testing. Test. One two.", "User: Is it on? I guess so."), "mic_check"),
        (
            ("User: Alexa, stop. Volume three.", "Ben: Sorry, I don't know that.", "User: Next song."),
            "assistant_command",
        ),
        (("Ben: We'll be back after the break.", "User: Mm.", "Tom: Forty percent off all sofas."), "background_media"),
    ],
)
def test_what_takes_several_turns_to_say_nothing(
    dialogue: Callable[..., Dialogue], lines: tuple[str, ...], reason: str
) -> None:
    decision = decide_discard(dialogue(*lines))
    assert (decision.verdict, decision.reason) == ("discard", reason)


@pytest.mark.parametrize(
    "lines",
    [
        ("User: Alexa, stop. We need to leave at six for the airport.",),
        ("User: Volume three of the trilogy.", "Ben: Next song."),
        ("Ben: Everything is forty percent off.", "User: Then I'll buy the blue sofa."),
        ("Ben: The doctor can see you after the break.", "User: I have a headache."),
        ("User: Monday morning, at the bank.", "Ben: Morning. Cash only."),
        ("User: Is it on? The meeting moved to Friday.",),
    ],
)
def test_what_may_say_something_is_kept(dialogue: Callable[..., Dialogue], lines: tuple[str, ...]) -> None:
    assert decide_discard(dialogue(*lines)).verdict == "keep"
