"""The manifest describes something that can be deployed, or is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from cronsim import CronSim
from pydantic import ValidationError

from common.core import clock
from local import environment
from local.manifest import PATH, ROOT, Manifest, load


def _real() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(PATH.read_text())
    return content


def test_the_real_one_is_valid_and_names_every_folder_of_functions() -> None:
    manifest = load()
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/main.py")}
    assert {function.folder for function in manifest.functions.values()} == folders


def test_everything_it_names_has_a_name_in_the_local_cloud() -> None:
    manifest = load()
    assert set(manifest.buckets) == set(environment.BUCKETS)
    for function in manifest.functions.values():
        if function.trigger.schedule:
            CronSim(function.trigger.schedule.cron, clock.now())


def test_no_two_services_claim_one_path() -> None:
    paths = [
        path for function in load().functions.values() if function.trigger.http for path in function.trigger.http.paths
    ]
    assert len(paths) == len(set(paths))


def test_api_may_do_all_that_the_chat_may_because_it_answers_for_it() -> None:
    api, chat = load().functions["api"], load().functions["chat"]
    assert set(chat.roles) - set(api.roles) == set()
    assert set(chat.secrets) - set(api.secrets) == set()


def _function(**changed: Any) -> dict[str, Any]:
    manifest = _real()
    function = manifest["functions"]["transcribe_upload"]
    function.update(changed)
    for name in [name for name, value in changed.items() if value == "drop"]:
        del function[name]
    return manifest


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"trigger": {}}, id="no trigger"),
        pytest.param({"trigger": {"http": None}}, id="a trigger that is none"),
        pytest.param(
            {"trigger": {"task": {"queue": "conversations"}, "schedule": {"cron": "* * * * *"}}}, id="two triggers"
        ),
        pytest.param({"trigger": {"pigeon": {}}}, id="an unknown kind of trigger"),
        pytest.param({"trigger": {"storage": {"bucket": "nowhere", "event": "finalized"}}}, id="an unknown bucket"),
        pytest.param({"trigger": {"storage": {"bucket": "uploads", "event": "eaten"}}}, id="an unknown event"),
        pytest.param({"trigger": {"task": {"queue": "nowhere"}}}, id="an unknown queue"),
        pytest.param({"trigger": {"http": {"paths": []}}}, id="no path"),
        pytest.param({"trigger": {"http": {"paths": ["v1"]}}}, id="a path without its slash"),
        pytest.param({"retry": False}, id="an event function without retry"),
        pytest.param({"timeout_s": 541}, id="an event function that runs too long"),
        pytest.param({"timeout_s": 0}, id="no time at all"),
        pytest.param({"kind": "service"}, id="a service without HTTP"),
        pytest.param({"kind": "job"}, id="an unknown kind"),
        pytest.param({"folder": "nowhere"}, id="no such folder"),
        pytest.param({"memory": "512"}, id="memory without a unit"),
        pytest.param({"cpu": 0}, id="no CPU"),
        pytest.param({"concurrency": 0}, id="no concurrency"),
        pytest.param({"concurrency": 1001}, id="too much concurrency"),
        pytest.param({"colour": "blue"}, id="an unknown field"),
        pytest.param({"roles": "drop"}, id="no roles"),
        pytest.param({"secrets": "drop"}, id="no secrets"),
        pytest.param({"entry_point": "drop"}, id="no entry point"),
    ],
)
def test_a_function_that_cannot_be_deployed_is_refused(changed: dict[str, Any]) -> None:
    Manifest.model_validate(_function())
    with pytest.raises(ValidationError):
        Manifest.model_validate(_function(**changed))


@pytest.mark.parametrize("name", ["Listen", "9lives", "with-dash", ""])
def test_a_name_the_platform_does_not_take_is_refused(name: str) -> None:
    manifest = _real()
    manifest["functions"][name] = manifest["functions"]["sweep"]
    with pytest.raises(ValidationError):
        Manifest.model_validate(manifest)


def test_a_file_is_read_from_where_it_is(tmp_path: Path) -> None:
    copy = tmp_path / "manifest.yaml"
    copy.write_text(PATH.read_text())
    assert load(copy) == load()


@pytest.mark.parametrize(
    ("name", "signature"),
    [("structure_conversation", "cloudevent"), ("transcribe_upload", "cloudevent"), ("sweep", "http"), ("api", "http")],
)
def test_events_come_as_cloudevents_and_the_rest_as_requests(name: str, signature: str) -> None:
    assert load().functions[name].signature == signature
