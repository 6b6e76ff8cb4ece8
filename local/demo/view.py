"""Who watches the demo: told what happens as it happens."""

from contextlib import AbstractContextManager, nullcontext

from local.demo.report import Caption, Report


class View:
    """Told what happens and shows nothing: what machines get."""

    def starting(self, report: Report) -> None:
        """The recording is loaded."""

    def working(self, what: str) -> AbstractContextManager[object]:
        """A context during which something takes a while."""
        del what
        return nullcontext()

    def ready(self, url: str, report: Report) -> None:
        """The cloud answers."""

    def streaming(self, report: Report) -> AbstractContextManager[object]:
        """A context during which packets are sent and captions arrive."""
        del report
        return nullcontext()

    def sent(self, second: float) -> None:
        """The packet at this second of the recording goes out."""

    def stored(self, until_s: float) -> None:
        """The server has stored the recording up to here."""

    def caption(self, caption: Caption) -> None:
        """A segment was recognised."""

    def stopped(self) -> None:
        """All is said; the stop button is pressed."""

    def structured(self, report: Report) -> None:
        """The conversation is completed, or failed."""

    def searched(self, report: Report) -> None:
        """It was searched for."""

    def uploaded(self, report: Report) -> None:
        """The file in the bucket went the same way."""

    def done(self, report: Report) -> None:
        """Nothing more happens."""
