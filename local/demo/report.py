"""What the demo found out, as data: the same for people and for machines."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

MOST_WER = 0.25
_LATE = "not in time, which on a machine that does much else may mean nothing: try again when it does less"
"""Of the bundled recording, live and as a file; more is a failure."""


@dataclass(frozen=True)
class Caption:
    """A live segment. Times in seconds: `start` and `end` in the recording, `at_s` since the first packet was sent.

    `delay_s` is how long after its last packet was sent it came back.
    """

    text: str
    speaker: str
    start: float
    end: float
    at_s: float
    delay_s: float


@dataclass(frozen=True)
class Search:
    """A question, and on which place (from 1) of how many hits the conversation was; None where it was not."""

    question: str
    place: int | None
    hits: int


@dataclass(frozen=True)
class Upload:
    """The same recording as a file in the uploads bucket, and what became of it."""

    object: str
    conversation_id: str
    status: str
    title: str
    wer: float | None


@dataclass
class Report:
    """One run of the demo, filled in as it goes. All of `timing_s` are real seconds."""

    file: str
    seconds: float
    packets: int
    speed: float
    bundled: bool
    models: dict[str, str]
    others: int = 0
    """Conversations that were there before, for the search to choose from."""
    captions: list[Caption] = field(default_factory=list)
    stored_until_s: float = 0.0
    conversation: dict[str, Any] | None = None
    wer: float | None = None
    search: Search | None = None
    upload: Upload | None = None
    timing_s: dict[str, float] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """Why this run is no success; empty when it is."""
        return list(filter(None, [self._of_conversation(), self._of_search(), *self._of_wer(), self._of_upload()]))

    def to_json(self) -> dict[str, Any]:
        """One JSON-ready object; `ok` says what the exit status says."""
        problems = self.problems
        return {"ok": not problems, "problems": problems, "most_wer": MOST_WER, **dataclasses.asdict(self)}

    def _of_conversation(self) -> str | None:
        if self.conversation is None:
            return "no conversation came of it"
        if self.conversation["status"] != "completed":
            failure = self.conversation.get("failure") or {}
            return f"the conversation is {self.conversation['status']}: {failure.get('reason', _LATE)}"
        if self.conversation["discarded"]:
            reason = (self.conversation.get("relevance") or {}).get("reason", "no reason given")
            return f"the conversation was discarded ({reason}), so there is nothing to find"
        return None

    def _of_search(self) -> str | None:
        if self.search is not None and self.search.place is None:
            return "the search did not find it"
        return None

    def _of_wer(self) -> list[str]:
        if not self.bundled:
            return []  # whoever brings a recording of their own learns the figure, and no more was promised
        measured = {"live": self.wer, "as a file": self.upload.wer if self.upload else None}
        return [
            f"word error rate {how} is {wer:.2f}, more than {MOST_WER}"
            for how, wer in measured.items()
            if wer is not None and wer > MOST_WER
        ]

    def _of_upload(self) -> str | None:
        if self.upload is not None and self.upload.status != "completed":
            return f"the uploaded file is {self.upload.status}"
        return None
