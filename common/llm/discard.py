"""Whether a conversation is worth keeping. In doubt it is: nobody misses a discarded cough, everybody a lost word.

Rules decide what is plain (CONTRACT section 5.4); of the rest a model is asked, where there is one.
"""

import re
from dataclasses import dataclass
from typing import Literal

from common.core.errors import ProviderError
from common.core.logs import get_logger
from common.llm.filler import is_broadcast, is_check, is_order, is_orders, is_unspaced_filler, telling_words
from common.llm.ports import Dialogue, Judge
from common.llm.words import FILLER_WORDS, content_words, words

RULES_VERSION = 3
_SUBSTANTIAL_WORDS = 100
_FEWEST_TELLING_WORDS = 2
_TURNS_PER_WORD = 3
"""Who exchanges greetings for longer says more of what only sounds like a word that tells something."""
_LAST_LATIN = 0x24F
_REMINDER = re.compile(
    r"\b(?:remind me|remember (?:to|that)|don't forget|do not forget|note to self|reminder"
    r"|erinner\w* mich|nicht vergessen|recuérdame|no olvides|rappelle-moi|n'oublie pas|ricordami|non dimenticare"
    r"|me lembr\w+|lembre-me|não esque\w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class DiscardDecision:
    """The verdict, who decided and why, by name."""

    verdict: Literal["keep", "discard"]
    reason: str
    decided_by: Literal["policy", "rule", "model"] = "rule"
    rules_version: int = RULES_VERSION

    @property
    def discarded(self) -> bool:
        """Whether the conversation is to be hidden."""
        return self.verdict == "discard"


def decide_discard(dialogue: Dialogue, judge: Judge | None = None) -> DiscardDecision:
    """The rules' decision, else the judge's; kept where neither knows, or the judge fails.

    Args:
        dialogue: what was said, and what pictures show.
        judge: who is asked about what no rule decides, if there is anybody.
    """
    decided = _by_rule(dialogue)
    if decided is not None:
        return decided
    if judge is None:
        if (unwanted := _unwanted(dialogue)) is not None:
            return DiscardDecision("discard", unwanted)
        return DiscardDecision("keep", "content")
    try:
        judged = judge.judge(dialogue)
    except ProviderError:
        get_logger().warning("discard_not_judged")
        return DiscardDecision("keep", "model_unavailable", "policy")
    return DiscardDecision("keep" if judged.keep else "discard", judged.reason, "model")


def _unwanted(dialogue: Dialogue) -> str | None:
    """What a model would see: orders to a device, and what was only heard in the background."""
    said = [turn.text.replace("\u2019", "'") for turn in dialogue.turns if turn.is_user]
    heard = " ".join(turn.text for turn in dialogue.turns if not turn.is_user).replace("\u2019", "'")
    if is_order(_text(dialogue)) or is_orders(said):
        return "assistant_command"
    return "background_media" if is_broadcast(heard, said) else None


def _by_rule(dialogue: Dialogue) -> DiscardDecision | None:
    text = _text(dialogue)
    spoken = words(text)
    if not spoken:
        return DiscardDecision("discard", "empty_transcript")
    if len(spoken) > _SUBSTANTIAL_WORDS:
        return DiscardDecision("keep", "substantial_length")
    if _REMINDER.search(text):
        return DiscardDecision("keep", "explicit_reminder")
    if (empty := _emptiness(text, dialogue)) is not None:
        return DiscardDecision("discard", empty)
    return None if _is_latin(text) else DiscardDecision("keep", "non_latin_content")


def _emptiness(text: str, dialogue: Dialogue) -> str | None:
    """Why a short text says nothing; None where it may say something."""
    if not _is_latin(text):
        return "filler_only" if is_unspaced_filler(text) else None
    if is_check(text, dialogue.language):
        return "mic_check"
    if len(telling_words(text, dialogue.language)) >= max(
        _FEWEST_TELLING_WORDS, len(dialogue.turns) // _TURNS_PER_WORD
    ):
        return None
    fills = content_words(text) or any(word.lower() in FILLER_WORDS for word in words(text))
    return "filler_only" if fills else "no_content_words"


def _is_latin(text: str) -> bool:
    return all(ord(character) <= _LAST_LATIN for character in text if character.isalpha())


def _text(dialogue: Dialogue) -> str:
    return " ".join(turn.text for turn in dialogue.turns).replace("\u2019", "'")
