"""Conversations of a time or with somebody, told as a list, without a language model."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import tzinfo

from common.chat.asked import Asked
from common.chat.ports import MOST_CITED, Cites, Words
from common.conversations.search import find_page
from common.conversations.speakers import Names, load_names
from common.database import conversations
from common.indexing.periods import Period
from common.llm.plain_days import cut
from common.models.conversation import Conversation
from common.models.person import OWNER

MOST = 10
"""Conversations that are told."""
_LOOKED_AT = 100
_LONGEST_OVERVIEW = 160
NO_CONVERSATIONS = "I found no conversations"


def list_asked(asked: Asked, *, uid: str, local: tzinfo, by: str) -> Iterator[Words | Cites]:
    """How many there are, and the newest of them in the order in which they were.

    Args:
        asked: of which time, and with whom.
        uid: whose they are.
        local: the user's timezone.
        by: who says so.
    """
    period = asked.period
    page = find_page(
        "",
        uid=uid,
        limit=_LOOKED_AT,
        include_discarded=False,
        since=period.since if period else None,
        until=period.until if period else None,
        named=asked.named,
    )
    found = [hit.conversation for hit in page.hits if not hit.conversation.is_locked]
    of_what = f"{_with(asked.named)}{_when(period)}"
    if not found:
        yield Words(f"{NO_CONVERSATIONS}{of_what}. ({by})")
        return
    shown = sorted(conversations.with_transcripts(found[:MOST], uid=uid), key=lambda each: each.began)
    yield Cites(tuple(each.id for each in shown[:MOST_CITED]))
    names = load_names(shown, uid=uid)
    number = f"More than {_LOOKED_AT}" if page.total > _LOOKED_AT else str(len(found))
    lines = "\n".join(_line(each, names, local) for each in shown)
    newest = f", the newest {MOST}" if len(found) > MOST else ""
    yield Words(f"{number} conversation{'s' if number != '1' else ''}{of_what}{newest} ({by}):\n\n{lines}")


def you(names: Names) -> Names:
    """As one talks to the owner."""
    return replace(names, owner="You")


def _line(conversation: Conversation, names: Names, local: tzinfo) -> str:
    structured = conversation.structured
    said = cut(structured.overview, _LONGEST_OVERVIEW)
    known = dict.fromkeys(
        names.people[each.person_id]
        for each in conversation.transcript_segments
        if each.person_id and each.person_id != OWNER and each.person_id in names.people
    )
    title = f"{structured.emoji} **{structured.title or 'A conversation'}**"
    began = f"{conversation.began.astimezone(local):%Y-%m-%d %H:%M}"
    return f"- {began}, {title}{_with(tuple(known))}{f': {said}' if said else ''}"


def _with(names: Sequence[str]) -> str:
    if not names:
        return ""
    *most, last = names
    return f" with {', '.join(most)}{' and ' if most else ''}{last}"


def _when(period: Period | None) -> str:
    if period is None:
        return ""
    first, last = f"{period.since:%Y-%m-%d}", f"{period.until:%Y-%m-%d}"
    return f" on {first}" if first == last else f" from {first} to {last}"
