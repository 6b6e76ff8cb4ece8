"""The whole REST surface: every part there is."""

from common.entry.api.apps.routes import PART as APPS
from common.entry.api.chat.routes import PART as CHAT
from common.entry.api.conversations.routes import PART as CONVERSATIONS
from common.entry.api.developer.routes import PART as DEVELOPER
from common.entry.api.facts.routes import PART as FACTS
from common.entry.api.parts import Part
from common.entry.api.people.routes import PART as PEOPLE

PARTS: tuple[Part, ...] = (CONVERSATIONS, FACTS, PEOPLE, APPS, CHAT, DEVELOPER)
