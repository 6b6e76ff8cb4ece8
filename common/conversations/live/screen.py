"""What one connection's client is shown of its conversations: every change of a segment goes through here."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from common.conversations.live.board import Board, Shown
from common.conversations.translation import as_translated
from common.database.segment_batches import SegmentBatch
from common.models.listen import SegmentsDeleted, ServerEvent, Translating
from common.models.segment import TranscriptSegment

MOST_BOARDS = 4
"""Conversations of one connection whose segments may still change on the screen."""

Tell = Callable[[ServerEvent | list[TranscriptSegment] | str], None]
"""Queues a message for the client: an event, segments, or what is written already."""


class Screen:
    """Boards by conversation, and the messages that keep the client's in step.

    Args:
        tell: queues a message for the client.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._boards: OrderedDict[str, Board] = OrderedDict()

    def certain(self, conversation_id: str, batch: SegmentBatch) -> None:
        """Show a batch that is stored."""
        self._show(self._board(conversation_id).add(batch.segments, session_id=batch.session_id))

    def provisional(self, conversation_id: str, segments: Sequence[TranscriptSegment], *, session_id: str) -> None:
        """Show what seems to be said in a session."""
        self._show(self._board(conversation_id).show_interim(segments, session_id=session_id))

    def relabelled(self, segments: Sequence[TranscriptSegment]) -> None:
        """Show other speakers of stored segments, as far as they may still change."""
        news = {segment.id: segment for segment in segments}
        for board in self._boards.values():
            self._show(board.change(lambda piece: _with_speaker(piece, news.get(piece.id))))

    def translated(self, conversation_id: str, segments: Sequence[TranscriptSegment]) -> None:
        """Show what stored segments mean."""
        shown = self._board(conversation_id).change(as_translated(segments))
        if shown.changed:
            self._tell(Translating(segments=[segment.to_json() for segment in shown.changed]))
        self._remove(shown)

    def pieces_of(self, segment_ids: Sequence[str]) -> list[str]:
        """The stored segments that shown ones are joined from."""
        pieces = dict.fromkeys(segment_ids)
        for board in self._boards.values():
            pieces |= dict.fromkeys(board.pieces_of(segment_ids))
        return list(pieces)

    def _board(self, conversation_id: str) -> Board:
        board = self._boards.setdefault(conversation_id, Board())
        self._boards.move_to_end(conversation_id)
        if len(self._boards) > MOST_BOARDS:
            self._boards.popitem(last=False)
        return board

    def _show(self, shown: Shown) -> None:
        if shown.changed:
            self._tell(shown.changed)
        self._remove(shown)

    def _remove(self, shown: Shown) -> None:
        if shown.removed:
            self._tell(SegmentsDeleted(segment_ids=shown.removed))


def _with_speaker(piece: TranscriptSegment, news: TranscriptSegment | None) -> TranscriptSegment:
    if news is None:
        return piece
    return piece.model_copy(
        update={
            "speaker": news.speaker,
            "speaker_id": news.speaker_id,
            "is_user": news.is_user,
            "person_id": news.person_id,
            "speaker_label_source": news.speaker_label_source,
        }
    )
