"""The whole REST surface: every router there is."""

from fastapi import APIRouter

from common.entry.api.apps.routes import ROUTERS as APPS
from common.entry.api.chat.routes import ROUTERS as CHAT
from common.entry.api.conversations.routes import ROUTERS as CONVERSATIONS
from common.entry.api.developer.routes import ROUTERS as DEVELOPER
from common.entry.api.facts.routes import ROUTERS as FACTS
from common.entry.api.people.routes import ROUTERS as PEOPLE

ROUTERS: tuple[APIRouter, ...] = (*CONVERSATIONS, *FACTS, *PEOPLE, *APPS, *CHAT, *DEVELOPER)
