"""Laws that hold for every endpoint there is and will be."""

from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from inventory.api.prefix import PREFIX
from inventory.domain.actor import SCOPES
from tests.api_caller import ApiCaller
from tests.api_routes import PRIVATE, ROUTES, WRITES, Route, places, with_value
from tests.database_digest import database_digest
from tests.inhabited import IDS, inhabited_caller

EVERY = pytest.mark.parametrize("route", PRIVATE, ids=str)
EVERY_WRITE = pytest.mark.parametrize("route", WRITES, ids=str)
WITH_BODY = [one for one in WRITES if one.body is not None]
EVERY_BODY = pytest.mark.parametrize("route", WITH_BODY, ids=str)

# Bodies nobody should send: (bytes, content type, status).
JSON = "application/json"
BAD_BODIES: dict[str, tuple[bytes, str, int]] = {
    "no type": (b"{}", "", 400),
    "a form": (b"a=1", "application/x-www-form-urlencoded", 400),
    "text": (b"{}", "text/plain", 400),
    "a likeness of JSON": (b"{}", "application/jsonx", 400),
    "Latin-1": (b"{}", "application/json; charset=latin-1", 400),
    "nothing": (b" ", JSON, 400),
    "half": (b'{"a":', JSON, 400),
    "a list": (b"[]", JSON, 400),
    "a text": (b'"a"', JSON, 400),
    "null": (b"null", JSON, 400),
    "a number": (b"1", JSON, 400),
    "NaN": (b'{"a": NaN}', JSON, 400),
    "infinity": (b'{"a": 1e400}', JSON, 400),
    "endless number": (b'{"a": ' + b"1" * 5000 + b"}", JSON, 400),
    "twice the same key": (b'{"a": 1, "a": 2}', JSON, 400),
    "deep": (b'{"a": ' + b"[" * 100_000, JSON, 400),
    "byte order mark": (b"\xef\xbb\xbf{}", JSON, 400),
    "UTF-16": ("{}".encode("utf-16"), JSON, 400),
    "NUL": (b'{"a": "\\u0000"}', JSON, 400),
    "lone surrogate": (b'{"a": "\\ud800"}', JSON, 400),
    "noncharacter": (b'{"a": "\\uffff"}', JSON, 400),
    "too large": (b'{"a": "' + b"x" * 1_000_001 + b'"}', JSON, 413),
}
# Values that fit no field, or only some.
BAD_VALUES: tuple[Any, ...] = (
    [],
    {},
    "",
    " ",
    "x" * 100_000,
    "\u202e\u200b",
    "' OR 1=1 --",
    "%_\\",
    "../../etc/passwd",
    -1,
    0,
    10**39,
    10**14,
    -(10**14),
    0.1234567,
    True,
    None,
    [None],
    [{}],
    [[]],
    {"id": "x"},
    ["x"] * 2000,
)
# The few of them that are tried at every depth.
WORST_VALUES: tuple[Any, ...] = (None, [], {}, "", "x" * 5000, -1, 10**39, 10**14, 0.1234567, True)


@pytest.fixture(scope="module")
def api(app: Flask) -> ApiCaller:
    return inhabited_caller(app)


def test_the_document_is_valid_and_lists_every_route(app: Flask, api: ApiCaller) -> None:
    document = api.get("/openapi.json").json
    routes = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{PREFIX}/") and not rule.endpoint.startswith("api.docs.")
    }

    validate(document)
    assert len(document["paths"]) == len(routes)
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_it_is_described_in_full(route: Route) -> None:
    described = route.described

    assert described["summary"]
    assert described["tags"]
    assert all(one.get("description") or "$ref" in one for one in described["parameters"])
    if not route.is_public:
        assert {"401", "403", "422", "429"} <= described["responses"].keys()
    if route.body:
        assert route.example is not None, "a body needs an example (schemas.base.example)"
        assert "409" in described["responses"]


@EVERY
def test_its_path_names_something_that_exists(route: Route) -> None:
    assert set(route.parameters) <= IDS.keys(), "add one to tests/inhabited.py"


@EVERY
def test_it_answers_nobody_without_a_key(api: ApiCaller, route: Route) -> None:
    for headers in (
        {"Authorization": None},
        {"Authorization": "Basic YTpi"},
        {"Authorization": f"Bearer {api.key[:-1]}"},
        {"Authorization": api.key},
        {"Authorization": None, "Cookie": "session=x"},
    ):
        answer = api(route.method, route.address(), json=route.example, headers=headers)

        assert answer.status_code == 401
        assert answer.json["error"]["details"][0]["code"] == "INVALID_API_KEY"
        assert "X-Request-ID" in answer.headers


