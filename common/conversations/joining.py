"""From pieces as recognisers cut them to segments that are good to read (CONTRACT section 5.10).

Short neighbours of one speaker become one segment; a sentence that was cut between two speakers is given whole to the
one who said most of it, while its translation stays where it was. Nothing depends on the order in which pieces arrive
or are translated, and joining again changes nothing.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from common.conversations.sentences import ends_sentence, goes_on, split_first, split_unfinished
from common.models.segment import TranscriptSegment, Translation

JOIN_GAP_S = 3.0
JOIN_CHARACTERS = 125
"""From here on a segment that ends with a sentence is complete."""
LONGEST_CHARACTERS = 600
"""From here on any segment is: some recognisers never end a sentence."""
_MOST_MOVED_WORDS = 6
"""More than that is no slip of the diarization: somebody was interrupted."""
_NO_ORIGINS: Mapping[str, str] = MappingProxyType({})


def in_order(segment: TranscriptSegment) -> tuple[float, str]:
    """By which segments are sorted: where they begin, and never by chance. Their ends move when they grow."""
    return segment.start, segment.id


def join(segments: Iterable[TranscriptSegment], *, origins: Mapping[str, str] = _NO_ORIGINS) -> list[TranscriptSegment]:
    """Sort by time, join what belongs together, repair sentences; ids are those of the first of the joined.

    Args:
        segments: pieces in any order.
        origins: the session each piece comes from, by its id; pieces of different ones are never joined.
    """
    joined = _joined(sorted(segments, key=in_order), origins)
    # Every repair completes a sentence, every joining leaves fewer segments: it ends.
    while _repair(joined, origins):
        joined = _joined(joined, origins)
    return joined


class _Growing:
    """A segment that more may be joined to."""

    def __init__(self, first: TranscriptSegment) -> None:
        self._pieces = [first]
        self._size = len(first.text)
        self._end = first.end

    def takes(self, segment: TranscriptSegment, origins: Mapping[str, str]) -> bool:
        """Whether a segment that follows belongs to it."""
        complete = self._size >= LONGEST_CHARACTERS or (
            self._size >= JOIN_CHARACTERS and ends_sentence(self._pieces[-1].text) and not goes_on(segment.text)
        )
        first, gap_s = self._pieces[0], segment.start - self._end
        return (
            not complete
            and _same_voice(first, segment)
            and _of_one_stream(first, segment, gap_s=gap_s, origins=origins)
        )

    def take(self, segment: TranscriptSegment) -> None:
        """Join it."""
        self._pieces.append(segment)
        self._size += 1 + len(segment.text)
        self._end = max(self._end, segment.end)

    def whole(self) -> TranscriptSegment:
        """All of it as one."""
        if len(self._pieces) == 1:
            return self._pieces[0]
        text = " ".join(piece.text for piece in self._pieces)
        return self._pieces[0].model_copy(update={"text": text, "end": self._end, "translations": self._translations()})

    def _translations(self) -> list[Translation]:
        """The pieces' as one: a piece without, which may need none, stands for itself."""
        known = [{each.lang: each.text for each in piece.translations} for piece in self._pieces]
        return [
            Translation(
                lang=lang,
                text=" ".join(texts.get(lang, piece.text) for texts, piece in zip(known, self._pieces, strict=True)),
            )
            for lang in dict.fromkeys(lang for texts in known for lang in texts)
        ]


def _joined(segments: Iterable[TranscriptSegment], origins: Mapping[str, str]) -> list[TranscriptSegment]:
    joined: list[_Growing] = []
    for segment in segments:
        if joined and joined[-1].takes(segment, origins):
            joined[-1].take(segment)
        else:
            joined.append(_Growing(segment))
    return [growing.whole() for growing in joined]


def _same_voice(one: TranscriptSegment, other: TranscriptSegment) -> bool:
    return (one.speaker, one.is_user, one.person_id) == (other.speaker, other.is_user, other.person_id)


def _of_one_stream(
    last: TranscriptSegment, segment: TranscriptSegment, *, gap_s: float, origins: Mapping[str, str]
) -> bool:
    return (
        last.stt_provider == segment.stt_provider
        and last.speech_profile_processed == segment.speech_profile_processed
        and origins.get(last.id) == origins.get(segment.id)
        and gap_s < JOIN_GAP_S
    )


def _repair(segments: list[TranscriptSegment], origins: Mapping[str, str]) -> bool:
    """Give sentences that two speakers share to one of them, in place; whether there was any."""
    repaired = False
    for at in range(1, len(segments)):
        last, segment = segments[at - 1], segments[at]
        gap_s = segment.start - last.end
        if not _share_a_sentence(last, segment) or not _of_one_stream(last, segment, gap_s=gap_s, origins=origins):
            continue
        pair = _reunited(last, segment)
        around = [*segments[max(0, at - 2) : at - 1], *pair, *segments[at + 1 : at + 2]]
        if pair and around == sorted(around, key=in_order):
            segments[at - 1 : at + 1] = pair
            repaired = True
    return repaired


def _share_a_sentence(last: TranscriptSegment, segment: TranscriptSegment) -> bool:
    by_hand = "manual" in {last.speaker_label_source, segment.speaker_label_source}
    return not by_hand and not _same_voice(last, segment) and not ends_sentence(last.text) and goes_on(segment.text)


def _reunited(last: TranscriptSegment, segment: TranscriptSegment) -> list[TranscriptSegment]:
    """Both with the sentence in one of them; nothing where that is not clear, or would leave one without words."""
    before, clause = split_unfinished(last.text)
    rest_of_sentence, after = split_first(segment.text)
    here, there = len(clause.split()), len(rest_of_sentence.split())
    if before and here < there and here <= _MOST_MOVED_WORDS:
        cut = round(last.end - (last.end - last.start) * len(clause) / len(last.text), 3)
        begin = min(segment.start, cut)
        return [
            last.model_copy(update={"text": before, "end": cut}),
            segment.model_copy(update={"text": f"{clause} {segment.text}", "start": begin}),
        ]
    if after and there < here and there <= _MOST_MOVED_WORDS:
        share = len(rest_of_sentence) / len(segment.text)
        cut = round(segment.start + max(0.0, segment.end - segment.start) * share, 3)
        return [
            last.model_copy(update={"text": f"{last.text} {rest_of_sentence}", "end": max(last.end, cut)}),
            segment.model_copy(update={"text": after, "start": cut}),
        ]
    return []
