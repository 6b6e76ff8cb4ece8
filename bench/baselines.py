"""What can be had for nothing: the simple rules that understanding is held against."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from common.llm.ports import Dialogue
from common.llm.sentences import sentences
from common.llm.words import words
from common.models.structured import ConversationCategory
from tests.support.dialogues import Labelled

_FEW_WORDS = 20
_LEAD = 3
_PROMISING = re.compile(r"\b(?:will|need to|should)\b|'ll\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|my|me|we|our)\b", re.IGNORECASE)


class Baseline:
    """One for each measure; the category is the one that most of the group have, which nobody could know before."""

    def __init__(self, group: Sequence[Labelled]) -> None:
        self._group = group

    def discards(self, dialogue: Dialogue) -> bool:
        """Keep what has more than 20 words."""
        return sum(len(words(turn.text)) for turn in dialogue.turns) <= _FEW_WORDS

    @cached_property
    def category(self) -> ConversationCategory:
        """The most frequent one."""
        counts = Counter(each.category for each in self._group if not each.discard)
        return counts.most_common(1)[0][0]

    def tasks(self, dialogue: Dialogue) -> list[str]:
        """Every sentence with will, need to or should."""
        return [sentence.text for sentence in sentences(dialogue) if _PROMISING.search(sentence.text)]

    def overview(self, dialogue: Dialogue) -> str:
        """How it begins."""
        return " ".join(f"{each.speaker} said: {each.text}" for each in sentences(dialogue)[:_LEAD])

    def facts(self, dialogue: Dialogue) -> list[str]:
        """What the user says in the first person."""
        return [each.text for each in sentences(dialogue) if each.is_user and _FIRST_PERSON.search(each.text)]
