"""What a client is shown of a conversation: the segments that will stand in its transcript, as far as they are known.

Pieces come in as recognisers cut them and are joined as the transcript joins them, so a segment grows under one id.
What only seems to be said is shown as if it were certain, and taken back where it comes to nothing.
"""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from common.conversations.joining import in_order, join
from common.models.segment import TranscriptSegment

MOST_PIECES = 48
"""Certain pieces that may still be joined with others; older ones are on the client's screen for good."""
_TOO_MANY = 8 * MOST_PIECES
"""So many are cut wherever it is."""
MOST_PROVISIONAL = 16
"""Provisional pieces of one session that are shown, the newest; a provider that sends more is not to be followed."""


class Shown(NamedTuple):
    """What to tell the client: segments that are new or different, and ids that are no more."""

    changed: list[TranscriptSegment]
    removed: list[str]


class Board:
    """One conversation as one connection's client sees it. Bounded; belongs to an event loop."""

    def __init__(self) -> None:
        self._certain: list[TranscriptSegment] = []
        self._provisional: dict[str, list[TranscriptSegment]] = {}
        self._origins: dict[str, str] = {}
        self._shown: dict[str, TranscriptSegment] = {}
        self._look_again_at = MOST_PIECES

    def add(self, segments: Iterable[TranscriptSegment], *, session_id: str) -> Shown:
        """Show what is certain; a piece that is there already is replaced.

        Args:
            segments: as they are stored.
            session_id: where they come from; provisional pieces of the same that lie before their end are dropped.
        """
        news = {segment.id: segment for segment in segments if segment.text.strip()}
        if not news:
            return self._update()
        until = max(segment.end for segment in news.values())
        self._provisional[session_id] = [
            each for each in self._provisional.get(session_id, []) if (each.start + each.end) / 2 > until
        ]
        self._certain = sorted([*(each for each in self._certain if each.id not in news), *news.values()], key=in_order)
        self._origins |= dict.fromkeys(news, session_id)
        shown = self._update()
        self._let_go()
        return shown

    def show_interim(self, segments: Iterable[TranscriptSegment], *, session_id: str) -> Shown:
        """Show what seems to be said, in place of all that seemed to be said in this session before."""
        pieces = [segment for segment in segments if segment.text.strip()][-MOST_PROVISIONAL:]
        self._provisional[session_id] = pieces
        return self._update()

    def change(self, decide: Callable[[TranscriptSegment], TranscriptSegment]) -> Shown:
        """Show pieces with other speakers, say; those that the client has for good are not among them."""
        self._certain = [decide(segment) for segment in self._certain]
        return self._update()

    def pieces_of(self, segment_ids: Collection[str]) -> list[str]:
        """The ids of the stored pieces that shown segments are joined from; what is not known stands for itself."""
        pieces: dict[str, list[str]] = {segment_id: [segment_id] for segment_id in segment_ids}
        head = ""
        for piece in self._pieces():
            if piece.id in self._shown:
                head = piece.id
            elif head in pieces:
                pieces[head].append(piece.id)
        return [piece_id for joined in pieces.values() for piece_id in joined]

    def _pieces(self) -> list[TranscriptSegment]:
        """Certain and provisional ones in order; of two with one id the certain one counts."""
        seeming = {each.id: each for pieces in self._provisional.values() for each in pieces}
        return sorted((seeming | {each.id: each for each in self._certain}).values(), key=in_order)

    def _update(self) -> Shown:
        seeming = {each.id: session for session, pieces in self._provisional.items() for each in pieces}
        joined = join(self._pieces(), origins=seeming | self._origins)
        before, self._shown = self._shown, {segment.id: segment for segment in joined}
        return Shown(
            changed=[segment for segment in joined if before.get(segment.id) != segment],
            removed=[segment_id for segment_id in before if segment_id not in self._shown],
        )

    def _let_go(self) -> None:
        """Keep only the newest pieces, from a place on where what came before makes no difference."""
        count = len(self._certain)
        if count < self._look_again_at:
            return
        whole = join(self._certain, origins=self._origins)
        heads = {segment.id for segment in whole}
        from_the_middle = sorted(range(1, count - 1), key=lambda place: abs(place - count // 2))
        at = next((place for place in from_the_middle if self._is_clean(place, heads, whole)), 0)
        if not at and count > _TOO_MANY:
            at = count // 2
        for piece in self._certain[:at]:
            self._origins.pop(piece.id)
            self._shown.pop(piece.id, None)
        del self._certain[:at]
        self._look_again_at = max(MOST_PIECES, len(self._certain) + MOST_PIECES // 2)

    def _is_clean(self, place: int, heads: Collection[str], whole: list[TranscriptSegment]) -> bool:
        if self._certain[place].id not in heads:
            return False
        old, new = self._certain[:place], self._certain[place:]
        return join(old, origins=self._origins) + join(new, origins=self._origins) == whole
