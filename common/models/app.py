"""An app of the store: what its maker says about it, and what became of it here."""

import json
from typing import Any

from pydantic import Field, field_validator

from common.models.app_review import AppReview
from common.models.base import Document, Moment, Older

PERSONA = "persona"
UNDER_REVIEW = "under-review"
APPROVED = "approved"
REJECTED = "rejected"
PENDING_MCP_AUTH = "pending_mcp_auth"
"""Its MCP server wants to know the user, who has not come back from signing in there yet."""


class AuthStep(Older):
    """A page the user visits before the app works; `?uid=` is added to `url`."""

    name: str = ""
    url: str = ""


class AppAction(Older):
    """Something the app may do with the API for apps."""

    action: str = ""


class ExternalIntegration(Older):
    """How the app and this backend call each other."""

    triggers_on: str | None = None
    webhook_url: str | None = None
    setup_completed_url: str | None = None
    setup_instructions_file_path: str | None = None
    is_instructions_url: bool = False
    auth_steps: list[AuthStep] = Field(default_factory=list)
    app_home_url: str | None = None
    actions: list[AppAction] = Field(default_factory=list)
    chat_tools_manifest_url: str | None = None
    chat_messages_enabled: bool = False
    chat_messages_target: str = "app"
    chat_messages_notify: bool = False
    mcp_server_url: str | None = None


class ProactiveNotification(Older):
    """What the app may ask about when it wants to say something by itself."""

    scopes: list[str] = Field(default_factory=list)


class ChatTool(Older):
    """A tool of the app that chat may call; `parameters` is a JSON schema."""

    name: str
    description: str = ""
    endpoint: str = ""
    method: str = "POST"
    parameters: dict[str, Any] | None = None
    auth_required: bool = True
    status_message: str | None = None
    is_mcp: bool = False
    transport: str | None = None
    changes: bool = False
    """Whether it is said to change something, and so needs the user's word."""

    @field_validator("parameters", mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        """Stored as text: Firestore nests 20 levels at most, a schema may be deeper."""
        if not isinstance(value, str):
            return value
        try:
            schema = json.loads(value)
        except ValueError:
            return None
        return schema if isinstance(schema, dict) else None


class AppFields(Older):
    """What an app is, to its maker and to everybody who may see it."""

    id: str
    name: str = ""
    uid: str | None = None
    private: bool = False
    approved: bool = False
    status: str = UNDER_REVIEW
    category: str = "other"
    author: str = ""
    email: str | None = None
    description: str = ""
    image: str = ""
    capabilities: list[str] = Field(default_factory=list)
    memory_prompt: str | None = None
    chat_prompt: str | None = None
    persona_prompt: str | None = None
    username: str | None = None
    connected_accounts: list[str] = Field(default_factory=list)
    twitter: dict[str, Any] | None = None
    external_integration: ExternalIntegration | None = None
    proactive_notification: ProactiveNotification | None = None
    chat_tools: list[ChatTool] = Field(default_factory=list)
    reviews: list[AppReview] = Field(default_factory=list)
    """The newest; all of them have a collection of their own."""
    rating_avg: float = Field(0.0, allow_inf_nan=False)
    rating_count: int = 0
    deleted: bool = False
    installs: int = 0
    is_paid: bool = False
    price: float = Field(0.0, allow_inf_nan=False)
    payment_plan: str | None = None
    payment_product_id: str | None = None
    payment_price_id: str | None = None
    payment_link_id: str | None = None
    payment_link: str | None = None
    thumbnails: list[str] = Field(default_factory=list)
    official: bool = False
    is_popular: bool = False
    disabled: bool = False
    disabled_reason: str | None = None
    disabled_at: Moment | None = None
    disabled_error: str | None = None
    disabled_failure_duration_hours: int | None = None
    source_code_url: str | None = None
    created_at: Moment | None = None

    @property
    def is_persona(self) -> bool:
        """Whether it imitates a person rather than doing something."""
        return PERSONA in self.capabilities

    @property
    def in_catalogue(self) -> bool:
        """Whether everybody finds it."""
        return self.approved and not (self.private or self.deleted or self.is_persona)


class Proposal(Document):
    """What an app is to do once that is approved: what of it acts, or says what it is let do, and nothing else."""

    capabilities: list[str] = Field(default_factory=list)
    memory_prompt: str | None = None
    chat_prompt: str | None = None
    external_integration: ExternalIntegration | None = None
    proactive_notification: ProactiveNotification | None = None
    chat_tools: list[ChatTool] = Field(default_factory=list)


class App(AppFields):
    """An app as it is stored. `image` is an address elsewhere, or the name of an object in the media bucket."""

    updated_at: Moment | None = None
    persona_prompt_learnt: bool = False
    """Whether its prompt was put together from what is known of its maker, and not written."""
    mcp_marks: int = 0
    """In which form its MCP server's tools are marked as what changes something; 0 are marks that go by no name."""
    proposal: Proposal | None = None
    """What its maker wants to have approved; until then it goes on as it was approved."""
    rating_sum: float | None = Field(None, allow_inf_nan=False)
    """All scores together, so that the average never drifts; documents of old times have only the average."""

    def to_firestore(self, *, without: str | None = None) -> dict[str, Any]:
        """The document; schemas of tools become text."""
        fields = super().to_firestore(without=without)
        for tool in [*fields.get("chat_tools", ()), *(fields.get("proposal") or {}).get("chat_tools", ())]:
            tool["parameters"] = None if tool["parameters"] is None else json.dumps(tool["parameters"])
        return fields

    def may(self, action: str) -> bool:
        """Whether the app has declared that it does this."""
        integration = self.external_integration
        return integration is not None and any(each.action == action for each in integration.actions)

    @property
    def mcp_server_url(self) -> str | None:
        """Where its remote MCP server is, if it has one."""
        return self.external_integration.mcp_server_url if self.external_integration is not None else None

    def owned_by(self, uid: str) -> bool:
        """Whether this user made it."""
        return self.uid == uid

    def usable_by(self, uid: str) -> bool:
        """Whether it may do anything for this user, who has turned it on: it works, and is theirs or everybody's."""
        working = not (self.deleted or self.disabled)
        return working and (self.owned_by(uid) or (self.approved and not self.private))


class AppView(AppFields):
    """An app as one user sees it."""

    enabled: bool = False
    user_review: AppReview | None = None
    is_user_paid: bool = False
    thumbnail_urls: list[str] = Field(default_factory=list)


class EnabledApp(Document):
    """That a user has turned an app on; `counted` when the app's installs tell of it."""

    id: str
    enabled_at: Moment
    counted: bool = False


class Option(Document):
    """Something to choose, by its id."""

    id: str
    title: str


class ActionOption(Option):
    """An action an app may declare."""

    description: str
    doc_url: str


class Capability(Option):
    """A kind of thing that apps do, with what there is to choose within it."""

    triggers: list[Option] | None = None
    scopes: list[Option] | None = None
    actions: list[ActionOption] | None = None
