"""A route knows which requests it is for at once, and the rest when somebody asks."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.routing import Match

from common.entry.api.routing import Group, Route, Router


def _router() -> Router:
    router = Router(prefix="/v1/things")

    @router.get("/{thing_id}")
    def read(thing_id: str) -> dict[str, str]:
        return {"id": thing_id}

    @router.delete("/{thing_id}")
    def remove(thing_id: str) -> dict[str, str]:
        return {"id": thing_id}

    return router


def _matched(path: str, *, method: str = "GET") -> tuple[Match, str | None]:
    group = Group(_router())
    match, child = group.matches({"type": "http", "path": path, "method": method, "headers": []})
    return match, child["route"].name if "route" in child else None


def test_what_a_route_takes_and_answers_is_worked_out_when_it_is_first_asked_for() -> None:
    [route, _] = _router().routes
    assert isinstance(route, Route)
    assert (route.path, route.methods) == ("/v1/things/{thing_id}", {"GET"})
    assert "dependant" not in route.__dict__
    assert [each.name for each in route.dependant.path_params] == ["thing_id"]
    assert route.unique_id.endswith("_read")


def test_many_who_ask_at_once_see_it_whole() -> None:
    routes = [route for _ in range(20) for route in _router().routes]
    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(lambda route: route.response_field.name, [each for each in routes for _ in range(8)]))
    assert len(names) == 8 * len(routes)


def test_what_no_route_has_is_missed() -> None:
    [route, _] = _router().routes
    with pytest.raises(AttributeError, match="colour"):
        getattr(route, "colour")  # noqa: B009 - a name that the type checker knows to be wrong


def test_the_route_is_meant_that_answers_the_method() -> None:
    assert _matched("/v1/things/a") == (Match.FULL, "read")
    assert _matched("/v1/things/a", method="DELETE") == (Match.FULL, "remove")
    assert _matched("/v1/things/a", method="PUT") == (Match.PARTIAL, "read")


@pytest.mark.parametrize("path", ["/v1/things", "/v1/other/a", "/v1/things/a/b"])
def test_no_route_is_meant_by_another_path(path: str) -> None:
    assert _matched(path) == (Match.NONE, None)
