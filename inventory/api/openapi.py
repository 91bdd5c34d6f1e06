"""The OpenAPI document, made of the very declarations the endpoints are read by."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec
from flask import Flask
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from inventory import __version__
from inventory.api.envelope_schema import ERROR_RESPONSES, META, PAGINATION, error_responses
from inventory.api.operation import ATTRIBUTE, SAFE, Operation
from inventory.api.prefix import PREFIX
from inventory.api.scopes import scopes_for
from inventory.http.permissions import permission_of

REFS: Final = "#/components/schemas/{model}"
UNLISTED: Final = frozenset({"api.docs"})  # blueprints: the document and its pages
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
UPLOAD: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "isPrimary": {"type": "string", "enum": ["true", "false"]},
                },
                "required": ["file"],
            }
        }
    },
}
DESCRIPTION: Final = """\
Everything the pages do, for programs. Amounts are exact decimals, moments are in UTC, a list is
followed by its `nextCursor`. Every change may be rehearsed with `dryRun=true` and sent again
without harm under the same `Idempotency-Key`."""
HEADERS: Final[dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Any text of yours. Sent again within 72 hours it has no second effect and"
        " gets the first answer.",
        "schema": {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` the object had when it was read; 412 if it has changed since.",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    },
}


def document_of(app: Flask) -> dict[str, Any]:
    """The document of all endpoints."""
    listed = list(_operations(app))
    schemas = _schemas([declared for _, _, declared in listed])
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, declared in listed:
        described = _describe(app, rule, method, declared)
        paths.setdefault(path_of(rule), {})[method.lower()] = described
    _link(paths, schemas)
    tags = sorted({tag for path in paths.values() for one in path.values() for tag in one["tags"]})
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Racking",
            "version": __version__,
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"apiKey": [], "company": []}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {"type": "http", "scheme": "bearer", "description": "inv_live_..."},
                "company": {"type": "apiKey", "in": "header", "name": "X-Company-Id"},
            },
            "parameters": HEADERS,
            "responses": ERROR_RESPONSES,
            "schemas": schemas,
        },
    }


def path_of(rule: Rule) -> str:
    """A route's path as the document writes it: /units/{unitCode}."""
    bare = rule.rule.removeprefix(PREFIX)
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: f"{{{_camel(match[1])}}}", bare)


def _operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if not rule.rule.startswith(f"{PREFIX}/") or rule.endpoint.rpartition(".")[0] in UNLISTED:
            continue
        declared = getattr(app.view_functions[rule.endpoint], ATTRIBUTE)
        for method in METHODS:
            if method in (rule.methods or ()):
                yield rule, method, declared


def _describe(app: Flask, rule: Rule, method: str, declared: Operation) -> dict[str, Any]:
    noun = rule.endpoint.split(".")[-2]
    described: dict[str, Any] = {
        "tags": [noun.replace("_", " ").capitalize()],
        "summary": declared.summary,
        "operationId": _operation_id(app, rule, method),
        "parameters": [*_path_parameters(rule), *_parameters(declared, method)],
        "responses": {
            str(declared.status.value): _success(declared),
            **error_responses(declared, method, has_path=bool(rule.arguments)),
        },
    }
    scopes = scopes_for(declared, permission_of(app, rule.endpoint), method)
    words = f"Needs the scope {' or '.join(f'`{scope}`' for scope in scopes)}." if scopes else ""
    described["description"] = "\n\n".join(filter(None, (declared.description, words)))
    if declared.body:
        described["requestBody"] = {
            "required": declared.needs_body,
            "content": {"application/json": {"schema": _ref(declared.body.__name__)}},
        }
    if declared.is_upload:
        described["requestBody"] = UPLOAD
    if declared.is_public:
        described["security"] = []
    return described


def _operation_id(app: Flask, rule: Rule, method: str) -> str:
    """Names the function; where one function serves two methods, PATCH is the marked one."""
    words = "_".join(rule.endpoint.split(".")[1:])
    rules = app.url_map.iter_rules(rule.endpoint)
    is_second = method == "PATCH" and any("PUT" in (one.methods or ()) for one in rules)
    return _camel(words) + ("Patch" if is_second else "")


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"<(?:\w+:)?(\w+)>", rule.rule):
        yield {
            "name": _camel(name),
            "in": "path",
            "required": True,
            "description": f"The {name.replace('_', ' ')}, as the API gave it.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 300},
        }


