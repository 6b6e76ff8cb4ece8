"""Answering without a language model: what was said about it, quoted, never rephrased. Modest, and says so."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from common.chat.asked import Asked, continued, understand
from common.chat.courtesies import Courtesy, find_courtesy
from common.chat.listing import list_asked, you
from common.chat.named import without_name
from common.chat.passages import Line, Quote, lines_of, pieces_of, quote_lines, shared_terms
from common.chat.phrases import Phrases, phrases
from common.chat.plainly_asked import (
    asks_for_appointments,
    asks_for_facts,
    find_wish,
    note,
    tell_appointments,
    tell_facts,
)
from common.chat.ports import MOST_CITED, Cites, Part, Question, Thinking, Words
from common.chat.tasks_asked import asks_for_tasks, tell_tasks
from common.conversations.ranking import MOST_FOUND
from common.conversations.search import Hit, search_conversations
from common.conversations.speakers import Names, load_names
from common.core import clock
from common.core.languages import primary_subtag
from common.database import conversations, people, users
from common.indexing.terms import guess_language
from common.memories.search import search_memories
from common.models.chat import MessageSender
from common.models.conversation import Conversation

NAME = "local model"

_RELATED = 0.25
"""Score below which a conversation has nothing to do with the question."""
_SURE = 0.8
"""Worth from which on a quote is told as what was found."""
_BESIDE_THE_BEST, _MOST_QUOTED = 0.7, 3
"""The part of the best one's worth below which another quote is about something else; so many at most."""
_AS_NEAR, _MOST_GUESSED = 0.9, 2
"""The same where none is sure."""
_TELLING = 0.45
"""Below which a fact is not worth telling: it is short, so it has to be about just that."""
_MOST_FACTS = 3
_AROUND = 3
"""Segments before and behind what was found."""
_PASSAGES = 2
"""Of each conversation, the best."""
_JUDGED = 6
"""Conversations whose lines are judged."""
_LOOKED_AT = 4 * MOST_CITED
"""Of what is found, the best: some of it may be locked."""


class QuotingAnswerer:
    """Searches the user's conversations for the question and answers with what it finds."""

    name = NAME

    def answer(self, question: Question) -> Iterator[Part]:
        """The best passages, and which conversations they are from."""
        local = users.zone(uid=question.uid)
        language = users.language(uid=question.uid)
        words = phrases(question.message.text, language)
        now = clock.now().astimezone(local)
        if (plain := _plainly(question, words, now)) is not None:
            yield from plain
            return
        yield Thinking("Looking through your conversations")
        asked = _understood(question, now)
        if question.message.files_id:
            yield Words(f"{words.cannot_read_files}\n\n")
        if not asked.says_something:
            yield Words(f"{words.ask_me} ({NAME})")
        elif asked.lists and question.context is None:
            yield from list_asked(asked, uid=question.uid, local=local, by=NAME, words=words)
        else:
            yield from _quotes(question, asked, local, language, words)


def _plainly(question: Question, words: Phrases, now: datetime) -> list[Part] | None:
    """The answer to what has a form of its own; None where it has none."""
    text, uid = question.message.text, question.uid
    if (wish := find_wish(text, now)) is not None:
        return [Words(f"{words.noted} ({NAME}):\n\n{note(wish, uid=uid, words=words)}")]
    if (courtesy := find_courtesy(text)) is not None and not question.message.files_id:
        said = {Courtesy.HELLO: f"{words.hello} ", Courtesy.THANKS: f"{words.welcome} "}.get(courtesy, "")
        return [Words(f"{said}{words.ask_me} ({NAME})")]
    if asks_for_facts(text):
        return [Words(f"{words.known} ({NAME}):\n\n{tell_facts(uid=uid, words=words)}")]
    text = continued(text, _earlier(question), now) or text
    if asks_for_tasks(text):
        return [Words(f"{words.listed} ({NAME}):\n\n{tell_tasks(text, now, uid=uid, words=words)}")]
    if asks_for_appointments(text):
        coming, cited = tell_appointments(text, now, uid=uid, words=words)
        return [Cites(cited[:MOST_CITED]), Words(f"{words.coming} ({NAME}):\n\n{coming}")]
    return None


def _quotes(question: Question, asked: Asked, local: tzinfo, language: str | None, words: Phrases) -> Iterator[Part]:
    hits = _find(question, asked)
    facts = _facts(question, asked)
    found = conversations.with_transcripts([hit.conversation for hit in hits], uid=question.uid)
    whole = {conversation.id: conversation for conversation in found}
    names = you(load_names(found, uid=question.uid), words)
    kept = _kept([hit for hit in hits if hit.conversation.id in whole], whole, names, asked)
    passages = [_passage(whole[hit.conversation.id], hit, names) for hit in kept]
    quotes = quote_lines(passages, question=asked.text, names=asked.named, language=language)
    ranked = sorted(zip(kept, quotes, strict=True), key=lambda each: -each[1].worth)
    told, sure = _told(ranked, within_one=_is_within_one(question))
    if facts:
        known = "\n".join(f"- {fact}" for fact in facts)
        yield Words(f"{words.known} ({NAME}):\n\n{known}\n\n")
    if not told:
        if not facts:
            yield Words(f"{words.not_known} ({NAME})")
        return
    yield Cites(tuple(hit.conversation.id for hit, _ in told))
    yield Words(f"{words.found if sure else words.perhaps} ({NAME}, {words.quotes_only}):")
    for hit, quote in told:
        yield Words(f"\n\n{_heading(whole[hit.conversation.id], local, words)}\n{_quoted(quote)}")


