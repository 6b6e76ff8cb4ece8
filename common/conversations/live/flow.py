"""What a session may do to the connection that it serves."""

from typing import Protocol

from common.core.errors import EarshotError


class Flow(Protocol):
    """The tap of what the client sends. Whoever is let go may still be heard until `leave`."""

    def pause(self) -> None:
        """Take nothing more from the client until `resume` has been called as often."""

    def resume(self) -> None:
        """Go on."""

    def let_go(self, error: EarshotError) -> None:
        """End the connection because of this."""
