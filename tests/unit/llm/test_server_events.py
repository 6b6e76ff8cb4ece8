"""Events are read however their bytes are cut, and whatever their text holds."""

import pytest

from common.core.errors import ProviderError
from common.llm import server_events
from common.llm.server_events import data_of_events

SAID = (
    'data: {"a": "one\u2028two\x85three\x0bGrüße 🧠"}\r\n\r\n: still here\n\nevent: x\ndata:b\ndata: c\n\ndata: [DONE]'
)
READ = ['{"a": "one\u2028two\x85three\x0bGrüße 🧠"}', "b\nc", "[DONE]"]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_however_it_is_cut(step: int, ends: str) -> None:
    body = SAID.replace("\r\n", "\n").replace("\n", ends).encode()
    pieces = [body[start : start + step] for start in range(0, len(body), step)]
    assert list(data_of_events(pieces, provider="p")) == READ


def test_an_event_is_told_before_the_next_one_arrives() -> None:
    arrived = iter([b"data: a\n\n", b"data: b\n\n"])
    events = data_of_events(arrived, provider="p")
    assert next(events) == "a"
    assert next(arrived) == b"data: b\n\n"


@pytest.mark.parametrize(
    "piece", [b"x" * 10, b"data: xxxx\n", b"data: " + b"x" * 200 + b"\n"], ids=["line", "event", "one piece"]
)
def test_what_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch, piece: bytes) -> None:
    monkeypatch.setattr(server_events, "_LONGEST_EVENT", 100)
    with pytest.raises(ProviderError):
        list(data_of_events([piece] * 20, provider="p"))
