"""The sheet of a session: writing its lines, and adding what was found besides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.counts import CountCommand, FoundDraft, check_found, check_size
from inventory.domain.errors import Duplicate
from inventory.domain.lines import LineItem
from inventory.models.base import instant_of
from inventory.models.counts import Count, CountLine
from inventory.models.locations import ItemLocation
from inventory.queries.counts_scope import SheetRow
from inventory.services.bulk import Rows, write_rows
from inventory.services.counts_steps import command, refuse_unassigned
from inventory.services.ids import new_ids, new_public_id
from inventory.services.lines import find_line_items, refuse_unmovable

LINE: Final = (
    "id", "public_id", "count_id", "line", "item_id", "bin", "lot_number", "expires_on", "made_on",
    "is_added", "attempt", "since", "note", "reason", "is_assumed",
)  # fmt: skip


def add_lines(
    session: Session,
    actor: Actor,
    public_id: str,
    found: Sequence[FoundDraft],
    *,
    expected_version: int | None = None,
) -> list[str]:
    """Put what was found besides on the sheet; answers the public ids of the lines.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, CounterNotAssigned,
    Invalid, NotFound (items), RuleBroken (untracked, inactive), Duplicate.
    """
    count = command(session, actor, public_id, CountCommand.ADD, expected_version)
    refuse_unassigned(session, actor, count)
    check_found(found)
    items = find_line_items(session, actor, [one.name for one in found])
    refuse_unmovable(items)
    _refuse_on_sheet(session, count, items, found)
    return put_on_sheet(session, count, list(zip(items, found, strict=True)))


def put_on_sheet(
    session: Session, count: Count, found: Sequence[tuple[LineItem, FoundDraft]]
) -> list[str]:
    """New lines at the end of a locked session's sheet; answers their public ids, in order."""
    check_size(count.lines + len(found))
    bins = _bins_of(session, count, [item.id for item, _ in found])
    sheet = [
        SheetRow(item.id, item.code, bins.get(item.id, ""), draft.lot) for item, draft in found
    ]
    dates = [
        (
            draft.expires_on.isoformat() if draft.expires_on else None,
            draft.made_on.isoformat() if draft.made_on else None,
        )
        for _, draft in found
    ]
    first = count.lines + 1
    count.lines += len(sheet)
    session.flush()  # the sheet never says less than the head
    return write_lines(session, count, sheet, first=first, since=count.created_at, dates=dates)


def _bins_of(session: Session, count: Count, item_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(ItemLocation.item_id, ItemLocation.bin).where(
            ItemLocation.company_id == count.company_id,
            ItemLocation.location_id == count.location_id,
            ItemLocation.item_id.in_(item_ids),
        )
    )
    return {row.item_id: row.bin for row in rows}


def _refuse_on_sheet(
    session: Session, count: Count, items: Sequence[LineItem], found: Sequence[FoundDraft]
) -> None:
    """Raise Duplicate for the first of the items that is there already, or comes twice."""
    rows = session.execute(
        select(CountLine.item_id, CountLine.lot_number, CountLine.public_id).where(
            CountLine.company_id == count.company_id,
            CountLine.count_id == count.id,
            CountLine.item_id.in_({item.id for item in items}),
        )
    )
    there = {(row.item_id, row.lot_number): row.public_id for row in rows}
    for item, one in zip(items, found, strict=True):
        line_id = there.get((item.id, one.lot))
        if line_id is not None:
            raise Duplicate("count line", "itemId", item.public_id, line_id)
        there[item.id, one.lot] = item.public_id


def write_lines(
    session: Session,
    count: Count,
    sheet: Sequence[SheetRow],
    *,
    first: int,
    since: datetime,
    dates: Sequence[tuple[str | None, str | None]] | None = None,
) -> list[str]:
    """Write lines of the sheet; what comes with dates was found.

    first  number of the first of them
    """
    names = [new_public_id("count line") for _ in sheet]
    start = instant_of(since)
    rows = [
        (key, name, count.id, number, row.item_id, row.bin, row.lot_number)
        + (dates[number - first] if dates else (None, None))
        + (dates is not None, 1, start, "", "", False)
        for number, (key, name, row) in enumerate(
            zip(new_ids(len(sheet)), names, sheet, strict=True), start=first
        )
    ]
    write_rows(session, count.company_id, [Rows(CountLine, LINE, rows)])
    return names
