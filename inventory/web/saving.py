"""Saving a plain form: done once, or shown again with what speaks against it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.domain.errors import Duplicate, Invalid, NotFound, RuleBroken, StaleVersion
from inventory.web import htmx
from inventory.web.forms.settings import SettingsForm
from inventory.web.writing import write_once


def save(
    form: SettingsForm, work: Callable[[Session], Any], *, there: str, told: str
) -> AnyResponse | HTTPStatus:
    """Do the work and go there, or give the status with which the form is shown again.

    work  changes what the form says; sent twice, it is done once
    """

    def make(session: Session) -> Response:
        work(session)
        return htmx.moved(there, htmx.Toast(told))  # type: ignore[return-value]  # a redirect is one

    if not form.validate():
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        return write_once(make)
    except Invalid as refusal:
        form.take(refusal)
    except Duplicate as refusal:
        form.take_at(str(refusal.facts["field"]), str(refusal))
    except NotFound as refusal:
        if refusal.field == "id":
            raise
        form.take_at(refusal.field, "It is not there any more: choose another.")
    except RuleBroken as refusal:
        form.complain(str(refusal))
    except StaleVersion as refusal:
        form.complain("Somebody else changed this meanwhile. Save again to keep what you see here.")
        form.meet(int(refusal.facts["currentVersion"]))
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY
