"""Search in conversations: by meaning, by words, by when it was, and by titles that say it exactly."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Required, TypedDict, Unpack

from common.conversations.browse import truncated
from common.conversations.citing import ENOUGH_WORDS, Cited, cite
from common.conversations.index import given_names, people_of, topics_of
from common.conversations.ranking import MOST_FOUND, Ranked, by_conversation, rank
from common.conversations.stretches import count_words
from common.core import clock
from common.database import (
    conversation_outlines,
    conversation_speakers,
    conversations,
    conversations_around,
    people,
    users,
)
from common.database.conversations import PAGE_SEGMENTS
from common.database.firestore import MOST_IN_A_FILTER
from common.database.vectors import Namespace, Wanted
from common.database.whole_conversations import Room
from common.indexing.asking import Asking, ask, beside
from common.indexing.periods import Period, asks_only_when, find_period
from common.indexing.terms import words_of
from common.models.conversation import Conversation, ConversationStatus
from common.models.conversation_views import FoundConversation, FoundPassage
from common.models.person import NAMED, OWNER, name_key

USER = OWNER
"""Stands for the owner where a person is asked for."""
_MOST_LOOKED_AT = 1000
"""Conversations that are read, the newest first, for a page of those that fit."""
_PORTION = 20
"""Hits that are read with their words at once."""
MOST_OF_ONE = 6
"""Passages that are shown with one conversation; together with the others', all."""
_EARLIEST_ZONE = timedelta(hours=14)
"""Where it is tomorrow first."""
_EXACT = 2.0
"""Better than any other: all of the meaning and all of the words."""


@dataclass(frozen=True)
class Hit:
    """A conversation found, how good an answer it is, and what makes it so.

    `score` is a cosine, plus what the question's own words, its time and how much a passage tells add; `segment_ids`
    are those of the best of `passages`, which are there if some of what was said is among the best answers.
    """

    conversation: Conversation
    score: float
    segment_ids: tuple[str, ...]
    passages: tuple[FoundPassage, ...] = ()
    around: tuple[FoundPassage, ...] = ()
    """What was said around these, where a page has little of them."""

    def shown(self) -> FoundConversation:
        """As clients get it."""
        return FoundConversation.of(
            self.conversation.without_photos(), score=self.score, passages=self.passages[:MOST_OF_ONE]
        )


@dataclass(frozen=True)
class Page:
    """Some of the hits, best first, and how many there are."""

    hits: list[Hit]
    total: int
    left_out: bool = False
    """Whether a conversation is without its words, as those of a list are."""

    @property
    def passages(self) -> list[FoundPassage]:
        """Those of all hits, the best first; where that is little, then what was said around them."""
        told = sorted((each for hit in self.hits for each in hit.passages), key=lambda each: -each.score)
        words = sum(count_words(each.text) for each in told)
        least = min((0.0, *(each.score for each in told[-1:])))
        for each in (each for hit in self.hits for each in hit.around):
            words += count_words(each.text)
            if words > ENOUGH_WORDS:
                break
            told.append(each.model_copy(update={"score": least}))
        return told


class Filters(TypedDict, total=False):
    """What is asked for besides words.

    include_discarded: whether what was discarded is found too; needed.
    since: begun then or later, whenever it was handed over.
    until: begun then or earlier.
    person_id: only where this person speaks, or `user`.
    named: only where one of these speaks, by name or id.
    topics: only what has one of these as its category, or in its title or tasks.
    """

    include_discarded: Required[bool]
    since: datetime | None
    until: datetime | None
    person_id: str | None
    named: Sequence[str]
    topics: Sequence[str]


def search_conversations(query: str, *, uid: str, limit: int, **filters: Unpack[Filters]) -> list[Hit]:
    """What `find_page` finds first."""
    return find_page(query, uid=uid, limit=limit, **filters).hits


def find_page(query: str, *, uid: str, limit: int, offset: int = 0, **filters: Unpack[Filters]) -> Page:
    """The user's conversations that are about `query`, best first. What is deleted is not found, at once.

    Args:
        query: in words; a blank one finds the newest. A time that it mentions ("last Tuesday") is resolved in the
            user's timezone, unless `since` or `until` is given: what was talked about then is preferred.
        uid: the owner.
        limit: hits at most.
        offset: hits passed over.
        filters: what is asked for besides words.

    Raises:
        ProviderError: the query could not be embedded.
    """
    person_id, named = filters.get("person_id"), _ids_of(filters.get("named", ()), uid=uid)
    asked = _Asked(
        query=query.strip(),
        uid=uid,
        include_discarded=filters["include_discarded"],
        since=filters.get("since"),
        until=filters.get("until"),
        people=[group for group in ([person_id] if person_id is not None else [], named) if group],
        spoken_by=[person_id] if person_id is not None else [*named[: MOST_IN_A_FILTER - 1], NAMED],
        topics=[word for topic in filters.get("topics", ()) for word in words_of(topic)],
    )
    ranked = asked.about() if asked.query else asked.newest(wanted=offset + limit)
    total = len(ranked)
    # Of what the index names some may be gone or hidden since: what follows takes their place.
    passed_over = 0
    while passed_over < offset and ranked:
        portion, ranked = _parted(ranked, offset - passed_over)
        there = asked.count_still_there(portion)
        passed_over += there
        total -= len(portion) - there
    room = Room(PAGE_SEGMENTS)
    hits: list[Hit] = []
    while len(hits) < limit and ranked:
        portion, ranked = _parted(ranked, min(_PORTION, limit - len(hits)))
        found = asked.hits(portion, room)
        hits += found
        total -= len(portion) - len(found)
    return Page(hits, total=total, left_out=room.left_out)


def _parted(ranked: list[Ranked], count: int) -> tuple[list[Ranked], list[Ranked]]:
    return ranked[:count], ranked[count:]


