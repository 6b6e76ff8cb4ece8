"""A chat loses what was said in it, with the files that hung on that."""

from datetime import datetime

from common.database import chat_files, chat_threads, messages
from common.database.messages import Chat


def delete_said(chat: Chat, *, uid: str, before: datetime | None = None) -> int:
    """Delete all messages of a chat, their files and what is under way; how many messages there were.

    Args:
        chat: which.
        uid: whose.
        before: only what is older; what is under way is forgotten anyway.
    """
    deleted = messages.delete_all(chat, uid=uid, before=before)
    chat_files.delete(deleted.file_ids, uid=uid)
    chat_threads.delete_of(chat, uid=uid)
    return deleted.count
