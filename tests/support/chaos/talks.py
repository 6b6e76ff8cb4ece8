"""What the chaos' users say: words that nobody else says, so that it is plain where they have got to."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Literal

from common.speech.wav import wav_head
from tests.support.storm.numbers import quiet, speech_of, word_of

Way = Literal["session", "keyed segments", "text", "upload", "offline"]
Deleted = Literal["no", "asked", "yes"]

_NOUNS = tuple("kettle ladder violin garden bridge letter bicycle candle mirror window pillow hammer carpet".split())  # noqa: SIM905
_VERBS = tuple("mend paint sell borrow wash polish return measure photograph sharpen".split())  # noqa: SIM905
_SYLLABLES = 5
_numbers = count()


@dataclass
class Talk:
    """One conversation that a user hands over, and what they have done with it since.

    `marks` are what its transcript must hold, in this order, each once. `told` are the ids it was answered with.
    `taught`: whether a fact and a task follow from it.
    """

    uid: str
    way: Way
    topic: str
    marks: list[str]
    fact: str = ""
    task: str = ""
    accepted: bool = False
    told: set[str] = field(default_factory=set)
    deleted: Deleted = "no"
    cascade: bool = False
    fact_deleted: Deleted = "no"
    task_deleted: Deleted = "no"
    merged: bool = False

    @property
    def taught(self) -> bool:
        return bool(self.fact)

    def __str__(self) -> str:
        done = f"deleted {self.deleted}{' with all' if self.cascade else ''}{', merged' if self.merged else ''}"
        return f"{self.way} {self.topic} of {self.uid} ({', '.join(sorted(self.told))}; {done})"


def word(random: Random) -> str:
    """One that nobody else says."""
    return "".join(random.choice("bdfgklmnprstvz") + random.choice("aeiou") for _ in range(_SYLLABLES))


def spoken_talk(uid: str, way: Way, random: Random) -> Talk:
    """One in words, with a fact and a task in it."""
    topic = word(random) + word(random)
    fact = f"{word(random)} {word(random)} {random.choice(_NOUNS)}"
    task = f"{random.choice(_VERBS)} the {word(random)} {word(random)} {random.choice(_NOUNS)}"
    lines = [
        f"our topic is {topic} and nothing else today",
        f"I keep {fact} beetles in my garden shed",
        f"I must {task} at home before the winter begins",
        *(f"{word(random)} goes well with {word(random)}" for _ in range(random.choice((1, 3, 8, 40)))),
    ]
    return Talk(uid=uid, way=way, topic=topic, marks=lines, fact=fact, task=task)


def recorded_talk(uid: str, way: Way, random: Random) -> tuple[Talk, bytes]:
    """One of numbers, and its PCM."""
    numbers = [next(_numbers) for _ in range(random.randint(3, 8))]
    marks = [word_of(number) for number in numbers]
    return Talk(uid=uid, way=way, topic=marks[0], marks=marks), b"".join(
        speech_of(each) + quiet(0.6) for each in numbers
    )


def wav_of(pcm: bytes) -> bytes:
    """A file of it."""
    return wav_head(len(pcm)) + pcm
