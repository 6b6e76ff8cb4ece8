"""A trace is taken from whoever names one well, told to the next hop, and stands in log lines as Google joins them."""

from typing import Any

import pytest

from common.core import logs, spans, tracing
from common.core.tracing import Trace
from tests.support.logged import captured

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
KNOWN = Trace(ID, SPAN)
W3C = f"00-{ID}-{SPAN}-01"


@pytest.mark.parametrize(
    ("traceparent", "known"),
    [
        (W3C, KNOWN),
        (f"00-{ID}-{SPAN}-00", KNOWN),
        (f"01-{ID}-{SPAN}-01", KNOWN),
        (f"01-{ID}-{SPAN}-01-more", KNOWN),
        (f"{W3C}-more", None),
        (f"ff-{ID}-{SPAN}-01", None),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"00-{ID}-{'0' * 16}-01", None),
        (W3C.upper(), None),
        (f"{W3C}\n", None),
        (f"00-{ID}-{SPAN}", None),
        (f"00-{ID[1:]}-{SPAN}-01", None),
        (ID, None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_well_formed_traceparent_names_a_trace(traceparent: str | None, known: Trace | None) -> None:
    assert tracing.read(traceparent) == known


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (f"{ID}/{int(SPAN, 16)};o=1", Trace(ID, SPAN)),
        (f"{ID.upper()}/1", Trace(ID, "0000000000000001")),
        (ID, Trace(ID)),
        (f"{ID}/0;o=1", Trace(ID)),
        (f"{ID}/{2**64}", Trace(ID)),
        (f"{ID}/x", None),
        (f"{'0' * 32}/1", None),
        ("", None),
    ],
)
def test_googles_own_header_names_one_where_the_other_does_not(header: str, trace: Trace | None) -> None:
    headers = {"x-cloud-trace-context": header}
    assert tracing.of_headers(headers.get) == trace
    assert tracing.of_headers((headers | {"traceparent": "nonsense"}).get) == trace
    assert tracing.of_headers((headers | {"traceparent": f"00-{'1' * 32}-{SPAN}-00"}).get) == Trace("1" * 32, SPAN)


def test_the_next_hop_is_told_the_trace_and_what_is_above_it() -> None:
    assert tracing.carried() == {}
    with tracing.following(Trace(ID, SPAN)):
        assert tracing.carried() == {"traceparent": f"00-{ID}-{SPAN}-00"}
    with tracing.following(begun := tracing.begin()):
        told = tracing.read(tracing.carried()["traceparent"])
        assert told is not None
        assert told.trace_id == begun.trace_id
    assert tracing.current() is None


@pytest.mark.parametrize(
    ("trace_id", "ratio", "flag"),
    [
        (ID, "0", "00"),
        (ID, "1", "01"),
        ("f" * 32, "1", "01"),
        ("f" * 16 + "7" + "f" * 15, "0.5", "01"),
        ("0" * 15 + "18" + "0" * 15, "0.5", "00"),
    ],
)
def test_every_hop_decides_alike_whether_spans_are_kept(
    monkeypatch: pytest.MonkeyPatch, trace_id: str, ratio: str, flag: str
) -> None:
    monkeypatch.setenv("TRACING", "otlp")
    monkeypatch.setenv("TRACING_RATIO", ratio)
    assert Trace(trace_id).sampled is (flag == "01")
    assert Trace(trace_id).traceparent.endswith(f"-{flag}")


def test_where_none_are_kept_a_span_is_nothing() -> None:
    with tracing.following(Trace(ID, SPAN)), spans.span("any", provider="p") as span:
        assert span.trace == tracing.current() == Trace(ID, SPAN)
        span.note(status=500)
        span.fail("Error")
    spans.leave(span.trace)


def _logged(trace: Trace | None) -> dict[str, Any]:
    with captured() as lines, tracing.following(trace):
        logs.bind(uid="u1", step="listen")
        logs.get_logger().info("heard")
    [line] = lines
    return {name: value for name, value in line.items() if name.startswith("logging.")}


def test_a_log_line_says_which_trace_it_belongs_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    assert _logged(Trace(ID, SPAN)) == {
        "logging.googleapis.com/trace": f"projects/a-project/traces/{ID}",
        "logging.googleapis.com/spanId": SPAN,
        "logging.googleapis.com/trace_sampled": False,
    }
    assert "logging.googleapis.com/spanId" not in _logged(Trace(ID))
    assert _logged(None) == {}
