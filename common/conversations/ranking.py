"""Which conversations answer a question, and with which of their passages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from common.database.vectors import Match
from common.indexing.periods import Period

MOST_FOUND = 100
"""Conversations that a question finds at most."""
MOST_PASSAGES = 120
"""Passages that are shown at most, of all conversations together: the best."""
_IN_PERIOD = 0.3
_SOON_AFTER = 0.1
_YEARS = 10
"""How far back the last May lies, at most."""
_SOON = timedelta(days=3)
"""What happened on a day is often told some days later."""


@dataclass(frozen=True)
class Ranked:
    """A conversation, how good an answer it is, and its passages, best first."""

    conversation_id: str
    score: float
    passages: tuple[Match, ...] = ()


def by_conversation(passages: Sequence[Match], summaries: Sequence[Match]) -> dict[str, list[Match]]:
    """What was found of each conversation, best first; those of which the best was found come first."""
    ordered = sorted({match.id: match for match in _worst_first(passages, summaries)}.values(), key=_by_score)
    found: dict[str, list[Match]] = {}
    for match in ordered:
        found.setdefault(match.document_id, []).append(match)
    return found


def rank(found: Mapping[str, Sequence[Match]], *, period: Period | None, only_then: bool) -> list[Ranked]:
    """The conversations of which something was found, best first.

    Args:
        found: of each conversation what was found of it.
        period: what time the question is about; what was talked about then, or soon after, is preferred.
        only_then: whether nothing else is asked: then other times are left out, if there is anything of that one.
    """
    began = {name: matches[0].began for name, matches in found.items()}
    known = _known(period, [each for each in began.values() if each is not None])
    bonus = {name: _bonus(each, known) for name, each in began.items()}
    then = [name for name in found if bonus[name] >= _IN_PERIOD]
    kept = then if only_then and then else found
    scored = [
        replace(match, score=match.score + bonus[name]) if bonus[name] else match
        for name in kept
        for match in found[name]
    ]
    scored.sort(key=_by_score)
    told = [match for match in scored if match.number is not None][:MOST_PASSAGES]
    best: dict[str, float] = {}
    for match in scored:
        best.setdefault(match.document_id, match.score)
    passages: dict[str, list[Match]] = {}
    for match in told:
        passages.setdefault(match.document_id, []).append(match)
    return [Ranked(name, score, tuple(passages.get(name, ()))) for name, score in best.items()]


def _worst_first(passages: Sequence[Match], summaries: Sequence[Match]) -> list[Match]:
    """So that of the same vector found twice the better one is kept."""
    return sorted([*passages, *summaries], key=lambda match: match.score)


def _by_score(match: Match) -> tuple[float, str]:
    return -match.score, match.id


def _known(period: Period | None, began: Collection[datetime]) -> Period | None:
    """Where no year is said, the last in which anything was talked about then."""
    if period is None or not period.any_year:
        return period
    years = (period.years_before(years) for years in range(_YEARS))
    return next((each for each in years if any(_within(each, moment) for moment in began)), period)


def _within(period: Period, moment: datetime) -> bool:
    return period.since <= moment <= period.until


def _bonus(began: datetime | None, period: Period | None) -> float:
    if period is None or began is None:
        return 0.0
    if _within(period, began):
        return _IN_PERIOD
    return _SOON_AFTER if period.until < began <= period.until + _SOON else 0.0