@EVERY
def test_it_wants_the_company_of_the_key(api: ApiCaller, route: Route) -> None:
    answers = [
        api(route.method, route.address(), json=route.example, headers={"X-Company-Id": value})
        for value in (None, "", "company_nobody", "company_nobody, " + api.company_id)
    ]

    assert {one.status_code for one in answers} == {422}
    assert {one.json["error"]["code"] for one in answers} == {"INVALID_COMPANY"}
    assert len({one.json["error"]["message"] for one in answers}) == 1


@EVERY_WRITE
def test_a_key_that_may_read_cannot_write(api: ApiCaller, route: Route) -> None:
    reader = api.with_key(scopes=("read:inventory",))

    answer = reader(route.method, route.address(), data=b"not even JSON")

    assert answer.status_code == 403
    (detail,) = answer.json["error"]["details"]
    assert detail["required_scope"] in {"write:inventory", "admin"}
    assert detail["current_scopes"] == ["read:inventory"]


@EVERY_WRITE
def test_a_viewer_cannot_write(api: ApiCaller, route: Route) -> None:
    viewer = api.with_key(roles=("viewer",))

    answer = viewer(route.method, route.address(), json=route.example)

    assert answer.status_code == 403


@EVERY
def test_its_example_does_what_it_says(app: Flask, api: ApiCaller, route: Route) -> None:
    dry = "?dryRun=true" if route.writes else ""
    before = database_digest(app)

    answer = api(route.method, route.address(**api.known) + dry, **route.sent())

    assert answer.status_code < 300, answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert database_digest(app) == before
    if route.writes:
        assert answer.json["meta"]["dryRun"] is True
    else:
        assert answer.status_code == 200


@EVERY_BODY
def test_it_bears_bad_bodies(app: Flask, api: ApiCaller, route: Route) -> None:
    before = database_digest(app)

    for name, (raw, kind, status) in BAD_BODIES.items():
        answer = api(route.method, route.address(), data=raw, content_type=kind)

        assert answer.status_code == status, name
        assert answer.json["success"] is False

    assert database_digest(app) == before


@EVERY_BODY
def test_it_bears_bad_fields(app: Flask, api: ApiCaller, route: Route) -> None:
    before = database_digest(app)
    fields = [((field,), BAD_VALUES) for field in route.body.get("properties", {})]
    inner = [(place, WORST_VALUES) for place in places(route.example) if len(place) > 1]

    for place, values in [*fields, *inner]:
        for value in values:
            body = with_value(route.example, place, value)
            answer = api(route.method, f"{route.address()}?dryRun=true", json=body)

            assert answer.status_code < 500, (place, value, answer.json)
            if answer.status_code >= 300:
                assert answer.json["success"] is False

    assert database_digest(app) == before


@EVERY
def test_it_bears_bad_parameters(app: Flask, api: ApiCaller, route: Route) -> None:
    before = database_digest(app)
    dry = "dryRun=true" if route.writes else "x=1"

    for name, schema in [*route.query(), ("unknown", {})]:
        for value in (
            "%00",
            "%F0%90%8D",
            "a%0Ab",
            "-1",
            "1_0",
            "%EF%BC%91",
            "1e9",
            "%27",
            "%25_",
            "x" * 5000,
        ):
            address = f"{route.address()}?{dry}&{name}={value}"
            answer = api(route.method, address, **route.sent())

            assert answer.status_code < 500, (name, value, answer.json)
            if schema.get("type") in {"integer", "number", "boolean"} and value != "-1":
                assert answer.status_code == 422, (name, value)
        twice = api(route.method, f"{route.address()}?{dry}&{name}=1&{name}=2", **route.sent())
        assert twice.status_code == (422 if schema else twice.status_code)

    assert database_digest(app) == before


@EVERY
def test_it_bears_bad_paths(api: ApiCaller, route: Route) -> None:
    for parameter in route.parameters:
        for value in ("%00", "%ED%A0%80", "%0A", "x" * 2000, "%25", "..%2F..", "'", "%E2%80%AE"):
            answer = api(route.method, route.address(**{parameter: value}), **route.sent())

            assert answer.status_code in {404, 405}, (value, answer.json)
            assert answer.json["success"] is False


@EVERY
def test_it_refuses_other_methods_as_json(api: ApiCaller, route: Route) -> None:
    answer = api("PROPFIND", route.address())

    assert answer.status_code == 405
    assert answer.json["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert route.method in answer.headers["Allow"]


@pytest.mark.parametrize("scope", SCOPES)
def test_any_key_may_ask_whose_it_is(api: ApiCaller, scope: str) -> None:
    caller = api.with_key(scopes=(scope,))

    answers = [caller.get(path) for path in ("/company", "/auth/verify")]

    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json["data"]["id"] == api.company_id
