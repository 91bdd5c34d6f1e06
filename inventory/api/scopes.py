"""Which scopes a key needs for an endpoint."""

from inventory.api.operation import SAFE, Operation
from inventory.domain.actor import Permission


def scopes_for(declared: Operation, permission: Permission | None, method: str) -> tuple[str, ...]:
    """The scopes of which a key needs one; none at all when any good key will do."""
    if declared.scopes is not None:
        return declared.scopes
    if permission is Permission.ADMINISTER:
        return ("admin",)
    return ("read:inventory",) if method in SAFE else ("write:inventory",)
