"""What the document once promised it goes on to promise: the API only grows."""

import copy
from typing import Any

import pytest

from tests.api_caller import ApiCaller
from tests.api_facts import facts_of, golden_facts


def test_nothing_is_taken_back(api: ApiCaller) -> None:
    missing = golden_facts() - facts_of(api.get("/openapi.json").json)

    assert not missing, (
        "callers rely on these; where a change is meant all the same, keep the facts anew with"
        f" `python -m tests.api_facts`: {sorted(missing)[:30]}"
    )


SMALL: dict[str, Any] = {
    "paths": {
        "/units": {
            "post": {
                "parameters": [
                    {
                        "name": "dryRun",
                        "in": "query",
                        "required": False,
                        "schema": {"type": "boolean"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/In"}}
                    },
                },
                "responses": {
                    "201": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Out"}}
                        }
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "In": {
                "type": "object",
                "properties": {
                    "code": {"type": "string", "maxLength": 20},
                    "kind": {"type": "string", "enum": ["whole", "part"]},
                },
                "required": ["code"],
            },
            "Out": {
                "type": "object",
                "properties": {"code": {"type": "string"}, "places": {"type": "integer"}},
                "required": ["code"],
            },
        }
    },
}
IN = ("components", "schemas", "In")
OUT = ("components", "schemas", "Out")
POST = ("paths", "/units", "post")


def changed(steps: tuple[str, ...], change: Any) -> set[str]:
    """Facts missing once the change was made to what the steps lead to."""
    document = copy.deepcopy(SMALL)
    place: Any = document
    for step in steps:
        place = place[step]
    change(place)
    return facts_of(SMALL) - facts_of(document)


@pytest.mark.parametrize(
    ("steps", "change"),
    [
        pytest.param(("paths",), lambda it: it.clear(), id="an endpoint goes"),
        pytest.param(POST, lambda it: it["parameters"].clear(), id="a parameter goes"),
        pytest.param(
            POST, lambda it: it["parameters"][0].update(required=True), id="a parameter is needed"
        ),
        pytest.param(
            (*OUT, "properties"), lambda it: it.pop("places"), id="an answer's field goes"
        ),
        pytest.param((*OUT, "required"), lambda it: it.clear(), id="a field is not always there"),
        pytest.param(
            (*OUT, "properties", "places"), lambda it: it.update(type="string"), id="a type changes"
        ),
        pytest.param((*IN, "properties"), lambda it: it.pop("kind"), id="a body's field goes"),
        pytest.param((*IN, "required"), lambda it: it.append("kind"), id="a field is needed"),
        pytest.param(
            (*IN, "properties", "kind"), lambda it: it["enum"].remove("part"), id="a value goes"
        ),
        pytest.param(
            (*IN, "properties", "code"), lambda it: it.update(maxLength=10), id="a bound tightens"
        ),
        pytest.param((*POST, "responses"), lambda it: it.pop("201"), id="a status goes"),
    ],
)
def test_a_promise_taken_back_is_missed(steps: tuple[str, ...], change: Any) -> None:
    assert changed(steps, change)


@pytest.mark.parametrize(
    ("steps", "change"),
    [
        pytest.param(("paths",), lambda it: it.update({"/bins": {}}), id="an endpoint comes"),
        pytest.param(
            (*OUT, "properties"),
            lambda it: it.update(name={"type": "string"}),
            id="an answer grows",
        ),
        pytest.param((*OUT, "required"), lambda it: it.append("places"), id="a field is sure now"),
        pytest.param(
            (*IN, "properties"), lambda it: it.update(name={"type": "string"}), id="a body grows"
        ),
        pytest.param((*IN, "required"), lambda it: it.clear(), id="a field is no longer needed"),
        pytest.param(
            (*IN, "properties", "kind"), lambda it: it["enum"].append("both"), id="a value comes"
        ),
    ],
)
def test_a_new_promise_takes_none_back(steps: tuple[str, ...], change: Any) -> None:
    assert not changed(steps, change)
