"""What counts as success: completed, found and, of the bundled recording, understood."""

import dataclasses
import json
from typing import Any

import pytest

from local.demo.report import Caption, Report, Search, Upload

CONVERSATION: dict[str, Any] = {"id": "c1", "status": "completed", "discarded": False, "failure": None}
UPLOAD = Upload(object="gs://b/u/n", conversation_id="c2", status="completed", title="T", wer=0.1)


def report(*, bundled: bool = True, **fields: Any) -> Report:
    given: dict[str, Any] = {
        "conversation": CONVERSATION,
        "wer": 0.1,
        "search": Search("a question", 1, 4),
        "upload": UPLOAD,
    }
    return Report(
        file="f", seconds=1.0, packets=50, speed=2.0, bundled=bundled, models={"speech": "m"}, **{**given, **fields}
    )


def test_a_conversation_that_was_completed_and_found_is_a_success() -> None:
    assert report().problems == []
    assert report().to_json()["ok"] is True


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"conversation": None, "search": None}, "no conversation"),
        ({"conversation": {**CONVERSATION, "status": "processing"}}, "not in time"),
        ({"conversation": {**CONVERSATION, "status": "failed", "failure": {"reason": "no model"}}}, "no model"),
        ({"conversation": {**CONVERSATION, "discarded": True, "relevance": {"reason": "filler_only"}}}, "filler_only"),
        ({"search": Search("a question", None, 3)}, "did not find"),
        ({"wer": 0.26}, "live is 0.26"),
        ({"upload": dataclasses.replace(UPLOAD, wer=0.5)}, "as a file is 0.50"),
        ({"upload": dataclasses.replace(UPLOAD, status="failed", wer=None)}, "uploaded file is failed"),
    ],
)
def test_whatever_is_missing_is_named_in_one_problem(fields: dict[str, Any], says: str) -> None:
    [problem] = report(**fields).problems
    assert says in problem
    assert report(**fields).to_json()["ok"] is False


def test_of_somebodys_own_recording_the_word_error_rate_is_told_and_not_judged() -> None:
    own = report(bundled=False, wer=0.9)
    assert own.problems == []
    assert own.to_json()["wer"] == 0.9


def test_a_report_is_json_with_every_caption_in_it() -> None:
    spoken = Caption(text="héllo", speaker="SPEAKER_00", start=0.5, end=1.0, at_s=2.0, delay_s=1.0)
    read = json.loads(json.dumps(report(captions=[spoken]).to_json()))
    assert read["captions"] == [dataclasses.asdict(spoken)]
    assert read["search"] == {"question": "a question", "place": 1, "hits": 4}
