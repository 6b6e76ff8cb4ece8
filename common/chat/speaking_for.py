"""A persona answers somebody who writes to its maker elsewhere; one message at a time, and nothing is kept of it."""

import json
from collections.abc import Iterable, Iterator, Mapping

from common.chat import prompts
from common.chat.plain_failures import heard
from common.chat.ports import Words
from common.chat.steps import PERSONA_NEEDS_A_MODEL, PERSONA_RESTS
from common.core import clock
from common.core.errors import LockedError, NotFoundError, PermissionDeniedError, ProviderError
from common.core.ids import new_id
from common.llm.budget import spent
from common.llm.pictures import Unpictured
from common.llm.providers import talker
from common.llm.talking import Piece, Said, Talker
from common.models.app import App
from common.models.chat import Answer, MessageSender

WITHIN_S = 60.0
"""Real seconds; somebody waits in another chat."""
LONGEST_CONTEXT = 2000
"""Characters of what is known about who writes."""


def speak_for(persona: App, text: str, *, uid: str, context: Mapping[str, str]) -> Iterator[Words | Answer]:
    """What the persona answers, in pieces, and the answer at last.

    A persona that has learned from its maker's memories for its maker alone does not talk to others.

    Args:
        persona: who answers.
        text: what somebody writes.
        uid: for whom it speaks; the maker.
        context: what is known about who writes, and where.

    Raises:
        NotFoundError: the app is no persona.
        PermissionDeniedError: somebody else made it, or what it knows is nobody else's business.
        LockedError: the maker has used up today's tokens.
        ProviderError: there is no language model.
    """
    if not persona.is_persona or persona.deleted:
        raise NotFoundError("Persona not found")
    if persona.uid != uid:
        raise PermissionDeniedError("A persona speaks for its maker only")
    if persona.private and persona.persona_prompt_learnt:
        raise PermissionDeniedError("What this persona knows is private: make it public, or write its prompt yourself")
    speaker = talker()
    if speaker is None and spent():
        raise LockedError(PERSONA_RESTS)
    if speaker is None:
        raise ProviderError(PERSONA_NEEDS_A_MODEL)
    return _spoken(speaker, persona, text, context)


def _spoken(speaker: Talker, persona: App, text: str, context: Mapping[str, str]) -> Iterator[Words | Answer]:
    system = f"{prompts.PERSONA}{persona.persona_prompt or persona.description}"
    if context:
        told = json.dumps(dict(context), ensure_ascii=False)[:LONGEST_CONTEXT]
        system += prompts.WRITTEN_ELSEWHERE.format(context=told)
    said: list[str] = []
    pieces = heard(speaker.talk(system=system, turns=[Said(text, by_user=True)], within_s=WITHIN_S))
    for piece in _unpictured(pieces):
        said.append(piece)
        yield Words(piece)
    answer = "".join(said)
    if not answer.strip():
        raise ProviderError("The answer is empty")
    yield Answer(id=new_id(), text=answer, created_at=clock.now(), sender=MessageSender.AI, app_id=persona.id)


def _unpictured(pieces: Iterable[Piece]) -> Iterator[str]:
    unpictured = Unpictured()
    for piece in pieces:
        if isinstance(piece, str) and (words := unpictured.feed(piece)):
            yield words
    if rest := unpictured.rest():
        yield rest
