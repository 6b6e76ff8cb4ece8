"""Resource names of Pub/Sub, checked."""

import re

from local.rpc import invalid

_ID = r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}"
_NAME = re.compile(rf"projects/(?P<project>[a-z0-9:.-]+)/(?P<kind>topics|subscriptions)/(?P<id>{_ID})")
_PROJECT = re.compile(r"projects/[a-z0-9:.-]+")
DELETED_TOPIC = "_deleted-topic_"


def _check(name: str, kind: str) -> str:
    match = _NAME.fullmatch(name)
    if not match or match["kind"] != kind:
        raise invalid(
            f"Invalid [{kind}] name: (name={name[:300]}). It is projects/PROJECT/{kind}/ID, where the id starts with a "
            'letter, has 3 to 255 letters, digits, or characters of "-._~+%", and does not begin with "goog".'
        )
    return name


def check_topic(name: str) -> str:
    """The name itself; raises INVALID_ARGUMENT."""
    return _check(name, "topics")


def check_subscription(name: str) -> str:
    """The name itself; raises INVALID_ARGUMENT."""
    return _check(name, "subscriptions")


def check_project(name: str) -> str:
    """`projects/PROJECT` itself; raises INVALID_ARGUMENT."""
    if not _PROJECT.fullmatch(name):
        raise invalid(f"Invalid [projects] name: (name={name[:300]})")
    return name