def _told(ranked: Sequence[tuple[Hit, Quote]], *, within_one: bool) -> tuple[Sequence[tuple[Hit, Quote]], bool]:
    """What is worth telling, the best first, and whether it answers the question; nothing where nothing is near."""
    best = ranked[0][1].worth if ranked else 0.0
    sure = best >= _SURE
    share, most = (_BESIDE_THE_BEST, _MOST_QUOTED) if sure else (_AS_NEAR, _MOST_GUESSED)
    # Where the user looks at one conversation there is no other that it could be about.
    near = [each for each in ranked if each[1].worth >= share * best and (each[1].near or within_one)]
    return near[:most], sure


def _understood(question: Question, now: datetime) -> Asked:
    names = [person.name for person in people.list_all(uid=question.uid)]
    return understand(question.message.text, earlier=_earlier(question), names=names, now=now)


def _earlier(question: Question) -> list[str]:
    """What the same user has written before, oldest first."""
    return [each.text for each in question.history if each.sender is MessageSender.HUMAN]


def _is_within_one(question: Question) -> bool:
    context = question.context
    return context is not None and context.type == "conversation" and bool(context.id)


def _find(question: Question, asked: Asked) -> list[Hit]:
    context = question.context
    within_one = _is_within_one(question)
    hits = search_conversations(
        asked.text,
        uid=question.uid,
        limit=MOST_FOUND if within_one else _LOOKED_AT,
        include_discarded=False,
        since=context.start_date if context else None,
        until=context.end_date if context else None,
    )
    related = [hit for hit in hits if hit.score >= _RELATED and not hit.conversation.is_locked]
    if context is not None and within_one:
        return [hit for hit in related if hit.conversation.id == context.id]
    return related[:_JUDGED]


def _kept(hits: Sequence[Hit], whole: Mapping[str, Conversation], names: Names, asked: Asked) -> list[Hit]:
    """Without what is near only because neither is in the language that the model of meaning knows."""
    spoken = guess_language(asked.text)
    return [
        hit
        for hit in hits
        if spoken is None
        or _language(hit.conversation) in {None, spoken}
        or _shares_a_word(whole[hit.conversation.id], names, asked)
    ]


def _shares_a_word(conversation: Conversation, names: Names, asked: Asked) -> bool:
    """Whether a word of the question that is no name stands in a conversation; all that was said is read for that."""
    said = " ".join(each.text for each in conversation.transcript_segments)
    text = f"{conversation.structured.title} {conversation.structured.overview} {said}"
    question = asked.text
    for name in {*asked.named, *names.people.values()}:
        question = without_name(name, question)
    return shared_terms(question, text, language=conversation.language) > 0


def _language(conversation: Conversation) -> str | None:
    code = primary_subtag(conversation.language)
    return None if code in {"", "multi"} else code


def _facts(question: Question, asked: Asked) -> list[str]:
    """What is known about it, unless the question is about one conversation."""
    if question.context is not None:
        return []
    hits = search_memories(asked.text, uid=question.uid, limit=_MOST_FACTS)
    return [hit.memory.content for hit in hits if hit.score >= _TELLING]


def _heading(conversation: Conversation, local: tzinfo, words: Phrases) -> str:
    structured = conversation.structured
    title = structured.title or words.untitled
    return f"{structured.emoji} **{title}**, {conversation.began.astimezone(local):%Y-%m-%d}"


def _passage(conversation: Conversation, hit: Hit, names: Names) -> list[Line]:
    """The lines that were found, and some before and behind them: an answer stands near its question.

    The overview where none was found.
    """
    wanted = {*hit.segment_ids, *(each for passage in hit.passages[:_PASSAGES] for each in passage.segment_ids)}
    segments = conversation.transcript_segments
    found = [place for place, each in enumerate(segments) if each.id in wanted]
    near = {place for at in found for place in range(at - _AROUND, at + _AROUND + 1) if 0 <= place < len(segments)}
    lines = lines_of((names.of(segments[place], conversation), segments[place]) for place in sorted(near))
    return lines or pieces_of(conversation.structured.overview)


def _quoted(quote: Quote) -> str:
    said = [f"> {line.speaker}: {line.text}" if line.speaker else f"> {line.text}" for line in quote.lines]
    return "  \n".join(said)
