"""What functions tell each other: past tense, versioned, ids and object paths only, never text or audio."""

from datetime import datetime
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field, RootModel

from common.core.ids import derived_id, digest
from common.models.base import Moment, Shape
from common.models.webhook import WebhookKind

C = TypeVar("C")


class _Choice(RootModel[C], Generic[C]):
    """One of several messages; the base, so that a choice too is built when it is first read."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Message(Shape):
    """Base of everything we send ourselves: unknown fields are a mistake of ours and refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Event(Message):
    """Something that has happened; consumers claim work by `event_id`."""

    topic: ClassVar[str]
    version: int = 1

    @property
    def event_id(self) -> str:
        """The same for every publication of the same fact."""
        raise NotImplementedError


class UserEvent(Event):
    """Something that has happened to one user."""

    uid: str


class ConversationCompleted(UserEvent):
    """A conversation has its structure."""

    topic: ClassVar[str] = "conversation-completed"
    conversation_id: str
    run: int
    discarded: bool = False

    @property
    def event_id(self) -> str:
        """One per run."""
        return f"conversation-completed:{self.conversation_id}:{self.run}"


class NotificationDue(UserEvent):
    """Something is to be told to a user, on every device."""

    topic: ClassVar[str] = "notification-due"
    kind: Literal["notification"] = "notification"
    notification_id: str

    @property
    def event_id(self) -> str:
        """One per notification."""
        return f"notification-due:{self.uid}:{self.notification_id}"


class SegmentsReady(UserEvent):
    """Words of a live conversation were stored, or audio, and somebody wants to be told at once.

    `batches` name stretches of a session's audio whose words are stored, `audio` and `developer_audio` stored blocks:
    those for apps, and those for the user's own address, which decides for itself how much it is told at once.
    """

    topic: ClassVar[str] = "segments-ready"
    conversation_id: str
    batches: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    developer_audio: tuple[str, ...] = ()
    happened_at: Moment

    @property
    def event_id(self) -> str:
        """One per what is told."""
        told = digest("batches", *self.batches, "audio", *self.audio, "developer", *self.developer_audio)
        return f"segments-ready:{self.conversation_id}:{told}"


class DeadLettered(Event):
    """A step was given up for now; `sweep` or a person may run it again."""

    topic: ClassVar[str] = "dead-letter"
    uid: str | None = None
    step: str
    subject: str
    run: int = 0
    reason: str

    @property
    def event_id(self) -> str:
        """One per step, subject and run."""
        return f"dead-letter:{self.step}:{self.subject}:{self.run}"


class ActionItemDue(UserEvent):
    """An action item that is, was or will be due has changed: its reminder may have to."""

    topic: ClassVar[str] = "notification-due"
    kind: Literal["action_item"] = "action_item"
    action_item_id: str
    change: Literal["created", "changed", "deleted"]
    changed_at: Moment

    @property
    def event_id(self) -> str:
        """One per change."""
        return f"notification-due:{self.action_item_id}:{self.change}:{self.changed_at.isoformat()}"


class ActionItemsToExport(UserEvent):
    """Action items belong on the user's own task list as well."""

    topic: ClassVar[str] = "notification-due"
    kind: Literal["export"] = "export"
    action_item_ids: tuple[str, ...] = Field(min_length=1)

    @property
    def event_id(self) -> str:
        """One per set of items."""
        return f"notification-due:{self.uid}:export:{digest(*sorted(self.action_item_ids))}"


class UserSilent(UserEvent):
    """A live connection has heard nobody since a moment; `notice_id` names this notice of it."""

    topic: ClassVar[str] = "notification-due"
    kind: Literal["silence"] = "silence"
    notice_id: str
    since: Moment
    noticed_at: Moment

    @property
    def event_id(self) -> str:
        """One per notice."""
        return f"notification-due:{self.uid}:silence:{self.notice_id}"


class Due(_Choice[NotificationDue | ActionItemDue | ActionItemsToExport | UserSilent]):
    """Whatever is told on the topic `notification-due`."""

    @property
    def uid(self) -> str:
        """Whom it is for."""
        return self.root.uid

    @property
    def event_id(self) -> str:
        """The event's own."""
        return self.root.event_id


class UserTask(Message):
    """Work on something of one user."""

    uid: str


DELIVERING = "deliver_webhook"
"""The step that a delivery is; its claims carry this name."""


_EARLIER = "earlier"


