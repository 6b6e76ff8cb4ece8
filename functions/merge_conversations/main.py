"""Cloud Task -> several conversations are one; where that fails they are as they were."""

from common.conversations.merge import STEP, give_up_merge, merge_conversations
from common.entry.triggers import on_task
from common.models.events import MergeConversations


@on_task(MergeConversations, step=STEP, give_up=give_up_merge)
def main(task: MergeConversations) -> str:
    """Merge them."""
    return merge_conversations(task)
