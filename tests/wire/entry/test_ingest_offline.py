"""`ingest_offline` as the platform calls it: a task over HTTP, through functions-framework."""

from typing import Any

import functions_framework
import pytest
from flask.testing import FlaskClient

from common.conversations.offline.progress import report_job
from common.conversations.offline.receiving import receive
from common.database import claims
from common.models.events import IngestOffline
from local.manifest import ROOT, load
from tests.support.offline import everything, sent, voice

pytestmark = pytest.mark.usefixtures("stores", "counting")

_create_app: Any = functions_framework.create_app  # ships no types


@pytest.fixture
def function() -> FlaskClient:
    described = load().functions["ingest_offline"]
    source = ROOT / "functions" / described.folder / "main.py"
    client: FlaskClient = _create_app(described.entry_point, str(source), described.signature).test_client()
    return client


def test_a_task_has_everything_placed_and_another_one_finds_nothing_to_do(function: FlaskClient, uid: str) -> None:
    job = receive([sent(0, voice(5)), sent(600, voice(5))], uid=uid)
    for _ in range(2):
        assert function.post("/", data=IngestOffline(uid=uid).model_dump_json()).status_code == 200
        assert len(everything(uid)) == 2
    assert report_job(job.id, uid=uid).total_segments == 2


def test_while_somebody_is_at_it_the_task_comes_again(function: FlaskClient, uid: str) -> None:
    claims.acquire(uid=uid, step="ingest_offline", subject="files", run=0, lease_seconds=600)
    assert function.post("/", data=IngestOffline(uid=uid).model_dump_json()).status_code == 503


def test_a_task_that_cannot_be_read_is_not_delivered_again(function: FlaskClient) -> None:
    assert function.post("/", data=b"{}").status_code == 200
