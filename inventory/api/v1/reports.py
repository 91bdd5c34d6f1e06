"""Reports: GET /inventory/reports/..."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from inventory.api.envelope import pagination_of
from inventory.api.exports import (
    FILES,
    LongAnswer,
    stream_csv,
    stream_json,
    stream_xlsx,
)
from inventory.api.operation import operation
from inventory.api.paging import Paging
from inventory.api.schemas.sheets import Sheet
from inventory.api.schemas.valuation import (
    ValuationOut,
    ValuationQuery,
    head_of,
    line_of,
    lines_sheet,
    summary_sheets,
)
from inventory.domain.actor import Permission
from inventory.http.clock import utc_now
from inventory.http.paging import CursorScope, page_request
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.reports.valuation import Valuation

bp = Blueprint("reports", __name__, url_prefix="/inventory/reports")

SCOPES = ("read:inventory", "read:reports")


@bp.get("/valuation")
@operation("Value the stock", answer=ValuationOut, scopes=SCOPES, files=FILES)
@needs(Permission.SEE_COST)
def valuation(query: ValuationQuery) -> Response:
    """By any method as of any day, all of one moment.

    All items are answered as they are read, or with `limit` a page of them.

    A total is the sum of its lines to the cent: each item at each location is rounded to the
    currency, and everything else adds such figures up.
    """
    actor, now = current_actor(), utc_now()
    wanted = query.to_filter(actor, now=now)
    day = query.day(wanted, actor, now=now)
    name = f"valuation-{day.isoformat()}-{wanted.method}"
    paging = None if query.limit is None and not query.cursor else _paging(query)

    def answer(session: Session) -> LongAnswer:
        found = Valuation(session, actor, wanted)
        summary = found.summary()
        head = head_of(wanted, day, actor, summary)
        if paging is None:
            return LongAnswer(head, "items", map(line_of, found.lines()), {})
        page = found.page(paging.page, summary.total.items)
        beside: dict[str, Any] = {"pagination": pagination_of(page, paging)}
        return LongAnswer(head, "items", map(line_of, page.rows), beside)

    def table(session: Session) -> Sheet:
        return lines_sheet(Valuation(session, actor, wanted).lines(), actor.company.currency)

    def book(session: Session) -> Iterator[Sheet]:
        found = Valuation(session, actor, wanted)
        yield from summary_sheets(found.summary(), day, wanted)
        yield lines_sheet(found.lines(), actor.company.currency)

    if query.format == "csv":
        return stream_csv(name, table)
    if query.format == "xlsx":
        return stream_xlsx(name, book)
    return stream_json(answer)


def _paging(query: ValuationQuery) -> Paging:
    scope = CursorScope.of_request(
        current_actor(), asked=lambda: query.model_dump(mode="json", exclude={"format"})
    )
    return Paging(scope, page_request(scope, limit=query.limit or 50, cursor=query.cursor), None)
