"""Every endpoint there is, as the document describes it: what generated tests go through."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask

from inventory.api.openapi import document_of
from inventory.config import Settings
from inventory.factory import create_app
from tests.inhabited import EXCEPT, IDS


@dataclass(frozen=True)
class Route:
    """One method at one path."""

    method: str
    path: str
    described: Any
    body: Any  # schema of its body, or None
    example: Any  # body as somebody would send it, or None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def is_public(self) -> bool:
        return bool(self.described.get("security") == [])

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
            if "requestBody" in described:
                content = described["requestBody"]["content"]["application/json"]
                schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
                example = (schema.get("examples") or [None])[0]
            yield Route(method.upper(), path, described, schema, example)


ROUTES = all_routes()
WRITES = [route for route in ROUTES if route.writes]
PRIVATE = [route for route in ROUTES if not route.is_public]
