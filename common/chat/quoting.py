"""Answering without a language model: what was said about it, quoted, never rephrased. Modest, and says so."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from common.chat.ports import MOST_CITED, Cites, Part, Question, Thinking, Words
from common.chat.tasks_asked import asks_for_tasks, tell_tasks
from common.conversations.ranking import MOST_FOUND
from common.conversations.search import Hit, search_conversations
from common.core import clock
from common.database import conversations, users
from common.llm.dates import zone
from common.llm.words import content_words
from common.memories.search import search_memories
from common.models.conversation import Conversation
from common.models.segment import TranscriptSegment

NAME = "local model"
ASK_ME = "Ask me about something you have said or heard, and I quote it to you."
NOTHING_FOUND = "I found nothing about that in your conversations."
CANNOT_READ_FILES = "I keep the files you have sent, but I cannot read them."

_RELATED = 0.25
"""Cosine below which a passage has nothing to do with the question."""
_TELLING = 0.45
"""Below which a fact is not worth telling: it is short, so it has to be about just that."""
_MOST_FACTS = 3
_LOOKED_AT = 4 * MOST_CITED
"""Of what is found, the best: some of it may be locked."""
_LONGEST_QUOTE = 300


class QuotingAnswerer:
    """Searches the user's conversations for the question and answers with what it finds."""

    name = NAME

    def answer(self, question: Question) -> Iterator[Part]:
        """The best passages, and which conversations they are from."""
        text = question.message.text
        if asks_for_tasks(text):
            now = clock.now().astimezone(_zone(question))
            yield Words(f"This is on your list ({NAME}):\n\n{tell_tasks(text, now, uid=question.uid)}")
            return
        yield Thinking("Looking through your conversations")
        asked = content_words(text)
        hits = _find(question) if asked else []
        if question.message.files_id:
            yield Words(f"{CANNOT_READ_FILES}\n\n")
        facts = _facts(question) if asked else []
        if facts:
            known = "\n".join(f"- {fact}" for fact in facts)
            yield Words(f"This is what I know ({NAME}):\n\n{known}\n\n")
        if not hits and not facts:
            yield Words(f"{NOTHING_FOUND if asked else ASK_ME} ({NAME})")
            return
        if not hits:
            return
        whole = conversations.with_transcripts([hit.conversation for hit in hits], uid=question.uid)
        by_id = {conversation.id: conversation for conversation in whole}
        yield Cites(tuple(by_id))
        yield Words(f"This is what I found ({NAME}, quotes only):")
        local = _zone(question)
        for hit in hits:
            if (conversation := by_id.get(hit.conversation.id)) is not None:
                yield Words(f"\n\n{_heading(conversation, local)}\n{_quote(conversation, hit.segment_ids, asked)}")


def _find(question: Question) -> list[Hit]:
    context = question.context
    within_one = context is not None and context.type == "conversation" and bool(context.id)
    hits = search_conversations(
        question.message.text,
        uid=question.uid,
        limit=MOST_FOUND if within_one else _LOOKED_AT,
        include_discarded=False,
        since=context.start_date if context else None,
        until=context.end_date if context else None,
    )
    related = [hit for hit in hits if hit.score >= _RELATED and not hit.conversation.is_locked]
    if context is not None and within_one:
        related = [hit for hit in related if hit.conversation.id == context.id]
    return related[:MOST_CITED]


def _facts(question: Question) -> list[str]:
    """What is known about it, unless the question is about one conversation."""
    if question.context is not None:
        return []
    hits = search_memories(question.message.text, uid=question.uid, limit=_MOST_FACTS)
    return [hit.memory.content for hit in hits if hit.score >= _TELLING]


def _zone(question: Question) -> tzinfo:
    return zone(users.find(uid=question.uid).time_zone or "UTC")


def _heading(conversation: Conversation, local: tzinfo) -> str:
    structured = conversation.structured
    title = structured.title or "A conversation"
    began = conversation.began
    return f"{structured.emoji} **{title}**, {began.astimezone(local):%Y-%m-%d}"


def _quote(conversation: Conversation, segment_ids: Sequence[str], asked: Sequence[str]) -> str:
    """Of the passage what has most to do with the question; the overview where no passage was found."""
    passage = [segment for segment in conversation.transcript_segments if segment.id in segment_ids]
    text = " ".join(segment.text for segment in _telling(passage, asked)) or conversation.structured.overview
    if len(text) > _LONGEST_QUOTE:
        text = f"{text[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
    return f"> {' '.join(text.split())}"


def _telling(passage: Sequence[TranscriptSegment], asked: Sequence[str]) -> list[TranscriptSegment]:
    """As many segments as a quote holds, those with words of the question first, in the order they were said."""
    wanted = set(asked)
    by_relevance = sorted(passage, key=lambda segment: -len(wanted & set(content_words(segment.text))))
    chosen: list[TranscriptSegment] = []
    for segment in by_relevance:
        if chosen and sum(len(each.text) + 1 for each in (*chosen, segment)) > _LONGEST_QUOTE:
            break
        chosen.append(segment)
    return sorted(chosen, key=lambda segment: segment.start)
