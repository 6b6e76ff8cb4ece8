"""How many files and connections a process may have open; the usual limit of a shell is a few hundred connections."""

import resource

_ENOUGH = 65_536
_OF_STORES = 256
"""Files and connections of the local cloud itself."""
_FEWEST = 64


def raise_limit() -> int:
    """Let this process, and what it starts, have as many open as the system allows, within reason; returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _ENOUGH if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # macOS grants fewer than it says
        return soft
    return wanted


def most_clients(limit: int) -> int:
    """How many clients there is room for: each has a connection to the gateway, which has one to a service."""
    return max(_FEWEST, (limit - _OF_STORES) // 2)
