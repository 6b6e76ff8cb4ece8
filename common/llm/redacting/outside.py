"""Who is a third party, and whether the settings want something kept from it."""

from __future__ import annotations

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

from common.core.settings import settings

Destination = Literal["language_model", "embedding", "apps", "developers"]

_OWN = (".local", ".internal", ".localhost", ".svc", ".lan", ".home.arpa")


def is_redacted(destination: Destination, *, address: str = "") -> bool:
    """Whether what goes there is redacted first.

    Args:
        destination: what kind of receiver.
        address: where a model is served, if not by the vendor that is asked by default: one's own machine is no third
            party.
    """
    return destination in settings().redact and not is_own(address)


def is_own(address: str) -> bool:
    """Whether an address can only be a machine of one's own: this one, or one in a private network."""
    host = (urlsplit(address).hostname or "").rstrip(".") if address else ""
    if not host:
        return False
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OWN)
    return found.is_loopback or found.is_private or found.is_link_local
