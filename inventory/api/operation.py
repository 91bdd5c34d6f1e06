"""An endpoint: reads what its signature names, and is described by what it declares.

    @bp.post("/units")
    @operation("Add a unit", answer=UnitOut, status=HTTPStatus.CREATED)
    @needs(Permission.EDIT_ITEMS)
    def create(body: UnitIn) -> Response:

`query` and `body` are read by the models of their annotations, `file` from a form, everything
else comes from the path. The document is made of the same declaration, so the two cannot disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, get_type_hints

from flask import Response, g, request

from inventory.api.reading import (
    parse,
    read_body_value,
    read_query,
    refuse_unclean_path,
)
from inventory.api.schemas.base import ApiIn, ApiOut
from inventory.api.schemas.query import ApiQuery, ListQuery, WriteQuery
from inventory.api.uploads import Upload, read_upload
from inventory.domain.errors import Invalid, Problem

View = Callable[..., Response]

ATTRIBUTE: Final = "racking_operation"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Operation:
    """What an endpoint reads and answers.

    answer     of its data, None where that is described in words only
    is_list    data is a page of them
    scopes     of which a key needs one; None: derived from method and permission
    is_public  answers without a key, and without the envelope
    content    type of a successful answer
    files      other types of it, where the address asks for them
    is_upload  reads a form with a file in it
    """

    summary: str
    description: str
    status: HTTPStatus
    answer: type[ApiOut] | None
    is_list: bool
    query: type[ApiQuery] | None
    body: type[ApiIn] | None
    scopes: tuple[str, ...] | None
    is_public: bool
    content: str
    is_upload: bool
    files: tuple[str, ...] = ()

    @property
    def needs_body(self) -> bool:
        """Whether a request without any body cannot be right."""
        fields = self.body.model_fields.values() if self.body else ()
        return any(field.is_required() for field in fields)

    def query_for(self, method: str) -> type[ApiQuery] | None:
        """What is read from the address: every change understands dryRun."""
        if method in SAFE:
            return self.query
        asked = self.query or WriteQuery
        assert issubclass(asked, WriteQuery), "a change that ignored dryRun would be kept"
        return asked


def operation(  # noqa: PLR0913  # what there is to declare, by name
    summary: str,
    *,
    answer: type[ApiOut] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    scopes: tuple[str, ...] | None = None,
    is_public: bool = False,
    content: str = "application/json",
    files: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Declare an endpoint. Its docstring, if any, is the description."""

    def declare(view: View) -> View:
        hints = get_type_hints(view)
        query, body = hints.get("query"), hints.get("body")
        declared = Operation(
            summary=summary,
            description=(view.__doc__ or "").strip(),
            status=status,
            answer=answer,
            is_list=query is not None and issubclass(query, ListQuery),
            query=query,
            body=body,
            scopes=scopes,
            is_public=is_public,
            content=content,
            is_upload=hints.get("file") is Upload,
            files=files,
        )

        @wraps(view)
        def read_and_run(**values: Any) -> Response:
            return view(**values, **_read(declared, values))

        setattr(read_and_run, ATTRIBUTE, declared)
        return read_and_run

    return declare


def is_rehearsal() -> bool:
    """Whether the request asked to be tried and undone."""
    return bool(g.get("is_rehearsal", False))


def _read(declared: Operation, path: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the view. Raises Malformed, NotFound, Invalid, in this order."""
    raw = _raw_body(declared) if declared.body else None
    refuse_unclean_path(path)
    read: dict[str, Any] = {}
    problems: list[Problem] = []
    asked = declared.query_for(request.method)
    try:
        if asked:
            read["query"] = read_query(asked)
            g.is_rehearsal = getattr(read["query"], "dry_run", False)
    except Invalid as invalid:
        problems += invalid.problems
    try:
        if declared.body:
            read["body"] = parse(declared.body, raw)
        if declared.is_upload:
            read["file"] = read_upload()
    except Invalid as invalid:
        problems += invalid.problems
    if problems:
        raise Invalid(problems)
    if not declared.query:
        read.pop("query", None)
    return read


def _raw_body(declared: Operation) -> Any:
    """The body's value; one that may be left out altogether counts as empty."""
    if not declared.needs_body and not request.get_data():
        return {}
    return read_body_value()