def _parameters(declared: Operation, method: str) -> Iterator[dict[str, Any]]:
    if method not in SAFE:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
        if method in {"PUT", "PATCH"}:
            yield {"$ref": "#/components/parameters/IfMatch"}
    asked = declared.query_for(method)
    if asked is None:
        return
    schema = asked.model_json_schema()
    required = schema.get("required", [])
    for name, kind in schema.get("properties", {}).items():
        plain = _plain(kind)
        plain.pop("title", None)
        words = plain.pop("description", "") or f"Narrows by {name}."
        yield {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": words + _other_names(asked, name),
            "schema": plain,
        }


def _plain(kind: dict[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out is not one that may be null."""
    choices = [one for one in kind.get("anyOf", []) if one.get("type") != "null"]
    rest = {key: value for key, value in kind.items() if key != "anyOf"}
    merged = {**(choices[0] if choices else {}), **rest}
    if merged.get("default", 0) is None:
        del merged["default"]
    return merged


def _other_names(asked: Any, name: str) -> str:
    names = [other for other, read_by in asked.names().items() if read_by == name != other]
    return f" Also as {', '.join(f'`{other}`' for other in names)}." if names else ""


def _success(declared: Operation) -> dict[str, Any]:
    data: dict[str, Any] = _ref(declared.answer.__name__) if declared.answer else {}
    if declared.content != "application/json":
        content: Any = {declared.content: {"schema": {"type": "string"}}}
        return {"description": "The file.", "content": content}
    if declared.is_public:
        return {"description": "The answer.", "content": {"application/json": {"schema": data}}}
    properties: dict[str, Any] = {"success": {"const": True}, "data": data, "meta": META}
    if declared.is_list:
        properties["data"] = {"type": "array", "items": data}
        properties["pagination"] = PAGINATION
    envelope = {"type": "object", "properties": properties, "required": list(properties)}
    words = "Added." if declared.status is HTTPStatus.CREATED else "Done."
    contents = {kind: {"schema": {"type": "string"}} for kind in declared.files}
    return {"description": words, "content": {"application/json": {"schema": envelope}, **contents}}


def _schemas(declared: list[Operation]) -> dict[str, Any]:
    bodies = {one.body for one in declared if one.body}
    answers = {one.answer for one in declared if one.answer}
    _, read = models_json_schema(
        [(body, "validation") for body in sorted(bodies, key=lambda one: one.__name__)],
        ref_template=REFS,
    )
    _, written = msgspec.json.schema_components(
        sorted(answers, key=lambda one: one.__name__), ref_template="#/components/schemas/{name}"
    )
    return {name: _tidy(kind) for name, kind in {**read.get("$defs", {}), **written}.items()}


def _tidy(kind: Any) -> Any:
    """Decimals are written as numbers; titles that repeat a field's name are noise."""
    if isinstance(kind, list):
        return [_tidy(one) for one in kind]
    if not isinstance(kind, dict):
        return kind
    if kind.get("format") == "decimal":
        kind = {"type": "number"} | {k: kind[k] for k in kind.keys() - {"type", "format"}}
    return {
        key: _tidy(value)
        for key, value in kind.items()
        if not (key == "title" and isinstance(value, str))
    }


def _link(paths: dict[str, dict[str, Any]], schemas: dict[str, Any]) -> None:
    """Tell what can be done with what was just added: the same path, one step deeper."""
    for path, operations in paths.items():
        added = operations.get("post", {}).get("responses", {}).get("201")
        deeper = [other for other in paths if re.fullmatch(re.escape(path) + r"/\{\w+\}", other)]
        if not added or not deeper:
            continue
        (parameter,) = re.findall(r"\{(\w+)\}$", deeper[0])
        schema = _data_of(added)
        if schema != _data_of(paths[deeper[0]].get("get", {}).get("responses", {}).get("200", {})):
            continue  # what is found there is something else
        fields = schemas.get(schema.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
        known_by = "id" if "id" in fields else "code"
        added["links"] = {
            one["operationId"]: {
                "operationId": one["operationId"],
                "parameters": {parameter: f"$response.body#/data/{known_by}"},
            }
            for one in paths[deeper[0]].values()
        }


def _data_of(response: dict[str, Any]) -> dict[str, Any]:
    enveloped = response.get("content", {}).get("application/json", {}).get("schema", {})
    data: dict[str, Any] = enveloped.get("properties", {}).get("data", {})
    return data


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
