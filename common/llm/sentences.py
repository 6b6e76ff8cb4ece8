"""Cutting turns into sentences. Recognised speech has no punctuation as a rule, so cue words mark where one begins."""

import re
from dataclasses import dataclass

from common.llm.ports import Dialogue
from common.llm.words import words

_HALF_OF_DAY = re.compile(r"\b([ap])\.m\.(?!\s+[A-Z]|$)|\b([ap])\.m(?=\.)", re.IGNORECASE)
# No language has longer words, and patterns take quadratic time on them.
_ENDLESS = re.compile(r"(\S{60})(?=\S)")
_ABBREVIATED = r"(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bSt\.)(?<!\bvs\.)(?<!\bNo\.)"
_ENDS = re.compile(_ABBREVIATED + r"(?<=[.?!…。？！])\s+|(?<=[。？！])|\n+")  # noqa: RUF001 - full-width marks end sentences too
_DAY = (
    r"(?:(?:tomorrow|today|tonight|(?:on |this |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
    r"(?: morning| afternoon| evening| night)? )?"
)
_SUBJECTS = (
    r"i'll|i will|i'm going to|i am going to|i'm gonna|i have to|i need to|i've got to|i gotta|i must|i should|i think|"
    r"we need to|we have to|we'll|we will|we've got to|we should|let's|can you|could you|please|don't forget|"
    r"do not forget|remember to|remind me|make sure|you need to|you have to"
)
_LINKS = r"by the way|anyway|okay|so i|so we|but i|but we|oh|also|and then"
_BEGINS = re.compile(rf"(?<=\s)(?:{_DAY}(?:{_SUBJECTS})|{_LINKS})\b", re.IGNORECASE)
_LONG = 14
_SHORT = 4
_LONGEST = 40
_ENDED = (".", "?", "!", "…", "。", "？", "！", "．", "｡", "।", "۔", "؟")  # noqa: RUF001 - scripts have marks of their own
_CLOSING = "\"'\u201d\u2019»」』)）]"  # noqa: RUF001 - as above
_FULL_STOPS = ((re.compile(r"[\u3040-\u30ff\u3400-\u9fff]$"), "。"), (re.compile(r"[\u0900-\u097f]$"), "।"))
"""Full stops other than ".", by the characters before them: kana and Chinese characters, Devanagari."""


@dataclass(frozen=True)
class Sentence:
    """One sentence of a turn; `opens` where its beginning is certain, from punctuation or the beginning of a turn."""

    text: str
    speaker: str
    is_user: bool
    opens: bool

    @property
    def is_question(self) -> bool:
        """Whether it is written as one."""
        return self.text.endswith(("?", "？"))  # noqa: RUF001 - the full-width mark


def sentences(dialogue: Dialogue) -> list[Sentence]:
    """The sentences of a dialogue, in order, blanks tidied."""
    return [
        Sentence(text=piece, speaker=turn.speaker, is_user=turn.is_user, opens=place == 0)
        for turn in dialogue.turns
        for written in _ENDS.split(_tidied(turn.text))
        for place, piece in enumerate(_pieces(" ".join(written.split())))
    ]


def closed(text: str) -> str:
    """The text, ending as a sentence of its script does."""
    if text.rstrip(_CLOSING).endswith(_ENDED):
        return text
    bare = text.rstrip(",;:、，")  # noqa: RUF001 - as above
    return bare + next((stop for before, stop in _FULL_STOPS if before.search(bare.rstrip(_CLOSING))), ".")


def _tidied(text: str) -> str:
    """Straight apostrophes, no endless words, and "a.m." without the full stops that would end a sentence."""
    bounded = _ENDLESS.sub(r"\1 ", text.replace("\u2019", "'"))
    return _HALF_OF_DAY.sub(lambda found: f"{found[1] or found[2]}m", bounded)


def _pieces(sentence: str) -> list[str]:
    """A sentence, cut before cue words while it is too long to be only one."""
    if not words(sentence):
        return []
    if len(words(sentence)) < _LONG:
        return [sentence]
    cuts = [0]
    for cue in _BEGINS.finditer(sentence):
        if len(sentence[cuts[-1] : cue.start()].split()) >= _SHORT:
            cuts.append(cue.start())
    pieces = [sentence[start:end].strip() for start, end in zip(cuts, [*cuts[1:], len(sentence)], strict=True)]
    return [part for piece in pieces for part in _bounded(piece)]


def _bounded(piece: str) -> list[str]:
    """A piece without any cue, cut by length alone."""
    tokens = piece.split()
    return [" ".join(tokens[start : start + _LONGEST]) for start in range(0, len(tokens), _LONGEST)]