class DeliverWebhook(UserTask):
    """Task: tell an app, or the user's own address where there is no `app_id`, what has happened.

    `parts` say what is told: of a conversation, if it is about one, stretches of its sessions, stored blocks of its
    audio, or which time it is done; or else which day's summary. `waited` is how often it was put back, for others
    were being told at the same address.
    """

    kind: WebhookKind
    app_id: str | None = None
    conversation_id: str = ""
    parts: tuple[str, ...] = Field(min_length=1)
    happened_at: Moment
    waited: int = Field(0, ge=0)

    @property
    def delivery_id(self) -> str:
        """The same for the same news to the same listener, however often it is asked for."""
        return derived_id("delivery", self.uid, self.app_id or "", self.kind.value, self.conversation_id, *self.parts)

    @classmethod
    def of_conversation(
        cls,
        conversation_id: str,
        *,
        uid: str,
        app_id: str | None,
        run: int,
        happened_at: datetime,
        earlier: bool = False,
    ) -> "DeliverWebhook":
        """To tell that a conversation is done: an app once per run, the user's own address once and for all.

        `earlier` is one that was done before the app was turned on, and is told it once more.
        """
        times = ("created",) if app_id is None else (f"run-{run}",)
        return cls(
            uid=uid,
            kind=WebhookKind.CONVERSATION,
            app_id=app_id,
            conversation_id=conversation_id,
            parts=(*times, _EARLIER) if earlier else times,
            happened_at=happened_at,
        )

    @property
    def is_earlier(self) -> bool:
        """Whether nothing has happened just now."""
        return _EARLIER in self.parts


class RefreshPersona(UserTask):
    """Task: let a user's persona know what has been learnt about them by now."""


class IngestOffline(UserTask):
    """Task: work on the files that a user's devices have handed in late."""


class SummarizeDay(UserTask):
    """Task: sum up the day of a user that ends, or has ended, at `evening`."""

    evening: Moment


class FinishAnswer(UserTask):
    """Task: answer a message of a chat, unless whoever was asked for it has done so; `attempt` names that request."""

    message_id: str
    attempt: str


class DeleteAccount(UserTask):
    """Task: delete whatever there still is of a user who asked for it."""


class ProtectUser(UserTask):
    """Task: bring the next documents of a user into the form chosen at `started_at`."""

    started_at: Moment


class ForgetPerson(UserTask):
    """Task: take the next of what names somebody who was deleted at `deleted_at` out of a user's conversations."""

    person_id: str
    deleted_at: Moment


class ConversationTask(UserTask):
    """Work on one conversation."""

    conversation_id: str


class RunTask(ConversationTask):
    """Work for one run of a conversation, to be done once."""

    run: int

    @property
    def subject(self) -> str:
        """Names what is worked on within the user; safe in a document id."""
        raise NotImplementedError


class FinalizeConversation(ConversationTask):
    """Task: has this conversation been silent for long enough?"""


class LearnVoice(ConversationTask):
    """Task: what a conversation says about somebody's voice, as it is by now."""

    person_id: str


class MergeConversations(RunTask):
    """Task: make these conversations one; `conversation_id` is what that one will be found under."""

    source_ids: tuple[str, ...]
    reprocess: bool

    @property
    def subject(self) -> str:
        """The merged conversation."""
        return self.conversation_id


class ApplyApp(RunTask):
    """Task: have an app make something of a conversation that is done; `revision` names what the app does by now."""

    app_id: str
    revision: str

    @property
    def subject(self) -> str:
        """The app and the conversation within the user."""
        return f"{self.conversation_id}:{self.app_id}:{self.revision}"


class DescribePhoto(RunTask):
    """Task: say what is to be seen in a picture of a conversation."""

    run: int = 0
    photo_id: str

    @property
    def subject(self) -> str:
        """The picture within the user."""
        return f"{self.conversation_id}:{self.photo_id}"


class Postprocess(RunTask):
    """Task: ask a service about a finished conversation, or whether it has answered; `look` counts from the asking.

    A `look` of -1 is one that the service itself has asked for.
    """

    kind: Literal["fal_whisperx", "hume"]
    attempt: int = 1
    look: int = 0

    @property
    def subject(self) -> str:
        """This look at the conversation."""
        return f"{self.conversation_id}:{self.kind}:{self.attempt}:{self.look}"


_BEFORE, _AFTER = "b", "a"


class TranscribeSpan(RunTask):
    """Task: understand these seconds of a session's stored audio; `run` is the one that waits for them.

    `goes_on_before`, `goes_on_after`: another span ends or begins right there, so a word may lie across the border.
    """

    session_id: str
    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    goes_on_before: bool = False
    goes_on_after: bool = False

    @property
    def subject(self) -> str:
        """The span within the user."""
        return f"{self.conversation_id}:{self.key}"

    @property
    def key(self) -> str:
        """Names the span within its conversation."""
        goes_on = _BEFORE * self.goes_on_before + _AFTER * self.goes_on_after
        return f"{self.session_id}:{self.start_ms:010d}-{self.end_ms:010d}{goes_on}"

    @classmethod
    def from_key(cls, key: str, *, uid: str, conversation_id: str, run: int) -> "TranscribeSpan":
        """The span that `key` names."""
        session_id, _, bounds = key.rpartition(":")
        start, _, end = bounds.partition("-")
        return cls(
            uid=uid,
            conversation_id=conversation_id,
            run=run,
            session_id=session_id,
            start_ms=int(start),
            end_ms=int(end.rstrip(_BEFORE + _AFTER)),
            goes_on_before=_BEFORE in end,
            goes_on_after=_AFTER in end,
        )
