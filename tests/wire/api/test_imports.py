"""`/v1/import` over HTTP: an archive of lifelogs becomes conversations, once, and can be taken back."""

import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest

from common.conversations.create import create_from_segments
from common.conversations.importing import lifelogs, run
from common.conversations.importing.run import list_imports
from common.core import clock
from common.database import conversations, import_jobs
from common.models.import_job import ImportJob
from tests.support.making import a_conversation
from tests.wire.api.conftest import ApiAs

PATH = "/v1/import/limitless"
MORNING = "lifelogs/2025/05/2025-05-08_05h46m33s_Morning-talk.md"
SAID = """# Morning talk

## At the table

> [You](#startMs=1746683193000&endMs=1746683195000): Good morning, did you call the landlord?
> [1](#startMs=1746683195500&endMs=1746683198000): Not yet.
>
> I will do it on Friday.
> [1](#startMs=1746683199000&endMs=1746683201000): Promised.
"""


def _zip(**files: Any) -> bytes:
    """An archive of files with these names and contents."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()


def _hand_in(api: httpx.Client, archive: bytes, **query: str) -> httpx.Response:
    return api.post(PATH, params=query, files={"file": ("export.zip", archive, "application/zip")})


def _imported(api: httpx.Client, archive: bytes, **query: str) -> dict[str, Any]:
    answer = _hand_in(api, archive, **query)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_a_lifelog_becomes_a_conversation_where_and_when_it_took_place(api: httpx.Client) -> None:
    report = _imported(
        api, _zip(**{MORNING: SAID, "lifelogs/empty.md": "# Nothing\n", "audio/x.ogg": b"x"}), language="de"
    )
    assert report == {
        "job_id": report["job_id"],
        "status": "completed",
        "source_type": "limitless",
        "total_files": 2,
        "processed_files": 2,
        "conversations_created": 1,
        "conversations_skipped": 1,
        "created_at": report["created_at"],
        "error": None,
    }
    [listed] = api.get("/v1/conversations", params={"statuses": "processing,completed"}).json()
    assert (listed["source"], listed["language"], listed["status"]) == ("limitless", "de", "processing")
    assert listed["created_at"] == listed["started_at"] == "2025-05-08T05:46:33Z"
    assert listed["finished_at"] == "2025-05-08T05:46:41Z"
    segments = [(each["text"], each["is_user"], each["start"], each["end"]) for each in listed["transcript_segments"]]
    assert segments == [
        ("Good morning, did you call the landlord?", True, 0.0, 2.0),
        ("Not yet. I will do it on Friday. Promised.", False, 2.5, 8.0),
    ]
    assert [job["job_id"] for job in api.get("/v1/import/jobs").json()] == [report["job_id"]]


def test_how_far_an_import_is_is_told_while_it_goes_on(
    api: httpx.Client, uid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_TOLD_EVERY_S", 0.0)
    monkeypatch.setattr(run, "_GROUP", 1)
    seen: list[tuple[str, int, int]] = []

    def look_and_create(*args: Any, **named: Any) -> Any:
        [job] = list_imports(uid=uid, limit=1)
        seen.append((job.status, job.processed_files, job.total_files))
        return create_from_segments(*args, **named)

    monkeypatch.setattr(run, "create_from_segments", look_and_create)
    files = {f"{number}.md": SAID.replace("17466831", f"1746684{number}") for number in range(3)}
    report = _imported(api, _zip(**files))
    assert seen == [("processing", 0, 3), ("processing", 1, 3), ("processing", 2, 3)]
    assert (report["processed_files"], report["total_files"]) == (3, 3)


def test_the_same_again_and_what_was_deleted_is_passed_over(api: httpx.Client) -> None:
    archive = _zip(**{MORNING: SAID})
    _imported(api, archive)
    again = _imported(api, archive)
    assert (again["conversations_created"], again["conversations_skipped"]) == (0, 1)
    [listed] = api.get("/v1/conversations").json()
    assert api.delete(f"/v1/conversations/{listed['id']}").status_code == 204
    assert _imported(api, archive)["conversations_created"] == 0
    assert api.get("/v1/conversations").json() == []


def test_all_that_was_imported_can_be_deleted_and_nothing_else(api: httpx.Client, api_as: ApiAs, uid: str) -> None:
    other = api_as(f"{uid}-2")
    for client in (api, other):
        _imported(client, _zip(**{MORNING: SAID, "b.md": SAID.replace("17466831", "17466840")}))
    for conversation_id, source in (("recorded", "limitless"), ("else", "omi")):
        conversations.create(a_conversation(id=conversation_id, source=source, status="completed"), uid=uid)
    assert api.delete(f"{PATH}/conversations").json() == {"deleted_count": 2}
    assert {each["id"] for each in api.get("/v1/conversations").json()} == {"recorded", "else"}
    assert len(other.get("/v1/conversations").json()) == 2
    assert api.delete(f"{PATH}/conversations").json() == {"deleted_count": 0}
    assert len(other.get("/v1/import/jobs").json()) == 1


@pytest.mark.parametrize(
    "archive",
    [b"", b"no archive", _zip(**{"a.txt": "x"}), _zip(**{MORNING: SAID})[:-30]],
    ids=["empty", "text", "no lifelogs", "cut off"],
)
def test_what_is_no_export_is_refused_and_said_so_in_the_list(api: httpx.Client, archive: bytes) -> None:
    answer = _hand_in(api, archive)
    assert (answer.status_code, bool(answer.json()["detail"])) == (422, True)
    [job] = api.get("/v1/import/jobs").json()
    assert (job["status"], job["error"]) == ("failed", answer.json()["detail"])
    assert api.get("/v1/conversations").json() == []


def test_an_archive_that_unfolds_without_end_is_too_large(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _hand_in(api, _zip(**{MORNING: b"x" * (lifelogs.LARGEST_FILE + 1)})).status_code == 413
    monkeypatch.setattr(lifelogs, "MOST_FILES", 1)
    assert _hand_in(api, _zip(**{MORNING: SAID, "b.md": SAID})).status_code == 413


def test_who_lost_the_instance_in_the_middle_is_told_so(api: httpx.Client, uid: str) -> None:
    for number, age in enumerate((timedelta(minutes=5), timedelta(hours=1))):
        import_jobs.of(uid=uid).put(ImportJob(id=f"j{number}", created_at=clock.now() - age))
    assert [job["status"] for job in api.get("/v1/import/jobs").json()] == ["processing", "failed"]


@pytest.mark.parametrize(
    "content",
    ["> [1](#startMs=999999999999999&endMs=1): far away", "> [1](#startMs=0&endMs=0): nowhen", "> [1](#startMs=x): x"],
)
def test_what_took_place_at_no_time_is_passed_over_unless_the_file_says_when(api: httpx.Client, content: str) -> None:
    assert _imported(api, _zip(**{"a.md": content}))["conversations_created"] == 0


def test_without_times_the_file_s_name_says_when(api: httpx.Client) -> None:
    _imported(api, _zip(**{MORNING: "> [1](#startMs=0&endMs=0): Hello there"}))
    [listed] = api.get("/v1/conversations").json()
    assert listed["started_at"] == "2025-05-08T05:46:33Z"


def test_many_lifelogs_are_counted_each_and_found_again(api: httpx.Client) -> None:
    files = {f"lifelogs/{number}.md": SAID.replace("1746683", f"{1746683 + number}") for number in range(150)}
    archive = _zip(**files, **{"nothing.md": "# Nothing"})
    report = _imported(api, archive)
    assert (report["total_files"], report["conversations_created"], report["conversations_skipped"]) == (151, 150, 1)
    assert api.get("/v1/conversations/count").json() == {"count": 150}
    assert _imported(api, archive)["conversations_skipped"] == 151
    assert api.delete(f"{PATH}/conversations").json() == {"deleted_count": 150}


def test_a_long_lifelog_is_several_conversations_and_loses_no_word(api: httpx.Client) -> None:
    lines = [
        f"> [{number % 2}](#startMs={began}&endMs={began + 900}): word{number}"
        for number, began in enumerate(range(1746683193000, 1746683313000, 1000))
    ]
    assert _imported(api, _zip(**{MORNING: "\n".join(lines)}))["conversations_created"] == 3
    listed = api.get("/v1/conversations").json()
    said = [s["text"] for each in sorted(listed, key=lambda c: c["started_at"]) for s in each["transcript_segments"]]
    assert said == [f"word{number}" for number in range(120)]
