"""Another company's id is as good as one that nobody has, wherever a request may name it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.api_caller import ApiCaller
from tests.api_routes import PRIVATE, Route
from tests.database_digest import database_digest
from tests.inhabited import IDS, NOBODYS, THEIRS, inhabited_caller

KNOWN = set(IDS.values())


@pytest.fixture(scope="module")
def ours(app: Flask) -> ApiCaller:
    inhabited_caller(app, THEIRS)
    return inhabited_caller(app)


def places_of_ids(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Where a body names something: paths and ids."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body)
    for key, value in pairs:
        if isinstance(value, dict | list):
            yield from places_of_ids(value, (*path, key))
        elif value in KNOWN:
            yield (*path, key), value


def with_id(body: Any, path: tuple[Any, ...], value: str) -> Any:
    copied = json.loads(json.dumps(body))
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copied


def told(answer: Any, ending: str) -> tuple[int, Any]:
    """What an answer says, but for the id that was asked and the request's own marks."""
    text = answer.get_data(as_text=True).replace(ending, "")
    said = json.loads(text)
    said.pop("meta", None)
    error = said.get("error", {})
    for own in ("requestId", "timestamp"):
        error.pop(own, None)
    return answer.status_code, said


def ways_to_name(route: Route, ending: str) -> Iterator[tuple[str, str, Any]]:
    """Every way to name one thing of others: what is tried, address, body."""
    dry = "dryRun=true" if route.writes else "limit=200"
    for parameter in route.parameters:
        path = route.address(**{parameter: IDS[parameter] + ending})
        yield f"path {parameter}", f"{path}?{dry}", route.example
    for name, schema in route.query():
        if schema.get("type") == "string" and "enum" not in schema and name != "cursor":
            for known in sorted(KNOWN):
                address = f"{route.address()}?{dry}&{name}={known}{ending}"
                yield f"query {name}={known}", address, route.example
    if route.example is not None:
        for place, known in places_of_ids(route.example):
            body = with_id(route.example, place, known + ending)
            yield f"body {place}", f"{route.address()}?{dry}", body


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_what_is_theirs_is_unknown(app: Flask, ours: ApiCaller, route: Route) -> None:
    before = database_digest(app)

    pairs = zip(ways_to_name(route, THEIRS), ways_to_name(route, NOBODYS), strict=True)
    for (what, theirs, body), (_, nobodys, other_body) in pairs:
        first = told(ours(route.method, theirs, json=body), THEIRS)
        second = told(ours(route.method, nobodys, json=other_body), NOBODYS)

        assert first == second, what
        if not what.startswith("query"):
            assert first[0] == 404, (what, first)

    assert database_digest(app) == before


@pytest.mark.parametrize("route", [one for one in PRIVATE if not one.writes], ids=str)
def test_nothing_of_theirs_is_shown(ours: ApiCaller, route: Route) -> None:
    answer = ours.get(route.address(**ours.known))

    assert answer.status_code == 200
    assert THEIRS not in answer.get_data(as_text=True)
