"""Every endpoint there is, as the document describes it: what generated tests go through."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask

from inventory.api.openapi import document_of
from inventory.config import Settings
from inventory.factory import create_app
from tests.inhabited import A_PICTURE, EXCEPT, IDS


@dataclass(frozen=True)
class Route:
    """One method at one path."""

    method: str
    path: str
    described: Any
    body: Any  # schema of its body, or None
    example: Any  # body as somebody would send it, or None
    is_upload: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def is_public(self) -> bool:
        return bool(self.described.get("security") == [])

    def sent(self) -> dict[str, Any]:
        """What somebody would send, as arguments of a caller."""
        if self.is_upload:
            return {"data": {"file": (BytesIO(A_PICTURE), "widget.png")}}
        return {"json": self.example}

    @property
    def parameters(self) -> list[str]:
        """Names in the path."""
        return re.findall(r"\{(\w+)\}", self.path)

    def query(self) -> Iterator[tuple[str, Any]]:
        """Names and schemas of the parameters behind the question mark."""
        for one in self.described["parameters"]:
            if one.get("in") == "query":
                yield one["name"], one["schema"]

    def address(self, **ids: str) -> str:
        """The path with ids in it: those that exist, unless others are given."""
        known = {**IDS, **EXCEPT.get((self.method, self.path), {}), **ids}
        return re.sub(r"\{(\w+)\}", lambda match: known[match[1]], self.path)


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body, as the steps that lead there."""
    for key, value in body.items() if isinstance(body, dict) else enumerate(body):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def value_at(body: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        body = body[step]
    return body


def with_value(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The body with another value at that place."""
    copied = json.loads(json.dumps(body))
    value_at(copied, place[:-1])[place[-1]] = value
    return copied


def all_routes() -> list[Route]:
    """Every endpoint, from the route list of an application that nobody calls."""
    app = create_app(Settings(database_url="sqlite:////nowhere/routes.db", secret_key="routes"))
    return list(routes_of(app))


def routes_of(app: Flask) -> Iterator[Route]:
    document = document_of(app)
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, described in operations.items():
            schema = example = None
            contents = described.get("requestBody", {}).get("content", {})
            if content := contents.get("application/json"):
                schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
                example = (schema.get("examples") or [None])[0]
            is_upload = "multipart/form-data" in contents
            yield Route(method.upper(), path, described, schema, example, is_upload)


ROUTES = all_routes()
WRITES = [route for route in ROUTES if route.writes]
PRIVATE = [route for route in ROUTES if not route.is_public]
