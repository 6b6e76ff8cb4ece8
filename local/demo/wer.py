"""Word error rate of a transcript against what was said."""

import re

import jiwer

_NOT_IN_A_WORD = re.compile(r"[^\w' ]+|_")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_NUMBER = re.compile(r"\d+")
_SMALL = (  # noqa: SIM905 - twenty words read better than twenty lines
    "zero one two three four five six seven eight nine ten "
    "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def _spoken(number: int) -> str:
    if number < len(_SMALL):
        return _SMALL[number]
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {_spoken(number % size)}" if number % size else ""
            return f"{_spoken(number // size)} {name}{rest}"
    return _TENS[number // 10] + (f" {_SMALL[number % 10]}" if number % 10 else "")


def normalise(text: str) -> str:
    """Lower case, no punctuation, numbers as words: what can be compared."""
    words = _NOT_IN_A_WORD.sub(" ", _THOUSANDS.sub("", text.lower().replace("\u2019", "'")))
    return " ".join(_NUMBER.sub(lambda found: _spoken(int(found[0])), words).split())


def word_error_rate(said: str, heard: str) -> float:
    """Words replaced, missing or added, per word said; 0 is perfect, and it can exceed 1."""
    return float(jiwer.wer(normalise(said), normalise(heard)))
