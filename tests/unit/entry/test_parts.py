"""The REST surface in parts: whatever path is asked for first, its part is there, and no other."""

import asyncio

import httpx
import pytest
from fastapi.routing import APIRoute

from common.entry.api.app import create_app
from common.entry.api.parts import Application, Part
from common.entry.api.surface import PARTS

NUMBERS = range(len(PARTS))
ASKED = ("/v3/memories", "/v1/mcp/keys")


def routes_of(part: Part) -> list[APIRoute]:
    return [route for router in part.routers() for route in router.routes if isinstance(route, APIRoute)]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_path_of_a_part_begins_as_it_says_and_as_no_other_part_does(number: int) -> None:
    for route in routes_of(PARTS[number]):
        fixed = route.path.partition("{")[0]
        # What stands in a place of the path may look like anything, so no beginning may lie beyond what is fixed.
        led = [each for each in NUMBERS if any(fixed.startswith(begin) for begin in PARTS[each].beginnings)]
        assert led == [number], route.path
        beyond = [begin for part in PARTS for begin in part.beginnings if begin != fixed and begin.startswith(fixed)]
        assert "{" not in route.path or not set(beyond) - set(PARTS[number].beginnings), route.path


@pytest.mark.parametrize("number", NUMBERS)
def test_no_beginning_leads_nowhere(number: int) -> None:
    paths = [route.path for route in routes_of(PARTS[number])]
    assert [begin for begin in PARTS[number].beginnings if not any(path.startswith(begin) for path in paths)] == []


def test_only_the_part_that_is_asked_for_is_loaded() -> None:
    application = create_app(PARTS)
    at_first = len(application.served)
    assert asked(application, "/v1/health") == [200]
    assert asked(application, "/v1/nothing/of/ours") == [404]
    assert len(application.served) == at_first
    assert asked(application, "/v1/dev/keys") == [401]
    [developer] = [part for part in PARTS if "/v1/dev/keys" in part.beginnings]
    assert len(application.served) == at_first + len(routes_of(developer))


def test_many_who_come_first_at_the_same_time_are_all_answered() -> None:
    application = create_app(PARTS)
    at_first = len(application.served)
    assert set(asked(application, *[*ASKED, "/v1/action-items"] * 5)) == {401}
    facts, developer = (next(part for part in PARTS if begin in part.beginnings) for begin in ASKED)
    assert len(application.served) == at_first + len(routes_of(facts)) + len(routes_of(developer))


def test_another_method_is_told_those_of_a_part_that_was_just_loaded() -> None:
    application = create_app(PARTS)
    [answer] = answers(application, "/v1/oauth/token")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


def test_the_description_of_a_fresh_instance_has_everything() -> None:
    application = create_app(PARTS)
    [answer] = answers(application, "/openapi.json")
    described = set(answer.json()["paths"])
    assert {_plain(route.path) for part in PARTS for route in routes_of(part) if route.include_in_schema} <= described


def _plain(path: str) -> str:
    return path.replace(":path}", "}")


def asked(application: Application, *paths: str) -> list[int]:
    return [answer.status_code for answer in answers(application, *paths)]


def answers(application: Application, *paths: str) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        inside = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=inside, base_url="http://here") as client:
            return await asyncio.gather(*(client.get(path) for path in paths))

    return asyncio.run(ask())
