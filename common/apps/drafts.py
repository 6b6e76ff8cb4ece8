"""What a maker may say about an app, and the rules it has to keep (CONTRACT section 3.10)."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from common.apps import kinds
from common.apps.images import is_image_name
from common.core.errors import InvalidInputError
from common.core.outside import check_url
from common.core.settings import settings
from common.models.app import App, AppAction, AuthStep, ExternalIntegration, ProactiveNotification


def _blank_is_nothing(value: Any) -> Any:
    """Forms send an empty text for what was left out."""
    return None if isinstance(value, str) and not value.strip() else value


Text = Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(_blank_is_nothing)]
Url = Annotated[Annotated[str, Field(max_length=2048)] | None, BeforeValidator(_blank_is_nothing)]
Prompt = Annotated[Annotated[str, Field(max_length=20_000)] | None, BeforeValidator(_blank_is_nothing)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S", examples=["Meeting coach"])]
Description = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"\S", examples=["Tells how it went"])]
Category = Annotated[str, Field(min_length=1, max_length=100, examples=["productivity-and-organization"])]
Capabilities = Annotated[list[str], Field(min_length=1, max_length=10, examples=[["chat", "memories"]])]
Price = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]


class AuthStepDraft(BaseModel):
    """A page the user visits before the app works."""

    name: str = Field(max_length=200)
    url: str = Field(max_length=2048)


class ActionDraft(BaseModel):
    """Something the app may do."""

    action: str = Field(max_length=100, examples=["create_conversation"])


class IntegrationDraft(BaseModel):
    """How the app and this backend call each other."""

    triggers_on: Text = None
    webhook_url: Url = None
    setup_completed_url: Url = None
    setup_instructions_file_path: Prompt = None
    auth_steps: list[AuthStepDraft] | None = Field(None, max_length=20)
    app_home_url: Url = None
    actions: list[ActionDraft] | None = Field(None, max_length=10)
    chat_tools_manifest_url: Url = None

    def integration(self) -> ExternalIntegration:
        """What is stored of it; the first step of signing in is the home where there is no other."""
        steps = [AuthStep(name=step.name, url=step.url) for step in self.auth_steps or ()]
        instructions = self.setup_instructions_file_path
        return ExternalIntegration(
            triggers_on=self.triggers_on,
            webhook_url=self.webhook_url,
            setup_completed_url=self.setup_completed_url,
            setup_instructions_file_path=instructions,
            is_instructions_url=bool(instructions and instructions.startswith(("http://", "https://"))),
            auth_steps=steps,
            app_home_url=self.app_home_url or (steps[0].url if steps else None),
            actions=[AppAction(action=each.action) for each in self.actions or ()],
            chat_tools_manifest_url=self.chat_tools_manifest_url,
        )


class ScopesDraft(BaseModel):
    """What the app wants to know when it says something by itself."""

    scopes: list[str] = Field(default_factory=list, max_length=10)


class AppChange(BaseModel):
    """What a maker changes; what is left out stays."""

    name: Name | None = None
    description: Description | None = None
    category: Category | None = None
    capabilities: Capabilities | None = None
    private: bool | None = None
    author: Text = None
    email: Text = None
    memory_prompt: Prompt = None
    chat_prompt: Prompt = None
    external_integration: IntegrationDraft | None = None
    proactive_notification: ScopesDraft | None = None
    thumbnails: list[str] | None = Field(None, max_length=10)
    is_paid: bool | None = None
    price: Price | None = None
    payment_plan: Text = None
    source_code_url: Url = None

    def applied(self, app: App) -> App:
        """The app with the change made.

        Raises:
            InvalidInputError: it would break a rule.
        """
        update = {name: value for name, value in self._stored().items() if name in self.model_fields_set}
        required = {name for name, value in update.items() if value is None and name in _REQUIRED}
        changed = app.model_copy(update={name: value for name, value in update.items() if name not in required})
        if changed.external_integration is not None:
            changed = changed.model_copy(update={"external_integration": _kept_tools(app, changed)})
        check_rules(changed)
        return changed

    def _stored(self) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        if self.external_integration is not None:
            fields["external_integration"] = self.external_integration.integration()
        if self.proactive_notification is not None:
            fields["proactive_notification"] = ProactiveNotification(scopes=self.proactive_notification.scopes)
        return fields


class AppDraft(AppChange):
    """A new app."""

    name: Name
    description: Description
    category: Category
    capabilities: Capabilities


_REQUIRED = {
    "name",
    "description",
    "category",
    "capabilities",
    "private",
    "author",
    "thumbnails",
    "is_paid",
    "price",
}
"""What an app always has: null leaves it as it is."""


def check_rules(app: App) -> None:
    """What holds of every app.

    Raises:
        InvalidInputError: it does not.
    """
    _among("capabilities", app.capabilities, kinds.CAPABILITIES)
    _among("category", [app.category], kinds.CATEGORIES)
    if app.is_persona:
        raise InvalidInputError("A persona is not made as an app")
    if app.is_paid and app.payment_plan is None:
        raise InvalidInputError("A paid app needs a payment plan")
    if app.payment_plan is not None:
        _among("payment_plan", [app.payment_plan], kinds.PLANS)
    if app.proactive_notification is not None:
        _among("scopes", app.proactive_notification.scopes, kinds.SCOPES)
    if not all(is_image_name(name) for name in app.thumbnails):
        raise InvalidInputError("thumbnails holds something that is no thumbnail_id")
    if "external_integration" in app.capabilities:
        _check_integration(app.external_integration or ExternalIntegration())
    loopback = settings().outside_may_be_here
    for url in _asked(app):
        check_url(url, loopback=loopback, encrypted=True)
    for url in _visited(app):
        check_url(url, loopback=loopback)


def _check_integration(integration: ExternalIntegration) -> None:
    offers = integration.actions or integration.chat_tools_manifest_url or integration.mcp_server_url
    if integration.triggers_on is None and not offers:
        raise InvalidInputError("An integration needs a trigger, an action or a manifest of tools")
    if integration.triggers_on is not None:
        _among("triggers_on", [integration.triggers_on], kinds.TRIGGERS)
        if integration.webhook_url is None:
            raise InvalidInputError("A trigger needs a webhook_url")
    _among("actions", [action.action for action in integration.actions], kinds.ACTIONS)


def _among(field: str, values: list[str], options: Any) -> None:
    if not set(values) <= {option.id for option in options}:
        raise InvalidInputError(f"{field} holds something unknown")


def _asked(app: App) -> list[str]:
    """What our servers ask, and tell for whom."""
    integration = app.external_integration or ExternalIntegration()
    named = [integration.webhook_url, integration.setup_completed_url, integration.chat_tools_manifest_url]
    return [url for url in named if url]


def _visited(app: App) -> list[str]:
    """Where users go themselves."""
    integration = app.external_integration or ExternalIntegration()
    named = [integration.app_home_url, app.source_code_url, *(step.url for step in integration.auth_steps)]
    return [url for url in named if url]


def _kept_tools(before: App, after: App) -> ExternalIntegration:
    """The new integration with its MCP server, and what the manifest had said as long as it is the same manifest."""
    was, now = before.external_integration, after.external_integration
    if now is not None and was is not None:
        now = now.model_copy(update={"mcp_server_url": was.mcp_server_url})
    if now is None or was is None or was.chat_tools_manifest_url != now.chat_tools_manifest_url:
        return now or ExternalIntegration()
    return now.model_copy(
        update={
            "chat_messages_enabled": was.chat_messages_enabled,
            "chat_messages_target": was.chat_messages_target,
            "chat_messages_notify": was.chat_messages_notify,
        }
    )
