"""A message comes in, is stored, is answered, and the answer is stored before anybody is told that it is complete.

Ids follow from the client's key where there is one, and the answer's id from the question's: whatever is sent again
is stored once and answered once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from common.chat.answerers import answerer
from common.chat.assurance import Assurance
from common.chat.ports import MOST_CITED, Charted, Cites, Part, Question, Thinking, Words
from common.chat.spoken import until_another_app
from common.core import clock
from common.core.errors import ConflictError, InvalidInputError, NotFoundError, ProviderError
from common.core.ids import derived_id, new_id
from common.database import chat_files, chat_sessions, chat_threads, citations, messages
from common.database.messages import Chat
from common.llm.whole_pieces import whole_text
from common.models.chat import Answer, FileChat, Message, MessageContext, MessageSender

HISTORY = 10
"""Earlier messages that an answer takes into account."""


@dataclass(frozen=True)
class Sent:
    """What goes into a chat; `key` is the same when it is sent again."""

    text: str
    chat: Chat = field(default_factory=Chat)
    sender: MessageSender = MessageSender.HUMAN
    file_ids: tuple[str, ...] = ()
    key: str | None = None
    source: str | None = None
    metadata: str | None = None


@dataclass
class _Made:
    """An answer as far as it has come."""

    said: list[str] = field(default_factory=list)
    cited: list[str] = field(default_factory=list)
    chart: dict[str, Any] | None = None

    def take(self, part: Part) -> None:
        if isinstance(part, Words):
            self.said.append(part.text)
        elif isinstance(part, Cites):
            self.cited += part.conversation_ids
        elif isinstance(part, Charted):
            self.chart = part.chart


def receive(sent: Sent, *, uid: str) -> Message:
    """Store what is sent; what was stored under the same key before is not stored again.

    Raises:
        NotFoundError: the session, or one of the files, does not exist or belongs to somebody else.
        InvalidInputError: the key was used for another message.
    """
    known = find_sent(sent, uid=uid)
    if known is not None:
        return known
    message = Message(
        id=_id_of(sent, uid=uid),
        text=sent.text,
        created_at=clock.now(),
        sender=sent.sender,
        app_id=_app_of(sent.chat, uid=uid),
        chat_session_id=sent.chat.session_id,
        files=_files(sent.file_ids, uid=uid),
        files_id=list(sent.file_ids),
        client_message_id=sent.key,
        message_source=sent.source,
        metadata=sent.metadata,
    )
    try:
        return messages.add(message, uid=uid)
    except ConflictError:
        return _same(messages.of(uid=uid).get(message.id), sent)


def find_sent(sent: Sent, *, uid: str) -> Message | None:
    """What was stored under the key before.

    Raises:
        InvalidInputError: the key was used for another message.
    """
    known = messages.of(uid=uid).find(_id_of(sent, uid=uid)) if sent.key is not None else None
    return None if known is None else _same(known, sent)


def respond(
    message: Message,
    *,
    uid: str,
    context: MessageContext | None = None,
    within_s: float | None = None,
    assurance: Assurance | None = None,
) -> Iterator[Thinking | Words | Answer]:
    """Answer a stored message; ends with the stored answer.

    Args:
        message: as it is stored.
        uid: whose it is.
        context: what the user looks at.
        within_s: real seconds that are left for it, where that may be less than an answer usually has.
        assurance: that it will be answered even if this is not gone through to its end.

    Raises:
        ProviderError: nobody could answer; nothing is stored then.
        NotFoundError: the message, or its session, was deleted meanwhile; nothing is stored then either.
    """
    answer_id = Question(uid, message).answer_id
    known = messages.of(uid=uid).find(answer_id)
    if known is None:
        attempt = assurance.begin() if assurance is not None else None
        chat_threads.begin(answer_id, _chat_of(message), uid=uid, attempt=attempt)
        made = _Made()
        for part in answerer().answer(_question(message, uid=uid, context=context, within_s=within_s)):
            made.take(part)
            if isinstance(part, Thinking | Words):
                yield part
        try:
            known = _store_answer(answer_id, to=message, made=made, uid=uid)
        except NotFoundError:  # nothing is left of a chat that was cleared meanwhile
            chat_threads.delete(answer_id, uid=uid)
            raise
        chat_threads.delete(answer_id, uid=uid)
    else:
        yield Words(known.text)
    titles = citations.find(known.memories_id, uid=uid)
    memories = [titles[each] for each in known.memories_id if each in titles]
    yield Answer(**{**known.model_dump(), "memories": memories}, ask_for_nps=bool(memories))


def _chat_of(message: Message) -> Chat:
    return Chat(app_id=message.app_id, session_id=message.chat_session_id)


def _id_of(sent: Sent, *, uid: str) -> str:
    if sent.key is None:
        return new_id()
    return derived_id("message", uid, sent.chat.app_id or "", sent.chat.session_id or "", sent.key)


def _same(known: Message, sent: Sent) -> Message:
    if (sent.text and known.text != sent.text) or known.files_id != list(sent.file_ids):
        raise InvalidInputError("This key was used for another message")
    return known


def _app_of(chat: Chat, *, uid: str) -> str | None:
    """A session's messages are its app's."""
    return chat_sessions.of(uid=uid).get(chat.session_id).app_id if chat.session_id is not None else chat.app_id


def _files(file_ids: tuple[str, ...], *, uid: str) -> list[FileChat]:
    files = chat_files.of(uid=uid)
    found = files.find_many(file_ids)
    if len(found) != len(file_ids):
        raise files.missing()
    return found


def _question(message: Message, *, uid: str, context: MessageContext | None, within_s: float | None) -> Question:
    before = messages.list_before(message.created_at, _chat_of(message), uid=uid, limit=HISTORY)
    history = [each for each in reversed(before) if not each.reported]
    earlier = until_another_app(history, message.app_id)
    return Question(uid=uid, message=message, history=earlier, context=context, within_s=within_s)


def _store_answer(answer_id: str, *, to: Message, made: _Made, uid: str) -> Message:
    text = whole_text("".join(made.said))
    if not text.strip():
        raise ProviderError("The answer is empty")
    existing = citations.find(made.cited, uid=uid)
    answer = Message(
        id=answer_id,
        text=text,
        created_at=clock.now(),
        sender=MessageSender.AI,
        app_id=to.app_id,
        chat_session_id=to.chat_session_id,
        memories_id=[each for each in dict.fromkeys(made.cited) if each in existing][:MOST_CITED],
        chart_data=made.chart,
    )
    try:
        return messages.add_answer(answer, to=to.id, uid=uid)
    except ConflictError:  # sent twice at once: the other answer came first
        return messages.of(uid=uid).get(answer_id)
