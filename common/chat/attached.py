"""The files of a chat, as a model is shown them: texts between marks, pictures as pictures."""

import re
from collections.abc import Sequence

from common.chat.ports import Question
from common.chat.reading import text_of
from common.core.settings import settings
from common.database import chat_files
from common.llm.ports import Picture
from common.llm.talking import Said
from common.llm.unseen import seen
from common.models.chat import FileChat

MOST = 10
"""Files that are shown at once, the newest."""
LONGEST = 200_000
"""Characters of all of them together, or a quarter of what the model is shown where that is less."""
CUT = "\n(cut: there is more, which can be searched)"
_LARGEST = 20 * 1024 * 1024
_LARGEST_PICTURES = 16 * 1024 * 1024
_MARK = re.compile(r"[<\uff1c\ufe64](?=\s*[/\uff0f]\s*file)", re.IGNORECASE)
_SEEN = frozenset({"image/jpeg", "image/png", "image/webp"})


def files_of(question: Question) -> tuple[FileChat, ...]:
    """The files of the message, then those of what was said before in the chat, newest first."""
    found = {file.id: file for file in question.message.files}
    for message in reversed(question.history):
        found |= {file.id: file for file in message.files if file.id not in found}
    return tuple(found.values())[:MOST]


def show(files: Sequence[FileChat], *, uid: str) -> Said:
    """One turn that shows what can be read of the files, and says what cannot."""
    texts: list[str] = []
    pictures: list[Picture] = []
    left, left_bytes = min(LONGEST, settings().chat_tokens), _LARGEST_PICTURES
    for file in files:
        data = chat_files.read(file.id, uid=uid, at_most=_LARGEST)
        if data is not None and file.mime_type in _SEEN and settings().language_model_sees and len(data) <= left_bytes:
            pictures.append(Picture(data, file.mime_type))
            left_bytes -= len(data)
            texts.append(marked(file.name, "(shown as a picture)"))
            continue
        text = (text_of(data, file.mime_type) if data is not None else None) or "(cannot be read)"
        texts.append(marked(file.name, text if len(text) <= left else f"{text[:left]}{CUT}"))
        left = max(0, left - len(text))
    return Said("\n".join(texts), by_user=True, pictures=tuple(pictures))


def marked(name: str, text: str) -> str:
    """A file between marks that its text cannot close."""
    plain = seen(name).replace('"', "'").replace("<", "(").replace(">", ")")
    return f'<file name="{plain}">\n{_MARK.sub("< ", seen(text))}\n</file>'
