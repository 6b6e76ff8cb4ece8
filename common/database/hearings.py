"""Collections `…/conversations/{id}/hearings`, of what services that take minutes were asked, and `…/hume`.

No trigger watches them; they go with their conversation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.core.errors import ConflictError
from common.database import conversations, media
from common.database.documents import Documents
from common.models.second_hearing import EmotionReading, Hearing, SentAudio

if TYPE_CHECKING:
    from common.models.second_hearing import Kind


def of(*, uid: str, conversation_id: str) -> Documents[Hearing]:
    """Who was asked."""
    return Documents(*_path(uid, conversation_id), "hearings", model=Hearing, noun="Hearing")


def audio_of(*, uid: str, conversation_id: str) -> Documents[SentAudio]:
    """What was sent to them."""
    return Documents(*_path(uid, conversation_id), "hearings", model=SentAudio, noun="Audio")


def emotions_of(*, uid: str, conversation_id: str) -> Documents[EmotionReading]:
    """What Hume has measured."""
    return Documents(*_path(uid, conversation_id), "hume", model=EmotionReading, noun="Reading")


def start(kind: Kind, *, run: int, uid: str, conversation_id: str, again: bool = False) -> Hearing | None:
    """Begin one, or find the one that this run has begun and nobody has taken up.

    With `again` also after one that came to nothing, and whichever run has begun it.

    Returns:
        None where somebody was asked before.
    """
    there = of(uid=uid, conversation_id=conversation_id)
    try:
        return there.create(Hearing(id=kind, run=run))
    except ConflictError:
        begun: list[Hearing] = []

        def decide(current: Hearing) -> Hearing | None:
            begun.clear()
            if again and current.state in {"canceled", "failed"}:
                current = Hearing(id=kind, run=run, attempt=current.attempt + 1)
            if current.state == "preparing" and (again or current.run == run):
                begun.append(current)
            return current

        there.change(kind, decide)
        return begun[0] if begun else None


def audio_path(*, uid: str, conversation_id: str, attempt: int) -> str:
    """Where in `media` the recording lies that is sent."""
    return f"{_folder(uid=uid, conversation_id=conversation_id)}{attempt}.mp3"


def delete_audio(*, uid: str, conversation_id: str) -> int:
    """Delete what was sent; how many files there were."""
    return media.delete_below(_folder(uid=uid, conversation_id=conversation_id))


def _folder(*, uid: str, conversation_id: str) -> str:
    if "/" in uid or "/" in conversation_id:
        raise ValueError("ids in object names contain no slash")
    return f"{uid}/postprocessing/{conversation_id}/"


def _path(uid: str, conversation_id: str) -> list[str]:
    path: str = conversations.reference(uid=uid, conversation_id=conversation_id).path
    return path.split("/")
