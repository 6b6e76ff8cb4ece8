"""That a model fails, in words for who waits for its answer; what went wrong is for whoever runs this, in the log."""

from collections.abc import Iterable, Iterator

from common.core.errors import ProviderDeclinedError, ProviderError
from common.core.logs import get_logger
from common.llm.talking import Piece

NO_ANSWER = "The language model does not answer now, try again"
DECLINED = "The language model declines to answer that"


def heard(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces of an answer.

    Raises:
        ProviderError: of the kind that the model's is.
    """
    try:
        yield from pieces
    except ProviderError as error:
        get_logger().warning("chat_model_failed", error=type(error).__name__, reason=str(error))
        raise type(error)(DECLINED if isinstance(error, ProviderDeclinedError) else NO_ANSWER) from error
