"""Finding what a request names by its public id, and keeping such ids unique."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import Duplicate, NotFound, StaleVersion


def find_named(
    session: Session, actor: Actor, model: Any, public_id: str | None, field: str = "id"
) -> Any:
    """The row a request names, or None when it names none.

    field  the path in the request, for the refusal

    Raises NotFound.
    """
    if not public_id:
        return None
    found = session.scalar(
        select(model).where(model.company_id == actor.company.id, model.public_id == public_id)
    )
    if found is None:
        raise NotFound(model.__name__.lower(), public_id, field=field)
    return found


def lock_named(
    session: Session, actor: Actor, model: Any, public_id: str, expected_version: int | None
) -> Any:
    """The row, kept from others until the transaction ends. Raises NotFound, StaleVersion."""
    found = session.scalar(
        select(model)
        .where(model.company_id == actor.company.id, model.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    resource = model.__name__.lower()
    if found is None:
        raise NotFound(resource, public_id)
    if expected_version is not None and found.version != expected_version:
        raise StaleVersion(resource, public_id, expected=expected_version, current=found.version)
    return found


def is_named(session: Session, column: Any, row: Any) -> bool:
    """Whether any row of the company refers to this one in that column."""
    model = column.class_
    return (
        session.scalar(
            select(column).where(model.company_id == row.company_id, column == row.id).limit(1)
        )
        is not None
    )


def refuse_taken(session: Session, actor: Actor, model: Any, public_id: str | None) -> None:
    """Raise Duplicate when another row of the company has the id a caller chose."""
    if public_id and session.scalar(
        select(model.public_id).where(
            model.company_id == actor.company.id, model.public_id == public_id
        )
    ):
        raise Duplicate(model.__name__.lower(), "id", public_id, public_id)
