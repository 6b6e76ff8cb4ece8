"""The files of a chat, as a model is shown them: texts between marks, pictures as pictures."""

import gc
import re
from collections.abc import Sequence

from common.chat.file_room import PICTURES, WAITED_S
from common.chat.ports import Question
from common.chat.reading import text_in
from common.chat.shrinking import shrunk
from common.core.clock import Deadline
from common.core.logs import get_logger
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
LARGEST_PICTURE = 7_000_000
"""Bytes that Gemini takes of one picture within a request
(https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/image-understanding); larger ones are made smaller."""
_LARGEST_PICTURES = 2 * LARGEST_PICTURE
"""Of all of them: a request has 20 MB at most, and a third more is sent of each."""
TOO_LARGE = "(a picture that is too large to be shown)"
_MARK = re.compile(r"[<\uff1c\ufe64](?=\s*[/\uff0f]\s*file)", re.IGNORECASE)
_SEEN = frozenset({"image/jpeg", "image/png", "image/webp"})


def files_of(question: Question) -> tuple[FileChat, ...]:
    """The files of the message, then those of what was said before in the chat, newest first."""
    found = {file.id: file for file in question.message.files}
    for message in reversed(question.history):
        found |= {file.id: file for file in message.files if file.id not in found}
    return tuple(found.values())[:MOST]


def show(files: Sequence[FileChat], *, uid: str) -> Said:
    """One turn that shows what can be read of the files, and says what cannot; its pictures are to be let go."""
    texts: list[str] = []
    pictures: list[Picture] = []
    left, left_bytes = min(LONGEST, settings().chat_tokens), _LARGEST_PICTURES
    patience = Deadline.real(WAITED_S)
    for file in files:
        size, most = _shown_size(file, uid=uid), min(left_bytes, LARGEST_PICTURE)
        if size is not None and (picture := _picture(file, size, most=most, uid=uid, patience=patience)) is not None:
            pictures.append(picture)
            left_bytes -= len(picture.data)
            texts.append(marked(file.name, "(shown as a picture)"))
            continue
        if size is not None and size > most:
            texts.append(marked(file.name, TOO_LARGE))
            continue
        text = text_in(file, uid=uid, within_s=patience.remaining) or "(cannot be read)"
        texts.append(marked(file.name, text if len(text) <= left else f"{text[:left]}{CUT}"))
        left = max(0, left - len(text))
    return Said("\n".join(texts), by_user=True, pictures=tuple(pictures))


def let_go(shown: Said) -> None:
    """Give back the room of the pictures that were shown."""
    if shown.pictures:
        # Requests and answers know each other: they stay, with all that was sent, until somebody looks for such.
        gc.collect()
        PICTURES.give_back(sum(len(picture.data) for picture in shown.pictures))


def _shown_size(file: FileChat, *, uid: str) -> int | None:
    """Bytes of a picture that the model can be shown; None where it is none, or is gone."""
    seen_here = file.mime_type in _SEEN and settings().language_model_sees
    return chat_files.size(file.id, uid=uid) if seen_here else None


def _picture(file: FileChat, size: int, *, most: int, uid: str, patience: Deadline) -> Picture | None:
    """A picture of so many bytes at most for a model, which holds room until it is let go; None where it finds none."""
    if not PICTURES.take(size, within_s=patience.remaining):
        get_logger().warning("pictures_find_no_room")
        return None
    picture = None
    try:
        if data := chat_files.read(file.id, uid=uid, at_most=size):
            picture = _fitting(data, file.mime_type, most=most, patience=patience)
    finally:
        PICTURES.give_back(size - (len(picture.data) if picture else 0))
    return picture


def _fitting(data: bytes, mime_type: str, *, most: int, patience: Deadline) -> Picture | None:
    """The picture, or a smaller one; None where that has too many bytes, too."""
    if len(data) <= most:
        return Picture(data, mime_type)
    smaller = shrunk(data, within_s=patience.remaining)
    return Picture(smaller, "image/jpeg") if smaller and len(smaller) <= most else None


def marked(name: str, text: str) -> str:
    """A file between marks that its text cannot close."""
    plain = seen(name).replace('"', "'").replace("<", "(").replace(">", ")")
    return f'<file name="{plain}">\n{_MARK.sub("< ", seen(text))}\n</file>'
