"""`/v1/app/generate…`: the language model drafts apps (CONTRACT section 3.10)."""

from base64 import b64encode
from typing import Literal

from pydantic import BaseModel, Field

from common.apps.drafts import Category, Description, Name
from common.apps.inventing import draft_app, draw_icon, present_app, propose_wishes
from common.entry.api.identity import User, limit_requests
from common.entry.api.routing import Router
from common.entry.api.schemas import responses
from common.models.base import Shape

router = Router(prefix="/v1/app", tags=["apps"], responses=responses(400, 401, 402, 429))

DRAFTED_PER_HOUR = 60
_HOUR_S = 3600


class Wish(BaseModel):
    """What an app should do, in the user's own words."""

    prompt: str = Field(min_length=10, max_length=2000, pattern=r"\S", examples=["Count how often I say sorry"])


class Named(BaseModel):
    """An app that has a name and a first description."""

    name: Name
    description: Description


class Described(Named):
    """The same, and where it stands in the store."""

    category: Category


class Prompted(BaseModel):
    """An app that has a name and instructions."""

    name: Name
    prompt: Description


class DraftedApp(Shape):
    """Fields of an app as `POST /v1/apps` takes them."""

    name: str
    description: str
    category: str
    capabilities: list[str]
    memory_prompt: str | None
    chat_prompt: str | None


class Drafted(Shape):
    """The draft; nothing is stored of it."""

    status: Literal["ok"] = "ok"
    app: DraftedApp


class Presented(Shape):
    """What the store may say of it."""

    description: str


class PresentedWithEmoji(Presented):
    """The same, and what shows what it is about."""

    emoji: str


class Icon(Shape):
    """A picture, a PNG as a rule."""

    icon_base64: str


class Wishes(Shape):
    """What somebody might wish for."""

    prompts: list[str]


@router.post("/generate")
def generate(user: User, body: Wish) -> Drafted:
    """Draft an app from what it should do."""
    _limit(user)
    idea = draft_app(body.prompt)
    prompts = {"memories": idea.summary_instructions or None, "chat": idea.chat_instructions or None}
    return Drafted(
        app=DraftedApp(
            name=idea.name,
            description=idea.description,
            category=idea.category,
            capabilities=[name for name, prompt in prompts.items() if prompt],
            memory_prompt=prompts["memories"],
            chat_prompt=prompts["chat"],
        )
    )


@router.post("/generate-description")
def generate_description(user: User, body: Named) -> Presented:
    """Have an app described better."""
    _limit(user)
    return Presented(description=present_app(body.name, body.description).description)


@router.post("/generate-description-emoji")
def generate_description_and_emoji(user: User, body: Prompted) -> PresentedWithEmoji:
    """Have an app described by its instructions, with an emoji."""
    _limit(user)
    found = present_app(body.name, body.prompt)
    return PresentedWithEmoji(description=found.description, emoji=found.emoji)


@router.post("/generate-icon")
def generate_icon(user: User, body: Described) -> Icon:
    """Have an icon drawn for an app."""
    _limit(user)
    return Icon(icon_base64=b64encode(draw_icon(body.name, body.description, body.category)).decode())


@router.get("/generate-prompts")
def generate_prompts(user: User) -> Wishes:
    """Have apps proposed that one could wish for."""
    _limit(user)
    return Wishes(prompts=propose_wishes())


def _limit(user: str) -> None:
    limit_requests("apps:draft", subject=user, limit=DRAFTED_PER_HOUR, window_s=_HOUR_S)
