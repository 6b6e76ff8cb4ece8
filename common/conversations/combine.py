"""From several conversations to one: pure logic.

Every source is shifted to where it lies from the earliest of them, and its speakers, sessions and doubled ids get
names of their own: two recognisers' first speakers are not one person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from common.conversations.coverage import Timeline
from common.conversations.lifecycle import OWNER
from common.core.ids import derived_id, digest
from common.models.attachments import SpeakerLabelSuggestion
from common.models.conversation import (
    MERGED_FROM,
    Capture,
    Conversation,
    ConversationStatus,
    Interval,
    Relevance,
)
from common.models.segment import TranscriptSegment
from common.models.structured import Structured

T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """A source with its whole transcript and the audio that this stands for."""

    conversation: Conversation
    segments: Sequence[TranscriptSegment]
    covered: Timeline

    @property
    def begins(self) -> datetime:
        """Where its second 0 lies."""
        return self.conversation.began


def in_order(parts: Iterable[Part]) -> list[Part]:
    """By when they began."""
    return sorted(parts, key=lambda part: (part.begins, part.conversation.created_at, part.conversation.id))


def combine(parts: Sequence[Part], *, conversation_id: str, reprocess: bool) -> Conversation:
    """One conversation of `parts`, which are in order. It is private, and without photos: those stand beside it."""
    sources = [part.conversation for part in parts]
    first = sources[0]
    begins = parts[0].begins
    ends = [source.finished_at for source in sources if source.finished_at is not None]
    said = _said(parts, conversation_id=conversation_id)
    structured = _structured(sources)
    return Conversation(
        id=conversation_id,
        created_at=min(source.created_at for source in sources),
        started_at=begins,
        finished_at=max([begins, *ends]),
        source=first.source,
        language=_first(source.language for source in sources),
        structured=structured,
        transcript_segments=said.segments,
        speaker_label_suggestions=said.suggestions,
        user_segments=said.corrected,
        geolocation=_first(source.geolocation for source in sources),
        private_cloud_sync_enabled=any(source.private_cloud_sync_enabled for source in sources),
        apps_results=[
            result
            for source in sources
            for result in source.apps_results
            if not reprocess or result.app_id in source.user_app_results
        ],
        user_app_results=list(dict.fromkeys(app_id for source in sources for app_id in source.user_app_results)),
        external_data=_external_data(sources, said.names),
        app_id=_first(source.app_id for source in sources),
        starred=any(source.starred for source in sources),
        status=ConversationStatus.PROCESSING if reprocess else ConversationStatus.COMPLETED,
        run=1 if reprocess else 0,
        folder_id=_first(source.folder_id for source in sources),
        folder_user_set=any(source.folder_user_set for source in sources),
        calendar_event=_first(source.calendar_event for source in sources),
        client_device_id=first.client_device_id,
        client_platform=first.client_platform,
        user_title=_first(source.user_title for source in sources),
        user_overview=structured.overview if any(source.user_overview for source in sources) else None,
        user_action_items={key: value for source in sources for key, value in source.user_action_items.items()},
        relevance=Relevance(verdict="keep", decided_by=OWNER, reason="merged by its owner"),
        capture=Capture(
            kind="merged", photographed=any(source.photos or source.capture.photographed for source in sources)
        ),
        covered=_moved([part.covered for part in parts], parts),
        unheard=_moved([source.unheard for source in sources], parts),
    )


def offset(part: Part, parts: Sequence[Part]) -> float:
    """How many seconds after the first of `parts` this one begins."""
    return round((part.begins - parts[0].begins).total_seconds(), 3)


def session_in_merged(source_id: str, session_id: str) -> str:
    """What a session of a source is called in the merged conversation: uploads all call theirs the same."""
    return digest(source_id, session_id)


@dataclass(frozen=True)
class _Said:
    """What was said in all parts, in order of time, and what is known of that by the new names of it.

    `names` are those of speakers that were handed over, `corrected` the segments in whose words the user has a hand.
    """

    segments: list[TranscriptSegment]
    names: dict[str, str]
    suggestions: list[SpeakerLabelSuggestion]
    corrected: list[str]


def _said(parts: Sequence[Part], *, conversation_id: str) -> _Said:
    moved: list[TranscriptSegment] = []
    names: dict[str, str] = {}
    suggestions: list[SpeakerLabelSuggestion] = []
    corrected: list[str] = []
    taken: set[str] = set()
    next_speaker = 0
    for part in parts:
        called: dict[str, str] = {}
        later = offset(part, parts)
        given = part.conversation.named_speakers
        numbers = sorted({segment.speaker_id or 0 for segment in part.segments})
        renumbered = {number: next_speaker + place for place, number in enumerate(numbers)}
        next_speaker += len(numbers)
        for segment in part.segments:
            speaker_id = renumbered[segment.speaker_id or 0]
            speaker = f"SPEAKER_{speaker_id:02d}"
            if isinstance(given.get(segment.speaker), str):
                names[speaker] = given[segment.speaker]
            doubled = segment.id in taken
            segment_id = (
                derived_id("merged", conversation_id, part.conversation.id, segment.id) if doubled else segment.id
            )
            taken.add(segment_id)
            called[segment.id] = segment_id
            moved.append(
                segment.model_copy(
                    update={
                        "id": segment_id,
                        "speaker": speaker,
                        "speaker_id": speaker_id,
                        "start": round(segment.start + later, 3),
                        "end": round(segment.end + later, 3),
                    }
                )
            )
        corrected += [called[each] for each in part.conversation.user_segments if each in called]
        suggestions += [
            each.model_copy(
                update={
                    "speaker_id": renumbered[each.speaker_id],
                    "segment_ids": [called[segment_id] for segment_id in each.segment_ids if segment_id in called],
                }
            )
            for each in part.conversation.speaker_label_suggestions
            if each.speaker_id in renumbered
        ]
    return _Said(sorted(moved, key=lambda segment: segment.start), names, suggestions, corrected)


def _moved(timelines: Sequence[Timeline], parts: Sequence[Part]) -> Timeline:
    """What is known of the audio of each part, in the sessions and times of the whole."""
    return {
        session_in_merged(part.conversation.id, session_id): [
            Interval(start=each.start + offset(part, parts), end=each.end + offset(part, parts)) for each in intervals
        ]
        for timeline, part in zip(timelines, parts, strict=True)
        for session_id, intervals in timeline.items()
    }


def _structured(sources: Sequence[Conversation]) -> Structured:
    """What they were about, one after the other; a title of the user's own before all others."""
    told = [source for source in sources if source.structured.title or source.structured.overview] or list(sources)
    first = told[0].structured
    items = {item.description: item for source in sources for item in source.structured.action_items}
    events = {(event.title, event.start): event for source in sources for event in source.structured.events}
    return first.model_copy(
        update={
            "title": _first(source.user_title for source in sources) or first.title,
            "overview": "\n\n".join(source.structured.overview for source in told if source.structured.overview),
            "action_items": list(items.values()),
            "events": list(events.values()),
        }
    )


def _external_data(sources: Sequence[Conversation], names: dict[str, str]) -> dict[str, Any]:
    """What came with them, the earlier one's where several say something."""
    known = {name: value for source in reversed(sources) for name, value in (source.external_data or {}).items()}
    known.pop("speakers", None)
    known[MERGED_FROM] = [source.id for source in sources]
    return known | ({"speakers": names} if names else {})


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)
