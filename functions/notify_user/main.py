"""Pub/Sub `notification-due` -> the user's devices are told."""

from common.entry.triggers import on_published
from common.models.events import Due
from common.users.due import tell


@on_published(Due, step="notify_user")
def main(due: Due) -> None:
    """Tell them."""
    tell(due)
