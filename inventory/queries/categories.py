"""Reading the tree of categories."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.texts import normalised
from inventory.models.categories import Category
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page


def list_categories(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    parent: str | None = None,
    is_active: bool | None = None,
    search: str = "",
) -> Page[Category]:
    """A page of categories in the order of their paths, so that a tree reads from the top.

    parent  public id: only what hangs directly below it
    search  part of a path
    """
    statement = select(Category).where(Category.company_id == actor.company.id)
    if parent is not None:
        above = select(Category.id).where(
            Category.company_id == actor.company.id, Category.public_id == parent
        )
        statement = statement.where(Category.parent_id.in_(above))
    if is_active is not None:
        statement = statement.where(Category.is_active.is_(is_active))
    if search:
        statement = statement.where(Category.path_key.contains(normalised(search), autoescape=True))
    keys = [SortKey(Category.path), SortKey(Category.id)]
    return read_page(session, statement, keys, page).map(lambda row: row[0])


def get_category(session: Session, actor: Actor, public_id: str) -> Category:
    """The category of that id. Raises NotFound."""
    found = session.scalar(
        select(Category).where(
            Category.company_id == actor.company.id, Category.public_id == public_id
        )
    )
    if found is None:
        raise NotFound("category", public_id)
    return found


def parents_of(
    session: Session, actor: Actor, categories: Sequence[Category]
) -> Mapping[int | None, str]:
    """Internal key -> public id of what the categories hang on."""
    keys = {one.parent_id for one in categories if one.parent_id is not None}
    if not keys:
        return {}
    rows = session.execute(
        select(Category.id, Category.public_id).where(
            Category.company_id == actor.company.id, Category.id.in_(keys)
        )
    )
    return {row.id: row.public_id for row in rows}


def list_tree(session: Session, actor: Actor) -> Sequence[Category]:
    """All categories, each after the one it hangs on: for choices on pages."""
    rows = session.scalars(select(Category).where(Category.company_id == actor.company.id))
    return sorted(rows, key=lambda one: normalised(one.path))


def branch_of(company_id: Any, public_id: Any) -> Select[Any]:
    """Ids of a category and of everything below it; either may be a parameter of a statement."""
    branch = (
        select(Category.id)
        .where(Category.company_id == company_id, Category.public_id == public_id)
        .cte("branch", recursive=True)
    )
    child = aliased(Category)
    branch = branch.union(
        select(child.id).where(child.company_id == company_id, child.parent_id == branch.c.id)
    )
    return select(branch.c.id)
