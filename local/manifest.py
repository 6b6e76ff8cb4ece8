"""`functions/manifest.yaml` as a validated model: the only list of functions."""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

ROOT = Path(__file__).parents[1]
PATH = ROOT / "functions" / "manifest.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpTrigger(_Strict):
    """Requests whose path begins with one of `paths`."""

    paths: list[Annotated[str, Field(pattern=r"^/")]] = Field(min_length=1)


class FirestoreTrigger(_Strict):
    """Documents whose path matches the pattern."""

    document: str
    event: Literal["created", "updated", "deleted", "written"]


class StorageTrigger(_Strict):
    """Objects of one bucket; Eventarc knows no filter by prefix."""

    bucket: str
    event: Literal["finalized"]


class PubsubTrigger(_Strict):
    """Messages of a topic."""

    topic: str


class TaskTrigger(_Strict):
    """Tasks of a queue that name this function's address."""

    queue: str


class ScheduleTrigger(_Strict):
    """A cron line, UTC."""

    cron: str


class Trigger(_Strict):
    """Exactly one of them."""

    http: HttpTrigger | None = None
    firestore: FirestoreTrigger | None = None
    storage: StorageTrigger | None = None
    pubsub: PubsubTrigger | None = None
    task: TaskTrigger | None = None
    schedule: ScheduleTrigger | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(trigger is not None for _, trigger in self) != 1:
            raise ValueError("a function has exactly one trigger")
        return self


class Function(_Strict):
    """One function; units as in the names."""

    folder: str
    kind: Literal["service", "server", "function"]
    entry_point: str
    trigger: Trigger
    public: bool = False
    retry: bool = False
    memory: str = Field(pattern=r"^\d+(Mi|Gi)$")
    cpu: float = Field(gt=0, le=8)
    cpu_idle: bool = True
    timeout_s: int = Field(ge=1, le=3600)
    concurrency: int = Field(ge=1, le=1000)
    roles: list[str]
    secrets: list[str]

    @property
    def is_service(self) -> bool:
        """Whether clients connect to it."""
        return self.kind != "function"

    @property
    def signature(self) -> str:
        """What functions-framework calls the kind of trigger."""
        trigger = self.trigger
        return "cloudevent" if trigger.firestore or trigger.storage or trigger.pubsub else "http"

    @model_validator(mode="after")
    def _within_the_platform(self) -> Self:
        if self.signature == "cloudevent" and not self.retry:
            raise ValueError("without retry the platform drops an event at the first failure")
        if self.signature == "cloudevent" and self.timeout_s > 540:  # noqa: PLR2004 - the platform's limit
            raise ValueError("event functions run 540 s at most")
        if self.is_service and self.trigger.http is None:
            raise ValueError("a service is triggered by HTTP")
        return self


class Queue(_Strict):
    """A Cloud Tasks queue; seconds are nominal."""

    max_attempts: int
    min_backoff_s: float
    max_backoff_s: float
    max_doublings: int
    max_concurrent_dispatches: int


class Manifest(_Strict):
    """Everything that is deployed, by name."""

    functions: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Function]
    topics: list[str]
    buckets: list[str]
    queues: dict[str, Queue]

    @model_validator(mode="after")
    def _everything_named_exists(self) -> Self:
        for name, function in self.functions.items():
            if not (ROOT / "functions" / function.folder / "main.py").is_file():
                raise ValueError(f"{name}: functions/{function.folder}/main.py is missing")
            if function.trigger.storage and function.trigger.storage.bucket not in self.buckets:
                raise ValueError(f"{name}: no such bucket")
            if function.trigger.pubsub and function.trigger.pubsub.topic not in self.topics:
                raise ValueError(f"{name}: no such topic")
            if function.trigger.task and function.trigger.task.queue not in self.queues:
                raise ValueError(f"{name}: no such queue")
        return self


def load(path: Path = PATH) -> Manifest:
    """The manifest.

    Raises:
        pydantic.ValidationError: it does not describe something that can be deployed.
    """
    return Manifest.model_validate(yaml.safe_load(path.read_text()))