@dataclass(frozen=True)
class _Asked:
    """A search, ready to be made; of each group in `people` somebody must speak."""

    query: str
    uid: str
    include_discarded: bool
    since: datetime | None
    until: datetime | None
    people: list[list[str]]
    spoken_by: list[str]
    """By whom those are found in which somebody of the first group speaks."""
    topics: list[str]

    def about(self) -> list[Ranked]:
        """By meaning and words; exact titles, the newest first, before all others.

        These, and where people are asked for all, may be shown; of others only the index has been asked.
        """
        titled = beside(partial(conversations.list_titled, self.query, uid=self.uid))
        period = self._period()
        words = period.without(self.query) if period else self.query
        wanted = Wanted(since=self.since, until=self.until, topics=self.topics)
        if self.people:
            wanted["people"] = self.people[0]
        ranges = [wanted]
        if period is not None:
            # Asked for on their own: what was said then may not be among the best of all times.
            ranges.append({**wanted, "since": period.since, "until": period.until})
        spaces = (Namespace.PASSAGES, Namespace.CONVERSATIONS)
        answers = ask(words, [Asking(space, each) for each in ranges for space in spaces], uid=self.uid)
        found = by_conversation(
            [match for answer in answers[::2] for match in answer],
            [match for answer in answers[1::2] for match in answer],
        )
        likely = dict(islice(found.items(), MOST_FOUND))
        ranked = rank(likely, period=period, only_then=asks_only_when(words))
        exact = self._fitting([each for each in titled.result() if self._says(each) and self._began_in_time(each)])
        exact.sort(key=lambda each: each.created_at, reverse=True)
        passages = {each.conversation_id: each.passages for each in ranked}
        first = [Ranked(each.id, _EXACT, passages.get(each.id, ())) for each in exact]
        names = set(_ids(first))
        rest = [each for each in ranked if each.conversation_id not in names]
        if self.people:
            wordless = conversation_speakers.find_wordless(_ids(rest), uid=self.uid)
            fitting = {each.id for each in self._fitting(wordless)}
            rest = [each for each in rest if each.conversation_id in fitting]
        return [*first, *rest]

    def count_still_there(self, ranked: Sequence[Ranked]) -> int:
        """How many of them may be shown; their words are not read for that."""
        outlines = conversation_outlines.find_outlines(uid=self.uid, conversation_ids=_ids(ranked))
        return sum(each.findable and (self.include_discarded or not each.discarded) for each in outlines.values())

    def hits(self, ranked: Sequence[Ranked], room: Room) -> list[Hit]:
        """Those that may be shown, with their passages, and with their words as far as these find room."""
        there = conversations.find_many(uid=self.uid, conversation_ids=_ids(ranked))
        found = {each.id: each for each in there if _findable(each, include_discarded=self.include_discarded)}
        open_ones = [each for each in found.values() if not each.is_locked]
        cited = cite({each.conversation_id: each.passages for each in ranked}, open_ones, uid=self.uid)
        hits = []
        for each in ranked:
            if (conversation := found.get(each.conversation_id)) is not None:
                told = cited.get(conversation.id, Cited())
                first = tuple(told.passages[0].segment_ids) if told.passages else ()
                hits.append(Hit(room.fit(truncated(conversation)), each.score, first, told.passages, told.around))
        return hits

    def newest(self, *, wanted: int) -> list[Ranked]:
        """Without a question: the newest, one more than wanted where there are more."""
        found: list[Ranked] = []
        for looked_at in range(0, _MOST_LOOKED_AT, MOST_FOUND):
            page = self._list(limit=MOST_FOUND, offset=looked_at)
            found += [Ranked(each.id, 0.0) for each in self._fitting(page)]
            if len(page) < MOST_FOUND or len(found) > wanted:
                break
        return found

    def _list(self, *, limit: int, offset: int) -> list[Conversation]:
        """Some of the newest, without their words; where people are asked for, of those in which one of them speaks."""
        if self.people:
            listed = partial(conversation_speakers.list_spoken_in, self.spoken_by, since=self.since, until=self.until)
        elif self.since is not None or self.until is not None:
            listed = partial(conversations_around.list_begun, since=self.since, until=self.until, room=Room(0))
        else:
            listed = partial(conversations.list_newest, room=Room(0))
        return listed(uid=self.uid, limit=limit, offset=offset)

    def _period(self) -> Period | None:
        if self.since is not None or self.until is not None:
            return None
        now = clock.now()
        if find_period(self.query, now + _EARLIEST_ZONE) is None:  # in nobody's timezone
            return None
        return find_period(self.query, now.astimezone(users.zone(uid=self.uid)))

    def _says(self, conversation: Conversation) -> bool:
        return conversation.structured.title.strip().casefold() == self.query.casefold()

    def _began_in_time(self, conversation: Conversation) -> bool:
        began = conversation.began
        return not (self.since and began < self.since) and not (self.until and began > self.until)

    def _fitting(self, found: Sequence[Conversation]) -> list[Conversation]:
        """Those that may be shown, and that have what is asked for besides words and times, in their order."""
        kept = [each for each in found if _findable(each, include_discarded=self.include_discarded)]
        if self.people:
            kept = [each for each in kept if self._speak_in(each)]
        if self.topics:
            kept = [each for each in kept if _any(self.topics, topics_of(each))]
        return kept

    def _speak_in(self, conversation: Conversation) -> bool:
        """Whether of each group of people somebody speaks; one that does not say so is read for that."""
        if conversation.speaker_ids is not None:
            speaking = {*conversation.speaker_ids, *given_names(conversation)} - {NAMED}
        else:
            whole = conversations.find(uid=self.uid, conversation_id=conversation.id)
            speaking = set(people_of(whole)) if whole is not None else set()
        return all(_any(group, speaking) for group in self.people)


def _findable(conversation: Conversation, *, include_discarded: bool) -> bool:
    if conversation.deleted or conversation.status is ConversationStatus.IN_PROGRESS:
        return False
    return include_discarded or not conversation.discarded


def _any(wanted: Collection[str], there: Collection[str]) -> bool:
    return not set(wanted).isdisjoint(there)


def _ids(ranked: Sequence[Ranked]) -> list[str]:
    return [each.conversation_id for each in ranked]


def _ids_of(named: Sequence[str], *, uid: str) -> list[str]:
    """What stands for people who are asked for by name or id; the ids that are known first."""
    if not named:
        return []
    keys = {name_key(name) for name in named}
    known = [person.id for person in people.list_named(named, uid=uid)]
    owner = [OWNER] if name_key(users.display_name(uid=uid)) in keys else []
    return list(dict.fromkeys([*owner, *known, *sorted({*named, *keys})]))
