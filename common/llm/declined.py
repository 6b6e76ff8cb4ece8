"""What a model does not want to speak of is structured all the same: by what needs no model."""

from collections.abc import Callable

from common.core.errors import ProviderDeclinedError
from common.core.logs import get_logger
from common.llm.ports import Dialogue, Structurer
from common.models.structured import Structured


class OrExtracted:
    """A structurer, and another one for what its model declines, which is made when that happens."""

    def __init__(self, structurer: Structurer, *, instead: Callable[[], Structurer]) -> None:
        self.name = structurer.name
        self._structurer = structurer
        self._instead = instead

    def structure(self, dialogue: Dialogue) -> Structured:
        """The dialogue's structure.

        Raises:
            ProviderError: as either does.
        """
        try:
            return self._structurer.structure(dialogue)
        except ProviderDeclinedError:
            get_logger().warning("structure_declined", provider=self.name)
            return self._instead().structure(dialogue)
