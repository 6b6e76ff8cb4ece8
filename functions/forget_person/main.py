"""Cloud Task -> the next of what names somebody who was deleted is taken out of a user's conversations."""

from common.conversations.forget_person import forget_person
from common.entry.triggers import on_timer
from common.models.events import ForgetPerson


@on_timer(ForgetPerson, step="forget_person")
def main(task: ForgetPerson) -> None:
    """One step."""
    forget_person(task)
