"""Resource names of Cloud Tasks, checked."""

import re

from local.rpc import invalid

_LOCATION = r"projects/[a-z0-9:.-]+/locations/[a-z0-9-]+"
_QUEUE = re.compile(rf"(?P<parent>{_LOCATION})/queues/(?P<id>[A-Za-z0-9-]{{1,100}})")
_TASK = re.compile(rf"(?P<queue>{_LOCATION}/queues/[A-Za-z0-9-]{{1,100}})/tasks/(?P<id>[A-Za-z0-9_-]{{1,500}})")


def check_location(name: str) -> str:
    """The name of a location itself; raises INVALID_ARGUMENT."""
    if not re.fullmatch(_LOCATION, name):
        raise invalid(f'Resource name "{name}" does not match projects/PROJECT_ID/locations/LOCATION_ID.')
    return name


def location_of(queue: str) -> str:
    """The location a queue's name lies in; raises INVALID_ARGUMENT."""
    match = _QUEUE.fullmatch(queue)
    if not match:
        raise invalid(
            f'Queue name "{queue}" must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>"'
            " where the queue id is up to 100 letters, numbers and hyphens."
        )
    return match["parent"]


def split_task(name: str) -> tuple[str, str]:
    """The queue's name and the short id in a task's name; raises INVALID_ARGUMENT."""
    match = _TASK.fullmatch(name)
    if not match:
        raise invalid(
            f'Task name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>/tasks/'
            f'<TASK_ID>" where the task id is up to 500 letters, numbers, hyphens and underscores; got "{name[:600]}".'
        )
    return match["queue"], match["id"]
