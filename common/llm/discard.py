"""Whether a conversation is worth keeping. In doubt it is: nobody misses a discarded cough, everybody a lost word."""

import re
from dataclasses import dataclass
from typing import Literal

from common.llm.ports import Dialogue
from common.llm.words import content_words, words

RULES_VERSION = 1
_SUBSTANTIAL_WORDS = 100
_FEWEST_CONTENT_WORDS = 3
_LAST_LATIN = 0x24F
_REMINDER = re.compile(r"\b(?:remind me|remember to|don't forget|note to self)\b", re.IGNORECASE)


@dataclass(frozen=True)
class DiscardDecision:
    """The verdict, who decided (always a rule, so far) and which one, by name."""

    verdict: Literal["keep", "discard"]
    reason: str
    decided_by: Literal["rule"] = "rule"
    rules_version: int = RULES_VERSION

    @property
    def discarded(self) -> bool:
        """Whether the conversation is to be hidden."""
        return self.verdict == "discard"


def decide_discard(dialogue: Dialogue) -> DiscardDecision:
    """Discard what holds no words, or only filler; keep everything else."""
    text = " ".join(turn.text for turn in dialogue.turns).replace("\u2019", "'")
    spoken = words(text)
    if not spoken:
        return DiscardDecision("discard", "empty_transcript")
    if len(spoken) > _SUBSTANTIAL_WORDS:
        return DiscardDecision("keep", "substantial_length")
    if any(character.isalpha() and ord(character) > _LAST_LATIN for character in text):
        # The lists of filler are of Latin scripts.
        return DiscardDecision("keep", "non_latin_content")
    if _REMINDER.search(text):
        return DiscardDecision("keep", "explicit_reminder")
    if len(content_words(text)) < _FEWEST_CONTENT_WORDS:
        return DiscardDecision("discard", "filler_only")
    return DiscardDecision("keep", "content")
