"""Commands of the operator: who they act for, and how they fail."""

import logging
from typing import Any, Final

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from inventory.domain.actor import ROLES, Actor
from inventory.domain.errors import Refusal
from inventory.domain.users import ADMIN
from inventory.queries.companies import get_company, terms_of

log = logging.getLogger(__name__)

NOBODY: Final = 0  # the operator is no user of the installation


class OperatorCommand(click.Command):
    """A command that fails with one clear line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; what is refused, or a database that does not answer, is told in a line."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except SQLAlchemyError as error:
            log.debug("the database failed", exc_info=error)
            raise click.ClickException(_in_a_line(error)) from error


def _in_a_line(error: SQLAlchemyError) -> str:
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "no such table" in reason or "does not exist" in reason:
        return f"The database has no schema yet: run upgrade-db first ({reason})."
    return f"The database does not answer: {reason}"


def operator_of(session: Session, company_id: str) -> Actor:
    """The operator as an actor who may do everything in the company. Raises NotFound."""
    return Actor(
        user_id=NOBODY,
        user_public_id="",
        name="Operator",
        company=terms_of(get_company(session, company_id)),
        roles=(ADMIN,),
        permissions=ROLES[ADMIN],
        source="cli",
    )
