"""How a chat begins: in the words of the language model where there is one, else in ours."""

from common.chat import prompts
from common.chat.partner import find_partner
from common.core.errors import ProviderError
from common.core.logs import get_logger
from common.database import users
from common.database.messages import Chat
from common.llm.providers import talker
from common.llm.talking import Said
from common.models.app import App

GREETING = "Hi! Ask me about anything you have talked about, and I look it up in your conversations."
_WITHIN_S = 8.0
"""Real seconds; a chat shall open soon, with whatever greeting."""
_LONGEST = 600


def greeting(chat: Chat, *, uid: str) -> str:
    """What the assistant, or the app that the chat is with, says first."""
    app = find_partner(chat.app_id, uid=uid)
    speaker = talker()
    if speaker is None:
        return _ours(app)
    system, asked = prompts.ASSISTANT, prompts.GREETING
    if app is not None and app.is_persona:
        system, asked = f"{prompts.PERSONA}{app.persona_prompt or app.description}", prompts.PERSONA_GREETING
    elif app is not None and app.chat_prompt:
        system += prompts.APP.format(prompt=app.chat_prompt)
    turns = [Said(asked.format(language=users.language(uid=uid) or "en"), by_user=True)]
    try:
        pieces = list(speaker.talk(system=system, turns=turns, within_s=_WITHIN_S))
    except ProviderError as error:
        get_logger().info("greeting_not_written", error=type(error).__name__)
        return _ours(app)
    return "".join(piece for piece in pieces if isinstance(piece, str)).strip()[:_LONGEST] or _ours(app)


def _ours(app: App | None) -> str:
    return f"Hi, I am {app.name}." if app is not None and app.is_persona else GREETING
