"""Every route says who may use it, or the application does not start."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from flask import Flask

from inventory.domain.actor import Permission

View = TypeVar("View", bound=Callable[..., Any])

ATTRIBUTE: Final = "racking_permission"
# Routes of libraries that show nothing of any company.
FOREIGN: Final = frozenset({"static"})


class UndeclaredRoute(AssertionError):
    """A programming mistake: a route without a declared permission."""


def needs(permission: Permission) -> Callable[[View], View]:
    """Declare what an actor must be allowed to use a route. Stands right above the function."""

    def declare(view: View) -> View:
        setattr(view, ATTRIBUTE, permission)
        return view

    return declare


def open_to_all(view: View) -> View:
    """Declare a route that answers without an actor: health, sign-in, documents."""
    setattr(view, ATTRIBUTE, None)
    return view


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """What the endpoint needs; None means nothing. Raises UndeclaredRoute."""
    if endpoint in FOREIGN:
        return None
    view = app.view_functions[endpoint]
    if not hasattr(view, ATTRIBUTE):
        raise UndeclaredRoute(f"the route {endpoint} declares no permission")
    declared: Permission | None = getattr(view, ATTRIBUTE)
    return declared


def refuse_undeclared_routes(app: Flask) -> None:
    """Raise UndeclaredRoute, naming all of them, unless every route says who may use it."""
    missing = sorted(set(_undeclared(app)))
    if missing:
        raise UndeclaredRoute(f"routes without a permission: {', '.join(missing)}")


def _undeclared(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        try:
            permission_of(app, rule.endpoint)
        except UndeclaredRoute:
            yield rule.endpoint
