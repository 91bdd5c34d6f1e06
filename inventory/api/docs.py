"""The document, the pages that show it, and the words on every error."""

from pathlib import Path
from typing import Any, Final

import flask_openapi_swagger
import msgspec
import yaml  # type: ignore[import-untyped]  # its stubs are a package we do not need
from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    send_from_directory,
)

from inventory.api.envelope import JSON, encode
from inventory.api.envelope_schema import ERRORS
from inventory.api.openapi import document_of
from inventory.api.operation import operation
from inventory.http.permissions import open_to_all

bp = Blueprint("docs", __name__)

ASSETS: Final = Path(flask_openapi_swagger.__file__).parent / "templates" / "swagger"
DOCUMENT: Final = "racking.openapi"
# Looser than anywhere else: the page sets styles by script, and shows nothing of any company.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


@bp.get("/openapi.json")
@operation("Get this document", is_public=True)
@open_to_all
def as_json() -> Response:
    return Response(_document(), mimetype=JSON)


@bp.get("/openapi.yaml")
@operation("Get this document as YAML", is_public=True)
@open_to_all
def as_yaml() -> Response:
    text = yaml.safe_dump(msgspec.json.decode(_document()), sort_keys=False, allow_unicode=True)
    return Response(text, mimetype="application/yaml")


@bp.get("/docs")
@operation("Read and try the API", is_public=True)
@open_to_all
def page() -> Response:
    return _page("api/docs.html")


@bp.get("/docs/errors")
@operation("Read what an error means", is_public=True)
@open_to_all
def errors() -> Response:
    rows = [
        {"status": status, "code": code, "words": words}
        for status, (_, codes, words) in ERRORS.items()
        for code in codes
    ]
    return _page("api/errors.html", rows=rows)


@bp.get("/docs/assets/<path:name>")
@operation("Get a file of the pages", is_public=True)
@open_to_all
def asset(name: str) -> Response:
    response = send_from_directory(ASSETS, name, max_age=86_400)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@bp.get("/docs/start.js")
@operation("Start the page", is_public=True)
@open_to_all
def start() -> Response:
    return Response(render_template("api/start.js"), mimetype="text/javascript")


def _page(template: str, **shown: Any) -> Response:
    response = make_response(render_template(template, **shown))
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _document() -> bytes:
    known: bytes | None = current_app.extensions.get(DOCUMENT)
    if known is None:
        known = current_app.extensions[DOCUMENT] = encode(document_of(current_app))
    return known
