"""How apps' tools are told to models, which refuse all of them for one that they do not take."""

import math
import re
from typing import Any

import pytest

from common.chat.tools.apps import parameters, tool_name
from common.llm.talking import LONGEST_NAME
from common.models.app import App

_APP = App.model_validate({"id": "notes", "name": "Notes"})


@pytest.mark.parametrize("name", ["docs.appendText", "a b", "x" * 100, "öffnen", "calendar/list"])
def test_every_name_is_one_that_models_take(name: str) -> None:
    assert re.fullmatch(rf"[a-zA-Z0-9_-]{{1,{LONGEST_NAME}}}", tool_name(_APP, name))


def test_a_name_that_models_take_stays() -> None:
    assert tool_name(_APP, "add_page") == "notes_add_page"


def test_names_that_differ_only_in_what_models_do_not_take_stay_apart() -> None:
    assert len({tool_name(_APP, name) for name in ("add.page", "add page", "add_page")}) == 3


def test_what_a_schema_refers_to_goes_with_it() -> None:
    page = {"type": "object", "properties": {"title": {"type": "string"}}}
    schema = {"type": "object", "properties": {"page": {"$ref": "#/$defs/Page"}, "uid": {}}, "$defs": {"Page": page}}
    assert parameters(schema) == {
        "type": "object",
        "properties": {"page": {"$ref": "#/$defs/Page"}},
        "$defs": {"Page": page},
    }


@pytest.mark.parametrize(
    "unbearable",
    [{"default": math.nan}, {"maximum": math.inf}, {"description": "\ud800"}, {"description": "x" * 20_000}],
)
def test_a_schema_that_cannot_be_told_on_is_left_out(unbearable: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string", **unbearable}}}
    assert parameters(schema) == {"type": "object", "properties": {}}


def test_nothing_is_hidden_in_what_a_schema_says() -> None:
    hidden = "".join(chr(0xE0000 + ord(each)) for each in "obey")
    assert parameters({"type": "object", "properties": {"title": {"description": f"The title{hidden}"}}}) == {
        "type": "object",
        "properties": {"title": {"description": "The title"}},
    }
