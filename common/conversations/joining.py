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


def in_order(segment: TranscriptSegment) -> tuple[float, float, str]:
    """By which segments are sorted: time, and never by chance."""
    return segment.start, segment.end, segment.id


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


def _joined(segments: Iterable[TranscriptSegment], origins: Mapping[str, str]) -> list[TranscriptSegment]:
    joined: list[TranscriptSegment] = []
    for segment in segments:
        last = joined[-1] if joined else None
        if last is not None and _belong_together(last, segment, origins):
            joined[-1] = last.model_copy(
                update={
                    "text": f"{last.text} {segment.text}",
                    "end": max(last.end, segment.end),
                    "translations": _translations(last, segment),
                }
            )
        else:
            joined.append(segment)
    return joined


def _translations(last: TranscriptSegment, segment: TranscriptSegment) -> list[Translation]:
    """Both pieces' translations as one: a piece without, which may need none, stands for itself."""
    if not (last.translations or segment.translations):
        return []
    first, second = ({each.lang: each.text for each in piece.translations} for piece in (last, segment))
    return [
        Translation(lang=lang, text=f"{first.get(lang, last.text)} {second.get(lang, segment.text)}")
        for lang in (first | second)
    ]


def _belong_together(last: TranscriptSegment, segment: TranscriptSegment, origins: Mapping[str, str]) -> bool:
    size = len(last.text)
    complete = size >= LONGEST_CHARACTERS or (
        size >= JOIN_CHARACTERS and ends_sentence(last.text) and not goes_on(segment.text)
    )
    return not complete and _same_voice(last, segment) and _of_one_stream(last, segment, origins)


def _same_voice(one: TranscriptSegment, other: TranscriptSegment) -> bool:
    return (one.speaker, one.is_user, one.person_id) == (other.speaker, other.is_user, other.person_id)


def _of_one_stream(last: TranscriptSegment, segment: TranscriptSegment, origins: Mapping[str, str]) -> bool:
    return (
        last.stt_provider == segment.stt_provider
        and last.speech_profile_processed == segment.speech_profile_processed
        and origins.get(last.id) == origins.get(segment.id)
        and segment.start - last.end < JOIN_GAP_S
    )


def _repair(segments: list[TranscriptSegment], origins: Mapping[str, str]) -> bool:
    """Give sentences that two speakers share to one of them, in place; whether there was any."""
    repaired = False
    for at in range(1, len(segments)):
        last, segment = segments[at - 1], segments[at]
        if not _share_a_sentence(last, segment) or not _of_one_stream(last, segment, origins):
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
