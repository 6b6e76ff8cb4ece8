"""Conversations of a time or with somebody, told as a list, without a language model."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo

from common.chat.asked import Asked
from common.chat.phrases import Phrases
from common.chat.ports import MOST_CITED, Cites, Words
from common.conversations.search import find_page
from common.conversations.speakers import Names, load_names
from common.database import conversations
from common.llm.plain_days import cut
from common.models.conversation import Conversation
from common.models.person import OWNER

MOST = 10
"""Conversations that are told."""
_LOOKED_AT = 100
_LONGEST_OVERVIEW = 160


def list_asked(asked: Asked, *, uid: str, local: tzinfo, by: str, words: Phrases) -> Iterator[Words | Cites]:
    """How many there are, and the newest of them in the order in which they were.

    Args:
        asked: of which time, and with whom.
        uid: whose they are.
        local: the user's timezone.
        by: who says so.
        words: what is said besides.
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
    when = words.within(period.since.date(), period.until.date()) if period else ""
    of_what = f"{words.with_names(asked.named)}{when}"
    if not found:
        yield Words(f"{words.no_conversations}{of_what}. ({by})")
        return
    shown = sorted(conversations.with_transcripts(found[:MOST], uid=uid), key=lambda each: each.began)
    yield Cites(tuple(each.id for each in shown[:MOST_CITED]))
    names = load_names(shown, uid=uid)
    number = words.more_than.format(_LOOKED_AT) if page.total > _LOOKED_AT else str(len(found))
    counted = words.one_conversation if number == "1" else words.conversations.format(number)
    lines = "\n".join(_line(each, names, local, words) for each in shown)
    newest = f", {words.newest.format(MOST)}" if len(found) > MOST else ""
    yield Words(f"{counted}{of_what}{newest} ({by}):\n\n{lines}")


def you(names: Names, words: Phrases) -> Names:
    """As one talks to the owner."""
    return replace(names, owner=words.you)


def _line(conversation: Conversation, names: Names, local: tzinfo, words: Phrases) -> str:
    structured = conversation.structured
    said = cut(structured.overview, _LONGEST_OVERVIEW)
    known = dict.fromkeys(
        names.people[each.person_id]
        for each in conversation.transcript_segments
        if each.person_id and each.person_id != OWNER and each.person_id in names.people
    )
    title = f"{structured.emoji} **{structured.title or words.untitled}**"
    began = f"{conversation.began.astimezone(local):%Y-%m-%d %H:%M}"
    return f"- {began}, {title}{words.with_names(tuple(known))}{f': {said}' if said else ''}"
