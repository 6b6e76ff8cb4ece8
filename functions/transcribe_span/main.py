"""Cloud Task -> one span of stored audio understood; the last one moves the conversation on."""

from common.conversations.spans import STEP, give_up_span
from common.conversations.transcribe_span import transcribe_span
from common.entry.triggers import on_task
from common.models.events import TranscribeSpan


@on_task(TranscribeSpan, step=STEP, give_up=give_up_span)
def main(span: TranscribeSpan) -> str:
    """Transcribe the span."""
    return transcribe_span(span)
