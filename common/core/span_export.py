"""Where spans go: by OpenTelemetry's protocol to Cloud Trace or any collector. Loaded only where they are kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from common.core import clock, tracing
from common.core.logs import get_logger
from common.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span
    from requests import Session

    from common.core.tracing import Trace

CLOUD_TRACE = "https://telemetry.googleapis.com/v1/traces"
_EVERY_MS = 1000
_MOST_WAITING = 2048
_EXPORT_S = 3.0
"""Real seconds for one batch, with everything that is tried for it."""
_LEFT_ALONE_S = 30.0
"""Real seconds for which nobody waits for a collector that was too slow."""
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class _OurIds(RandomIdGenerator):
    """A span without one above it begins the trace that was begun for it, under the id that is in the logs already."""

    def generate_trace_id(self) -> int:
        trace = tracing.current()
        return int(trace.trace_id, 16) if trace is not None else super().generate_trace_id()


class _Sending:
    """A provider of spans and the thread that sends them on request."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._processor = BatchSpanProcessor(
            exporter, max_queue_size=_MOST_WAITING, schedule_delay_millis=_EVERY_MS, max_export_batch_size=512
        )
        # Without the detectors of `Resource.create`, which look for what there is to say and take their time.
        about = {"service.name": settings().k_service, "gcp.project_id": settings().google_cloud_project}
        provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource(about), id_generator=_OurIds())
        provider.add_span_processor(self._processor)
        self.tracer = provider.get_tracer("earshot")
        self._threads = ThreadPoolExecutor(1, "spans")
        self._lock = threading.Lock()
        self._asked_again_at = 0.0

    def flush(self) -> None:
        """Send what there is and wait for that, unless waiting has turned out to be in vain a moment ago."""
        with self._lock:
            if clock.monotonic() < self._asked_again_at:
                return
            sent = self._threads.submit(self._processor.force_flush)
        try:
            sent.result(timeout=settings().tracing_patience_s)
        except TimeoutError:
            with self._lock:
                self._asked_again_at = clock.monotonic() + _LEFT_ALONE_S


def start(trace: Trace, name: str, attributes: Mapping[str, str | int]) -> Span:
    """Begin a span of `trace`, below the one that it names."""
    with tracing.following(trace):
        return _sending().tracer.start_span(name, context=set_span_in_context(_above(trace)), attributes=attributes)


def flush() -> None:
    """Send what has ended; waits `tracing_patience_s` at most."""
    _sending().flush()


def _above(trace: Trace) -> Span:
    context = SpanContext(
        trace_id=int(trace.trace_id, 16),
        span_id=int(trace.span_id or "0", 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    return NonRecordingSpan(context)


@cache
def _sending() -> _Sending:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    known = settings()
    if known.tracing == "otlp":
        return _Sending(OTLPSpanExporter(endpoint=known.tracing_url, timeout=_EXPORT_S))
    return _Sending(OTLPSpanExporter(endpoint=CLOUD_TRACE, timeout=_EXPORT_S, session=_google_session()))


def _google_session() -> Session:
    import requests
    from google.auth import default
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import AuthorizedSession

    try:
        credentials, _ = default(scopes=[_SCOPE])
    except GoogleAuthError as error:  # spans are refused then, and whatever they are about goes on
        get_logger().error("spans_without_credentials", error=type(error).__name__)
        return requests.Session()
    session: Session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    return session
