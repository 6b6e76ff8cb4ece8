"""Answering without a language model: what was said about it, quoted, never rephrased. Modest, and says so."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import cache

from common.chat.asked import Asked, understand
from common.chat.listing import list_asked, you
from common.chat.passages import Line, lines_of, quote_lines, shared_terms
from common.chat.plainly_asked import asks_for_appointments, find_wish, note, tell_appointments
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
ASK_ME = (
    "Ask me about something you have said or heard, about a day, about somebody you talked to, or for your tasks, "
    "and I quote it to you."
)
NOTHING_FOUND = "I found nothing about that in your conversations."
PERHAPS = "I found nothing that surely answers this. The nearest is"
CANNOT_READ_FILES = "I keep the files you have sent, but I cannot read them."

_RELATED = 0.25
"""Score below which a passage has nothing to do with the question."""
_SURE = 0.45
"""From here on it has, even if they share no word."""
_BESIDE_THE_BEST = 0.6
"""The part of the best one's score below which another passage is about something else."""
_TELLING = 0.45
"""Below which a fact is not worth telling: it is short, so it has to be about just that."""
_MOST_FACTS = 3
_NEAR = 3
"""Segments before and behind what was found."""
_LOOKED_AT = 4 * MOST_CITED
"""Of what is found, the best: some of it may be locked."""


class QuotingAnswerer:
    """Searches the user's conversations for the question and answers with what it finds."""

    name = NAME

    def answer(self, question: Question) -> Iterator[Part]:
        """The best passages, and which conversations they are from."""
        text, local = question.message.text, users.zone(uid=question.uid)
        now = clock.now().astimezone(local)
        if (wish := find_wish(text, now)) is not None:
            yield Words(f"It is on your list now ({NAME}):\n\n{note(wish, uid=question.uid)}")
            return
        if asks_for_tasks(text):
            yield Words(f"This is on your list ({NAME}):\n\n{tell_tasks(text, now, uid=question.uid)}")
            return
        if asks_for_appointments(text):
            coming, cited = tell_appointments(text, now, uid=question.uid)
            yield Cites(cited[:MOST_CITED])
            yield Words(f"This comes next, as far as it was said ({NAME}):\n\n{coming}")
            return
        yield Thinking("Looking through your conversations")
        asked = _understood(question, now)
        if question.message.files_id:
            yield Words(f"{CANNOT_READ_FILES}\n\n")
        if not asked.says_something:
            yield Words(f"{ASK_ME} ({NAME})")
        elif asked.lists and question.context is None:
            yield from list_asked(asked, uid=question.uid, local=local, by=NAME)
        else:
            yield from _quotes(question, asked, local)


def _quotes(question: Question, asked: Asked, local: tzinfo) -> Iterator[Part]:
    hits = _find(question, asked)
    facts = _facts(question, asked)
    found = conversations.with_transcripts([hit.conversation for hit in hits], uid=question.uid)
    whole = {conversation.id: conversation for conversation in found}
    names = you(load_names(found, uid=question.uid))
    shared = cache(lambda conversation_id: _shared(whole[conversation_id], names, asked))
    kept = _kept([hit for hit in hits if hit.conversation.id in whole], asked, shared)
    sure = [hit for hit in kept if hit.score >= _SURE or shared(hit.conversation.id)]
    told = sure or kept[:1]
    passages = [_passage(whole[hit.conversation.id], hit, names) for hit in told]
    quotes = quote_lines(passages, question=asked.text, language=users.language(uid=question.uid))
    if facts:
        known = "\n".join(f"- {fact}" for fact in facts)
        yield Words(f"This is what I know ({NAME}):\n\n{known}\n\n")
    if not told:
        if not facts:
            yield Words(f"{NOTHING_FOUND} ({NAME})")
        return
    yield Cites(tuple(hit.conversation.id for hit in told))
    yield Words(f"{'This is what I found' if sure else PERHAPS} ({NAME}, quotes only):")
    for hit, lines in zip(told, quotes, strict=True):
        conversation = whole[hit.conversation.id]
        yield Words(f"\n\n{_heading(conversation, local)}\n{_quote(conversation, lines)}")


def _understood(question: Question, now: datetime) -> Asked:
    earlier = [each.text for each in question.history if each.sender is MessageSender.HUMAN]
    names = [person.name for person in people.list_all(uid=question.uid)]
    return understand(question.message.text, earlier=earlier, names=names, now=now)


def _find(question: Question, asked: Asked) -> list[Hit]:
    context = question.context
    within_one = context is not None and context.type == "conversation" and bool(context.id)
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
    best = max((hit.score for hit in related), default=0.0)
    return [hit for hit in related if hit.score >= best * _BESIDE_THE_BEST][:MOST_CITED]


def _kept(hits: Sequence[Hit], asked: Asked, shared: Callable[[str], int]) -> list[Hit]:
    """Without what is near only because neither is in the language that the model of meaning knows."""
    spoken = guess_language(asked.text)
    return [
        hit
        for hit in hits
        if spoken is None or _language(hit.conversation) in {None, spoken} or shared(hit.conversation.id)
    ]


def _shared(conversation: Conversation, names: Names, asked: Asked) -> int:
    """How many words of the question stand in a conversation; all that was said in it is read for that."""
    said = " ".join(f"{names.of(each, conversation)} {each.text}" for each in conversation.transcript_segments)
    text = f"{conversation.structured.title} {conversation.structured.overview} {said}"
    return shared_terms(asked.text, text, language=conversation.language)


def _language(conversation: Conversation) -> str | None:
    code = primary_subtag(conversation.language)
    return None if code in {"", "multi"} else code


def _facts(question: Question, asked: Asked) -> list[str]:
    """What is known about it, unless the question is about one conversation."""
    if question.context is not None:
        return []
    hits = search_memories(asked.text, uid=question.uid, limit=_MOST_FACTS)
    return [hit.memory.content for hit in hits if hit.score >= _TELLING]


def _heading(conversation: Conversation, local: tzinfo) -> str:
    structured = conversation.structured
    title = structured.title or "A conversation"
    return f"{structured.emoji} **{title}**, {conversation.began.astimezone(local):%Y-%m-%d}"


def _passage(conversation: Conversation, hit: Hit, names: Names) -> list[Line]:
    """The lines that were found, and some before and behind them: an answer stands near its question."""
    wanted = {*hit.segment_ids, *(each for passage in hit.passages for each in passage.segment_ids)}
    segments = conversation.transcript_segments
    found = [place for place, each in enumerate(segments) if each.id in wanted]
    near = {place for at in found for place in range(at - _NEAR, at + _NEAR + 1) if 0 <= place < len(segments)}
    return lines_of((names.of(segments[place], conversation), segments[place]) for place in sorted(near))


def _quote(conversation: Conversation, lines: Sequence[Line]) -> str:
    """What tells most of the passage; the overview where no passage was found."""
    said = [f"> {line.speaker}: {line.text}" for line in lines]
    return "  \n".join(said) or f"> {' '.join(conversation.structured.overview.split())}"
