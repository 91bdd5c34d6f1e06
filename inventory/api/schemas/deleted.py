"""What is left of something that was deleted."""

from msgspec import field

from inventory.api.schemas.base import ApiOut


class DeletedOut(ApiOut):
    """What is gone."""

    id: str
    is_deleted: bool = field(default=True, name="deleted")
