"""Cloud Task -> everything of a user who asked for it is deleted, and counted."""

from common.accounts.deletion import delete_account
from common.entry.triggers import on_timer
from common.models.events import DeleteAccount


@on_timer(DeleteAccount, step="delete_account")
def main(task: DeleteAccount) -> None:
    """One look."""
    delete_account(task)
