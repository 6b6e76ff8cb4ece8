"""Cloud Task -> the next of a user's documents are sealed, or not any more, as they have chosen."""

from common.entry.triggers import on_timer
from common.models.events import ProtectUser
from common.users.protection import protect_user


@on_timer(ProtectUser, step="protect_user")
def main(task: ProtectUser) -> None:
    """One step."""
    protect_user(task)
