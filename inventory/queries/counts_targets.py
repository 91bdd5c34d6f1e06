"""What scans name: lines of a sheet by id, code, barcode and lot; and scans taken before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.counts_scans import ScanDraft
from inventory.domain.errors import NotFound, RuleBroken
from inventory.domain.measures import QUANTITY_PLACES, to_scaled
from inventory.domain.texts import normalised
from inventory.models.counts import CountLine, CountScan
from inventory.models.items import Item
from inventory.queries.counts import line_rows
from inventory.queries.line_items import find_exact_choices, read_choices


class AmbiguousCode(RuleBroken):
    """Several items bear the barcode."""

    rule = "AMBIGUOUS_CODE"

    def __init__(self, code: str, items: Sequence[str]) -> None:
        super().__init__(
            f"Several items have the code {code}: {', '.join(items[:5])}. Name one of them.",
            code=code,
        )


class LotRequired(RuleBroken):
    """An item is counted lot by lot, and the scan names none."""

    rule = "LOT_REQUIRED"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"{item_id} is counted by lots: say which one.", itemId=item_id)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """What a scan needs to know of a line."""

    id: int
    public_id: str
    item: str
    lot_number: str
    unit: str
    unit_places: int


@dataclass(slots=True)
class Targets:
    """What the scans of a call may name.

    known   event id -> columns of a scan taken before, in the order of its table
    others  code as given -> public ids of items that bear it and are not on the sheet
    """

    company_id: int
    count_id: int
    known: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)
    with_lots: set[str] = field(default_factory=set)
    _by_id: dict[str, SheetLine] = field(default_factory=dict)
    _by_key: dict[int, SheetLine] = field(default_factory=dict)
    _by_item: dict[str, list[SheetLine]] = field(default_factory=lambda: defaultdict(list))
    _by_code: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_barcode: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def by_key(self, key: int) -> SheetLine:
        """The line of that key, which is one of the sheet's."""
        return self._by_key[key]

    def line_of_key(self, key: int) -> str:
        """The public id of a line."""
        return self._by_key[key].public_id

    def named(self, scan: ScanDraft) -> SheetLine | str:
        """The line a scan names, or the public id of an item that is not on the sheet.

        Raises NotFound, AmbiguousCode, LotRequired.
        """
        if scan.line:
            if scan.line not in self._by_id:
                raise NotFound("count line", scan.line, field="line")
            return self._by_id[scan.line]
        item = self._item_of(scan)
        lines = self._by_item.get(item, [])
        mine = [one for one in lines if one.lot_number == scan.lot]
        if mine:
            return mine[0]
        if not scan.lot and (lines or item in self.with_lots):
            if len(lines) == 1 and item not in self.with_lots:
                return lines[0]
            raise LotRequired(item)
        return item

    def _item_of(self, scan: ScanDraft) -> str:
        """The public id of the item. Raises NotFound, AmbiguousCode."""
        if scan.name.item:
            if scan.name.item in self._by_item or scan.name.item in self.others:
                return scan.name.item
            raise NotFound("item", scan.name.item, field="itemId")
        code = scan.barcode or scan.name.code or ""
        found = self._by_code.get(normalised(code)) or (
            self._by_barcode.get(code.strip()) if scan.barcode else None
        )
        candidates = sorted(found or self.others.get(code, []))
        if not candidates:
            raise NotFound("item", code, field="barcode" if scan.barcode else "itemCode")
        if len(candidates) > 1:
            raise AmbiguousCode(code, candidates)
        return candidates[0]

    def learn(self, session: Session, line_id: str) -> SheetLine:
        """A line that was just added."""
        row = session.execute(
            line_rows(self.company_id).where(
                CountLine.count_id == self.count_id, CountLine.public_id == line_id
            )
        ).one()
        return self.keep(row)

    def keep(self, row: Any) -> SheetLine:
        """Know a line by all its names."""
        line = SheetLine(
            row.id,
            row.public_id,
            row.item_public_id,
            row.lot_number,
            row.item_unit,
            row.unit_places,
        )
        self._by_id[line.public_id] = self._by_key[line.id] = line
        self._by_item[line.item].append(line)
        self._by_code[normalised(row.item_code)].add(line.item)
        if row.item_barcode:
            self._by_barcode[row.item_barcode].add(line.item)
        if row.item_has_lots:
            self.with_lots.add(line.item)
        return line


def find_targets(
    session: Session, actor: Actor, count_id: int, scans: Sequence[ScanDraft]
) -> Targets:
    """Everything the scans name, by as many statements for one as for a thousand.

    Only a barcode that is not on the sheet is sought by itself.
    """
    company_id = actor.company.id
    targets = Targets(company_id, count_id)
    targets.known.update(_known(session, company_id, count_id, scans))
    ids = {one.line for one in scans if one.line}
    items = {one.name.item for one in scans if one.name.item}
    codes = {code for one in scans if (code := one.barcode or one.name.code)}
    keys = {row[2] for row in targets.known.values()}
    rows = session.execute(
        line_rows(company_id).where(
            CountLine.count_id == count_id,
            or_(
                CountLine.public_id.in_(ids),
                CountLine.id.in_(keys),
                Item.public_id.in_(items),
                Item.code_key.in_({normalised(code) for code in codes}),
                Item.barcode.in_({code.strip() for code in codes}),
            ),
        )
    )
    for row in rows:
        targets.keep(row)
    _find_others(session, actor, targets, items, codes)
    return targets


def _known(
    session: Session, company_id: int, count_id: int, scans: Sequence[ScanDraft]
) -> dict[str, tuple[Any, ...]]:
    ids = {one.id for one in scans} | {one.undoes for one in scans if one.undoes}
    rows = session.execute(
        select(
            CountScan.event_id,
            CountScan.line_id,
            CountScan.kind,
            CountScan.quantity,
            CountScan.undoes,
        ).where(
            CountScan.company_id == company_id,
            CountScan.count_id == count_id,
            CountScan.event_id.in_(ids),
        )
    )
    return {
        row.event_id: (
            count_id,
            row.event_id,
            row.line_id,
            row.kind,
            None if row.quantity is None else to_scaled(row.quantity, QUANTITY_PLACES),
            row.undoes,
        )
        for row in rows
    }


def _find_others(
    session: Session, actor: Actor, targets: Targets, items: set[str], codes: set[str]
) -> None:
    """Items that scans name and that are not on the sheet."""
    known = targets._by_item  # noqa: SLF001  # built here
    missing = [one for one in items if one not in known]
    if missing:
        for public_id in read_choices(session, actor, missing, place_id=None):
            targets.others[public_id] = [public_id]
    unknown = [
        code
        for code in codes
        if normalised(code) not in targets._by_code  # noqa: SLF001
        and code.strip() not in targets._by_barcode  # noqa: SLF001
    ]
    if unknown:
        for code, rows in find_exact_choices(session, actor, unknown).items():
            targets.others[code] = [row.public_id for row in rows]
    found = {one for names in targets.others.values() for one in names}
    if found:
        targets.with_lots.update(
            session.scalars(
                select(Item.public_id).where(
                    Item.company_id == actor.company.id,
                    Item.public_id.in_(found),
                    or_(Item.track_batch, Item.track_serial),
                )
            )
        )
