"""A day without a language model: its longest conversations in their own words, and how much there was. In English."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from common.llm.ports import Day, Episode, LookBack, Remark, Topic
from common.llm.sentences import closed
from common.models.structured import DEFAULT_EMOJI

_TOPICS = 5
_TOLD = 3
_REMARKS = 5
_LONGEST_SUMMARY = 300
_LONGEST_TOLD = 160
_SENTENCES = re.compile(r"(?<=[.!?…。？！])\s+|(?<=[。？！])")  # noqa: RUF001 - full-width marks end sentences too
_QUESTION_MARKS = ("?", "？")  # noqa: RUF001 - as above
_DECIDED = re.compile(r"\b(?:decided|agreed|settled on|will go with|went with|approved|the plan is)\b", re.IGNORECASE)
_MINUTES_PER_HOUR = 60


class ExtractiveDaySummarizer:
    """Says what was already understood of the day's conversations."""

    name = "extractive (no language model)"

    def look_back(self, day: Day) -> LookBack:
        """The day, by its longest conversations."""
        weighty = longest(day.episodes, most=_TOPICS)
        others = len(day.episodes) - 1
        said = [(each.conversation_id, text) for each in day.episodes for text in _sentences(each.overview)]
        return LookBack(
            headline=f"{_title(weighty[0])}, and {others} more" if others else _title(weighty[0]),
            overview=" ".join([_measured(day.episodes), *(_told(each) for each in weighty[:_TOLD])]),
            emoji=weighty[0].emoji or DEFAULT_EMOJI,
            topics=tuple(
                Topic(_title(each), each.emoji, cut(each.overview, _LONGEST_SUMMARY), (each.conversation_id,))
                for each in weighty
            ),
            questions=_remarks((where, text) for where, text in said if text.endswith(_QUESTION_MARKS)),
            decisions=_remarks((where, text) for where, text in said if _DECIDED.search(text)),
        )


def longest(episodes: Sequence[Episode], *, most: int) -> list[Episode]:
    """The longest first; of two that are as long, the one that began first."""
    return sorted(episodes, key=lambda each: -each.minutes)[:most]


def cut(text: str, characters: int) -> str:
    """The text on one line, or its beginning up to a word, with a sign that there is more."""
    line = " ".join(text.split())
    if len(line) <= characters:
        return line
    return line[: characters - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def _measured(episodes: Sequence[Episode]) -> str:
    """How much there was, and what it was mostly about, where that can be said."""
    minutes = sum(each.minutes for each in episodes)
    count = "One conversation" if len(episodes) == 1 else f"{len(episodes)} conversations"
    measured = f"{count}, {_duration(minutes)}" + (" in all" if len(episodes) > 1 else "")
    [(category, times)] = Counter(each.category for each in episodes).most_common(1)
    mostly = len(episodes) > 1 and times * 2 > len(episodes) and category not in {"", "other"}
    return f"{measured}, mostly {category}." if mostly else f"{measured}."


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def _told(episode: Episode) -> str:
    first = next(iter(_sentences(episode.overview)), "")
    told = f"{episode.began} {_title(episode)}"
    return f"{told}: {closed(cut(first, _LONGEST_TOLD))}" if first else closed(told)


def _title(episode: Episode) -> str:
    return episode.title or "A conversation"


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCES.split(" ".join(text.split())) if sentence]


def _remarks(found: Iterable[tuple[str, str]]) -> tuple[Remark, ...]:
    return tuple(Remark(cut(text, _LONGEST_SUMMARY), where) for where, text in dict.fromkeys(found))[:_REMARKS]
