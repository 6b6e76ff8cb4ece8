"""A collector of OpenTelemetry: takes spans by OTLP over HTTP and keeps them, or misbehaves as it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from common.core import span_export
from common.core.settings import settings
from tests.support.answering import Quiet, answering


@dataclass(frozen=True)
class Kept:
    """One span as it arrived."""

    name: str
    trace_id: str
    span_id: str
    above: str
    """Id of the span above it; empty where there is none."""
    failed: str | None
    about: dict[str, str]
    service: str


@dataclass
class Collector:
    """What has arrived; `status` is what it answers, and while `hangs` is set it does not."""

    url: str = ""
    status: int = 200
    hangs: threading.Event = field(default_factory=threading.Event)
    kept: list[Kept] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def named(self, name: str) -> list[Kept]:
        """The spans of this name."""
        return [span for span in self.kept if span.name == name]

    def take(self, body: bytes) -> None:
        """Keep what a request brings."""
        self.bodies.append(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = {each.key: each.value.string_value for each in group.resource.attributes}
            for span in (span for scope in group.scope_spans for span in scope.spans):
                about = {each.key: each.value.string_value or str(each.value.int_value) for each in span.attributes}
                self.kept.append(
                    Kept(
                        name=span.name,
                        trace_id=span.trace_id.hex(),
                        span_id=span.span_id.hex(),
                        above=span.parent_span_id.hex(),
                        failed=span.status.message if span.status.code == span.status.STATUS_CODE_ERROR else None,
                        about=about,
                        service=resource["service.name"],
                    )
                )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A running one."""
    collector = Collector()
    released = threading.Event()

    class Handler(Quiet):
        def do_POST(self) -> None:  # noqa: N802 - http.server's name
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.path == "/v1/traces"
            assert self.headers["content-type"] == "application/x-protobuf"
            if collector.hangs.is_set():
                released.wait()
                return
            if collector.status == 200:
                collector.take(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            with suppress(OSError):
                self.send_response(collector.status)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

    with answering(Handler, released=released) as address:
        collector.url = f"{address}/v1/traces"
        yield collector


@contextmanager
def kept_at(url: str, monkeypatch: pytest.MonkeyPatch, *, patience_s: float) -> Iterator[None]:
    """Spans of this process are sent there until the block ends."""
    monkeypatch.setenv("TRACING", "otlp")
    monkeypatch.setenv("TRACING_URL", url)
    monkeypatch.setenv("TRACING_PATIENCE_S", str(patience_s))
    _forget()
    try:
        yield
    finally:
        _forget()


def _forget() -> None:
    """Let go of whoever sends, with its threads and connections."""
    if span_export._sending.cache_info().currsize:
        span_export._sending()._processor.shutdown()  # type: ignore[no-untyped-call]
    settings.cache_clear()
    span_export._sending.cache_clear()
