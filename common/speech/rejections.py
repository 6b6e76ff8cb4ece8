"""What it means when a speech provider refuses."""

from common.core.errors import ProviderError, ProviderExhaustedError, ProviderRefusedError

_EXHAUSTED = frozenset({401, 402, 403, 429})
_TIMED_OUT = 408
_REFUSED = range(400, 500)


def rejection(provider: str, status: int, *, pause_s: float | None = None) -> ProviderError:
    """What a status code (HTTP's, wherever it stands) means.

    Args:
        provider: its name.
        status: any but success.
        pause_s: how many seconds the provider wants to be left alone.
    """
    message = f"{provider} answered {status}"
    if status in _EXHAUSTED:
        return ProviderExhaustedError(message, pause_s=pause_s)
    if status in _REFUSED and status != _TIMED_OUT:
        return ProviderRefusedError(message)
    return ProviderError(message)
