"""Cloud Scheduler -> what is stuck, due or parked goes on."""

from common.conversations.sweep import sweep
from common.entry.triggers import on_schedule


@on_schedule
def main() -> None:
    """One round."""
    sweep()
