"""Which part of a list an address asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from inventory.api.schemas.query import ListQuery
from inventory.http.paging import CursorScope, page_request
from inventory.http.request import current_actor
from inventory.queries.keyset import PageRequest


@dataclass(frozen=True, slots=True)
class Paging:
    """The page that is wanted and the list it belongs to.

    offset  records skipped, None where the caller did not count them
    """

    scope: CursorScope
    page: PageRequest
    offset: int | None


def paging_of(query: ListQuery, *, more: Mapping[str, Any] | None = None) -> Paging:
    """The part of the list that the address asks for. Raises Invalid.

    more  what narrows the list beside the address
    """
    asked = partial(query.model_dump, mode="json")
    scope = CursorScope.of_request(current_actor(), asked=asked, more=more)
    offset = None if query.cursor else query.offset
    page = page_request(scope, limit=query.limit, cursor=query.cursor, offset=offset or 0)
    return Paging(scope, page, offset)
