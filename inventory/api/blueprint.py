"""The JSON room: everything below /api/v1, and /v1 which is the same."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import Blueprint, Flask, request

from inventory.api import docs
from inventory.api.cookies import PageSessions
from inventory.api.errors import handle_errors_of_json, handle_lost_addresses
from inventory.api.headers import init_headers
from inventory.api.keys import admit, operation_of, recognise
from inventory.api.limits import count_request
from inventory.api.operation import ATTRIBUTE
from inventory.api.prefix import PREFIX, SHORT
from inventory.api.v1 import (
    adjustments,
    auth,
    categories,
    company,
    counts,
    goods_receipts,
    health,
    images,
    items,
    locations,
    movements,
    purchase_orders,
    purchasing_settings,
    reorder,
    reports,
    reservations,
    stock,
    suppliers,
    transfers,
    units,
)

NOUNS: Final = (
    health,
    auth,
    company,
    units,
    items,
    images,
    categories,
    suppliers,
    locations,
    stock,
    adjustments,
    movements,
    reservations,
    transfers,
    counts,
    purchasing_settings,
    purchase_orders,
    goods_receipts,
    reorder,
    reports,
)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def init_api(app: Flask) -> None:
    """Serve the JSON room."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    api.before_request(_enter)
    handle_errors_of_json(api)
    for noun in NOUNS:
        api.register_blueprint(noun.bp)
    api.register_blueprint(docs.bp)
    app.register_blueprint(api)
    _refuse_undeclared(app)
    init_headers(app)
    app.session_interface = PageSessions()
    handle_lost_addresses(app)
    app.wsgi_app = _lengthened(app.wsgi_app)  # type: ignore[method-assign,assignment]


def _refuse_undeclared(app: Flask) -> None:
    """Let no endpoint start that does not say what it reads and answers."""
    for endpoint, view in app.view_functions.items():
        assert not endpoint.startswith("api.") or hasattr(view, ATTRIBUTE), endpoint


def _enter() -> None:
    """Refuse in the order of the contract: key, rate, company, scope, permission."""
    if not operation_of(str(request.endpoint)).is_public:
        holder = recognise()
        count_request(holder.key_id)
        admit(holder)


def _lengthened(inner: Wsgi) -> Wsgi:
    """Turn /v1/... into /api/v1/... before routing, so that both lead to one handler."""

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == SHORT or path.startswith(f"{SHORT}/"):
            environ["PATH_INFO"] = f"/api{path}"
        return inner(environ, start_response)

    return wsgi
