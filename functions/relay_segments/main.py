"""Pub/Sub `segments-ready` -> one Cloud Task for everybody who wants to be told at once."""

from common.apps.relaying import relay_segments
from common.entry.triggers import on_published
from common.models.events import SegmentsReady


@on_published(SegmentsReady, step="relay_segments")
def main(event: SegmentsReady) -> None:
    """Hand it on."""
    relay_segments(event)
