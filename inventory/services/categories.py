"""Creating and changing the tree of categories."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.categories import CategoryDraft, check_category, path_below
from inventory.domain.drafts import UNSET, stated
from inventory.domain.errors import InUse, Invalid
from inventory.domain.texts import normalised
from inventory.models.categories import Category
from inventory.models.items import Item
from inventory.services.ids import new_id, new_public_id
from inventory.services.references import find_named, is_named, lock_named, refuse_taken


def create_category(
    session: Session, actor: Actor, draft: CategoryDraft, *, now: datetime
) -> Category:
    """Add a branch to the tree.

    Raises Forbidden, Invalid (an inactive parent among it), Duplicate, NotFound (the parent).
    """
    actor.must(Permission.EDIT_ITEMS)
    name = stated(draft.name, "").strip()
    check_category(name, draft.public_id)
    refuse_taken(session, actor, Category, draft.public_id)
    parent = find_named(session, actor, Category, stated(draft.parent, None), "parentId")
    _refuse_inactive(parent)
    path = path_below(parent.path if parent else None, name)
    category = Category(
        company_id=actor.company.id,
        id=new_id(),
        public_id=draft.public_id or new_public_id("category"),
        parent_id=parent.id if parent else None,
        name=name,
        path=path,
        path_key=normalised(path),
        is_active=stated(draft.is_active, otherwise=True),
        created_at=now,
        updated_at=now,
    )
    session.add(category)
    session.flush()  # a row of the list that follows
    return category


def update_category(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: CategoryDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Category:
    """Rename, move or deactivate a branch; the paths below it follow.

    Raises Forbidden, NotFound, StaleVersion, Invalid (a circle among them), in this order.
    """
    actor.must(Permission.EDIT_ITEMS)
    tree = _lock_tree(session, actor)
    category: Category = lock_named(session, actor, Category, public_id, expected_version)
    name = stated(draft.name, category.name).strip()
    check_category(name, None)
    if draft.parent is not UNSET:
        parent = find_named(session, actor, Category, draft.parent, "parentId")
        if parent is not None and category.id in _line_of(parent, tree):
            raise Invalid.one(
                "parentId",
                "A category cannot hang below itself.",
                "INVALID_CHOICE",
                value=draft.parent,
            )
        if parent is not None and parent.id != category.parent_id:
            _refuse_inactive(parent)
        category.parent_id = parent.id if parent else None
    category.is_active = stated(draft.is_active, category.is_active)
    category.name = name
    category.version += 1
    category.updated_at = now
    _write_paths(category, tree)
    session.flush()  # a row of the list that follows
    return category


def delete_category(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Take a branch off the tree that holds nothing.

    Raises Forbidden, NotFound, StaleVersion, InUse (items or categories in it), in this order.
    """
    actor.must(Permission.EDIT_ITEMS)
    tree = _lock_tree(session, actor)
    category: Category = lock_named(session, actor, Category, public_id, expected_version)
    if any(one.parent_id == category.id for one in tree.values()):
        raise InUse("category", public_id, "other categories hang below it")
    if is_named(session, Item.category_id, category):
        raise InUse("category", public_id, "items are in it; it can be made inactive instead")
    session.delete(category)
    session.flush()  # a row of the list that follows


def _refuse_inactive(parent: Category | None) -> None:
    """Nothing is hung below what is inactive; what hangs there already stays."""
    if parent is not None and not parent.is_active:
        raise Invalid.one(
            "parentId",
            f"{parent.path} is inactive. Choose an active one.",
            "INVALID_CHOICE",
            value=parent.public_id,
        )


def _lock_tree(session: Session, actor: Actor) -> dict[int, Category]:
    """All categories, so that two moves cannot make a circle between them."""
    rows = session.scalars(
        select(Category)
        .where(Category.company_id == actor.company.id)
        .order_by(Category.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {one.id: one for one in rows}


def _line_of(category: Category, tree: dict[int, Category]) -> set[int]:
    """Ids of the category and all above it."""
    line = {category.id}
    while category.parent_id is not None:
        category = tree[category.parent_id]
        line.add(category.id)
    return line


def _write_paths(category: Category, tree: dict[int, Category]) -> None:
    above = tree[category.parent_id].path if category.parent_id is not None else None
    category.path = path_below(above, category.name)
    category.path_key = normalised(category.path)
    for child in tree.values():
        if child.parent_id == category.id:
            _write_paths(child, tree)
