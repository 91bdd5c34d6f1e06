"""Another company's id is as good as one that nobody has, wherever a request may name it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.api_caller import ApiCaller
from tests.api_routes import PRIVATE, Route, places, value_at, with_value
from tests.database_digest import database_digest
from tests.inhabited import IDS, NOBODYS, THEIRS, inhabited_caller

KNOWN = set(IDS.values())
# Nothing of one part hinders another: each is answered for, and the one that fails is refused.
PART_BY_PART = {("POST", "/inventory/counts/{countId}/scans")}


@pytest.fixture(scope="module")
def ours(app: Flask) -> ApiCaller:
    inhabited_caller(app, THEIRS)
    return inhabited_caller(app)


def told(answer: Any, ending: str) -> tuple[int, Any]:
    """What an answer says, but for the id that was asked and the request's own marks."""
    text = answer.get_data(as_text=True).replace(ending, "")
    said = json.loads(text)
    said.pop("meta", None)
    error = said.get("error", {})
    for own in ("requestId", "timestamp"):
        error.pop(own, None)
    return answer.status_code, said


def ways_to_name(route: Route, ending: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every way to name one thing of others: what is tried, address, what is sent."""
    dry = "dryRun=true" if route.writes else "limit=200"
    for parameter in route.parameters:
        path = route.address(**{parameter: IDS[parameter] + ending})
        yield f"path {parameter}", f"{path}?{dry}", route.sent()
    for name, schema in route.query():
        if schema.get("type") == "string" and "enum" not in schema and name != "cursor":
            for known in sorted(KNOWN):
                address = f"{route.address()}?{dry}&{name}={known}{ending}"
                yield f"query {name}={known}", address, route.sent()
    if route.example is not None:
        for place in places(route.example):
            known = value_at(route.example, place)
            if not isinstance(known, str) or known not in KNOWN:
                continue
            body = with_value(route.example, place, known + ending)
            yield f"body {place}", f"{route.address()}?{dry}", {"json": body}


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_what_is_theirs_is_unknown(app: Flask, ours: ApiCaller, route: Route) -> None:
    before = database_digest(app)

    pairs = zip(ways_to_name(route, THEIRS), ways_to_name(route, NOBODYS), strict=True)
    for (what, theirs, sent), (_, nobodys, other_sent) in pairs:
        first = told(ours(route.method, theirs, **sent), THEIRS)
        second = told(ours(route.method, nobodys, **other_sent), NOBODYS)

        assert first == second, what
        if what.startswith("body") and (route.method, route.path) in PART_BY_PART:
            assert "refused" in json.dumps(first[1]), (what, first)
        elif not what.startswith("query"):
            assert first[0] == 404, (what, first)

    assert database_digest(app) == before


@pytest.mark.parametrize("route", [one for one in PRIVATE if not one.writes], ids=str)
def test_nothing_of_theirs_is_shown(ours: ApiCaller, route: Route) -> None:
    answer = ours.get(route.address(**ours.known))

    assert answer.status_code == 200
    assert THEIRS.encode() not in answer.get_data()
