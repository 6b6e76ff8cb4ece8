"""What may be handed over, and when it took place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from common.models.external import ExternalSegments, ExternalText

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def _segments(*texts: str, **fields: Any) -> dict[str, Any]:
    said = [{"text": text, "start": n, "end": n + 1} for n, text in enumerate(texts)]
    return {"transcript_segments": said, **fields}


class TestTimes:
    """What is not said follows."""

    def test_a_text_begins_now_and_takes_five_minutes(self) -> None:
        assert ExternalText(text="x").times(NOW) == (NOW, NOW + timedelta(minutes=5))

    def test_an_end_alone_says_when_it_began(self) -> None:
        asked = ExternalText.model_validate({"text": "x", "finished_at": "2026-05-04T12:05:00"})
        assert asked.times(NOW + timedelta(days=9)) == (NOW, NOW + timedelta(minutes=5))

    def test_segments_end_with_their_last_word(self) -> None:
        asked = ExternalSegments.model_validate(_segments("a", "b", "c"))
        assert asked.times(NOW) == (NOW, NOW + timedelta(seconds=3))

    def test_segments_without_times_follow_those_before(self) -> None:
        said: list[dict[str, Any]] = [
            {"start": 2, "end": 5},
            {},
            {"start": 7},
            {"start": None, "end": None},
            {"end": 9},
            {"end": 8},
        ]
        asked = ExternalSegments.model_validate({"transcript_segments": [{"text": "x", **each} for each in said]})
        times = [(each.start, each.end) for each in asked.transcript_segments]
        assert times == [(2, 5), (5, 5), (7, 7), (7, 7), (7, 9), (8, 8)]
        assert asked.times(NOW) == (NOW, NOW + timedelta(seconds=9))

    def test_where_nothing_has_a_time_it_took_the_usual(self) -> None:
        asked = ExternalSegments.model_validate({"transcript_segments": [{"text": "x"}, {"text": "y"}]})
        assert asked.times(NOW) == (NOW, NOW + timedelta(minutes=5))

    def test_a_time_without_a_zone_is_utc(self) -> None:
        assert ExternalText.model_validate({"text": "x", "started_at": "2026-05-04T12:00:00"}).started_at == NOW

    @pytest.mark.parametrize("end", ["started_at", "finished_at"])
    def test_the_ends_of_the_calendar_are_no_error(self, end: str) -> None:
        for moment in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
            begun, ended = ExternalText.model_validate({"text": "x", end: moment}).times(NOW)
            assert begun <= ended


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": " \n"},
        {"text": "x" * 100_001},
        {"text": "x", "text_source": "telepathy"},
        {"text": "x", "started_at": "2026-05-04T12:00:01Z", "finished_at": "2026-05-04T12:00:00Z"},
        {"text": "x", "geolocation": {"latitude": 91, "longitude": 0}},
        {"text": "x", "geolocation": {"latitude": 1, "longitude": 0, "address": "a" * 501}},
    ],
)
def test_a_text_that_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ExternalText.model_validate(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"transcript_segments": []},
        _segments(*["x"] * 501),
        _segments(*["x" * 20_000] * 26),
        {"transcript_segments": [{"text": "x", "start": 2, "end": 1}]},
        {"transcript_segments": [{"text": "x", "start": -1, "end": 1}]},
        {"transcript_segments": [{"text": "x", "start": "2", "end": 3}]},
        {"transcript_segments": [{"start": 0, "end": 1}]},
        {"transcript_segments": [{"text": "x", "start": 0, "end": float("inf")}]},
        {"transcript_segments": [{"id": "a", "text": "x", "start": 0, "end": 1}] * 2},
        _segments("x", source="telephone"),
        _segments("x", client_session_id=""),
    ],
)
def test_segments_that_make_no_sense_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ExternalSegments.model_validate(fields)
