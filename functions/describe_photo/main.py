"""Cloud Task -> a picture of a conversation is described; where nobody can, it says why."""

from common.conversations.describe_photo import STEP, describe_photo, give_up_photo
from common.entry.triggers import on_task
from common.models.events import DescribePhoto


@on_task(DescribePhoto, step=STEP, give_up=give_up_photo)
def main(task: DescribePhoto) -> str:
    """Describe it."""
    return describe_photo(task)
