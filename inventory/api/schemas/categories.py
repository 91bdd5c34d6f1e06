"""Categories as JSON."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from inventory.api.schemas.base import ABSENT, ApiIn, ApiOut, Instant, Line, Whole, example
from inventory.api.schemas.query import ListQuery, QueryFlag, QueryId, QueryText
from inventory.domain.categories import NAME_LENGTH, CategoryDraft
from inventory.models.categories import Category


class CategoryQuery(ListQuery):
    """The list of categories in the order of their paths, so that a tree reads from the top."""

    parent_id: QueryId | None = Field(None, description="Only what hangs directly below it.")
    active: QueryFlag | None = None
    search: QueryText = Field("", description="Part of a path.")


class CategoryChange(ApiIn, json_schema_extra=example(name="Electronics and more")):
    """What of a category shall change; the paths below it follow."""

    name: Annotated[str, Line(NAME_LENGTH)] = ABSENT
    parent_id: Annotated[str, Line(64)] | None = ABSENT
    is_active: bool = ABSENT
    version: Whole = ABSENT

    def to_draft(self) -> CategoryDraft:
        return CategoryDraft(name=self.name, parent=self.parent_id, is_active=self.is_active)


class CategoryIn(
    ApiIn,
    json_schema_extra=example(id="cat_components", name="Components", parentId="cat_electronics"),
):
    """A category to be added. `id` may be chosen: `cat_` and letters, digits, `_`, `-`."""

    id: Annotated[str, Line(64)] | None = None
    name: Annotated[str, Line(NAME_LENGTH)]
    parent_id: Annotated[str, Line(64)] | None = None
    is_active: bool = True

    def to_draft(self) -> CategoryDraft:
        return CategoryDraft(
            public_id=self.id, name=self.name, parent=self.parent_id, is_active=self.is_active
        )


class CategoryOut(ApiOut):
    """A branch of the tree; `path` names it from the root down."""

    id: str
    name: str
    path: str
    parent_id: str | None
    is_active: bool
    version: int
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, category: Category, parents: Mapping[int | None, str]) -> "CategoryOut":
        """The category.

        parents  public ids by internal key
        """
        return cls(
            id=category.public_id,
            name=category.name,
            path=category.path,
            parent_id=parents.get(category.parent_id),
            is_active=category.is_active,
            version=category.version,
            created_at=category.created_at,
            updated_at=category.updated_at,
        )
