"""Writing transfers, and asking that they be made."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.approvals import ApprovalRequired
from inventory.domain.companies import effect_of_date, today
from inventory.domain.costing_values import unit_cost_of
from inventory.domain.drafts import stated
from inventory.domain.errors import LocationInactive, raise_together
from inventory.domain.ledger import DocumentRef
from inventory.domain.lines import ItemName, LineItem, LineLocation
from inventory.domain.measures import COST_PLACES, from_scaled, round_money
from inventory.domain.transfers import (
    SameLocation,
    StatedLots,
    StepDraft,
    TransferCommand,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
    check_command,
    check_header,
    check_transfer,
)
from inventory.models.items import Item
from inventory.models.locations import Location
from inventory.models.stock import StockLevel
from inventory.models.transfers import Transfer, TransferLine, TransferStep
from inventory.services import ledger
from inventory.services.bulk import rows_of, write_rows
from inventory.services.ids import new_id, new_ids, new_public_id
from inventory.services.lines import (
    find_line_items,
    find_locations,
    refuse_broken_pieces,
    refuse_outdated,
    refuse_unmovable,
)
from inventory.services.numbers import next_number
from inventory.services.references import lock_named, refuse_taken
from inventory.services.reservations import Hold, hold
from inventory.services.transfer_approvals import ask
from inventory.services.transfers_rows import (
    DOCUMENT,
    HEAD,
    Done,
    KeptLine,
    kept_lines,
    line_rows,
    step_rows,
)

ZERO: Final = Decimal(0)
NOTHING_SAID: Final = StepDraft()


def create_transfer(
    session: Session,
    actor: Actor,
    draft: TransferDraft,
    *,
    submits: bool,
    wanted: TransferStatus | None = None,
    now: datetime,
) -> Transfer:
    """Write a transfer and ask that it be made, unless it stays a draft.

    wanted  the state that is asked for; none: whichever follows

    What is asked for is kept at its source until it leaves.
    Raises Forbidden, Invalid, Duplicate, NotFound (locations, items), RuleBroken (same or
    inactive location, inactive or untracked item, short), in this order.
    """
    actor.must(Permission.MOVE_STOCK)
    _check_head(draft)
    transfer = Transfer(
        company_id=actor.company.id,
        id=new_id(),
        public_id=draft.public_id or new_public_id("transfer"),
        date=today(now, actor.company.zone).isoformat(),
        status=TransferStatus.DRAFT.value,
        reference="",
        notes="",
        requests_approval=False,
        shipping_method="",
        tracking_number="",
        total_value=ZERO,
        created_by=actor.user_id,
        created_at=now,
        updated_at=now,
        version=1,
    )
    refuse_taken(session, actor, Transfer, draft.public_id)
    rows, items = _write(session, actor, transfer, draft, now)
    transfer.number = next_number(session, actor, "XFR", year=int(transfer.date[:4]))
    head = {name: getattr(transfer, name) for name in HEAD}
    write_rows(session, actor.company.id, [rows_of(Transfer, [head]), line_rows(rows)])
    lines = [KeptLine(row, item) for row, item in zip(rows, items, strict=True)]
    kept: Transfer = lock_named(session, actor, Transfer, transfer.public_id, None)
    if submits:
        _submit(session, actor, kept, lines, wanted=wanted, now=now)
    done = Done("create", notes=kept.notes)
    write_rows(session, actor.company.id, step_rows(session, actor, kept, done, lines, now))
    return kept


def update_transfer(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: TransferDraft,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Transfer:
    """Change a draft; given lines replace those before.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, Invalid, RuleBroken.
    """
    actor.must(Permission.MOVE_STOCK)
    transfer: Transfer = lock_named(session, actor, Transfer, public_id, expected_version)
    check_command(transfer.status, TransferCommand.EDIT)
    _check_head(draft)
    rows, _ = _write(session, actor, transfer, draft, now)
    transfer.version += 1
    transfer.updated_at = now
    session.flush()
    _delete_lines(session, transfer)
    write_rows(session, actor.company.id, [line_rows(rows)])
    return transfer


def delete_transfer(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> None:
    """Throw a draft away. Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition."""
    actor.must(Permission.MOVE_STOCK)
    transfer: Transfer = lock_named(session, actor, Transfer, public_id, expected_version)
    check_command(transfer.status, TransferCommand.DELETE)
    _delete_lines(session, transfer)
    session.execute(
        delete(TransferStep)
        .where(
            TransferStep.company_id == transfer.company_id,
            TransferStep.transfer_id == transfer.id,
        )
        .execution_options(synchronize_session=False)
    )
    session.delete(transfer)
    session.flush()


def submit_transfer(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: StepDraft = NOTHING_SAID,
    *,
    wanted: TransferStatus | None = None,
    now: datetime,
) -> Transfer:
    """Ask that a draft be made: it waits for approval or, where nobody is asked, is approved.

    wanted  the state that is asked for; none: whichever follows

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, RuleBroken.
    """
    actor.must(Permission.MOVE_STOCK)
    transfer: Transfer = lock_named(session, actor, Transfer, public_id, draft.expected_version)
    check_command(transfer.status, TransferCommand.SUBMIT)
    lines = kept_lines(session, actor, transfer)
    refuse_unmovable([line.item for line in lines])
    refuse_closed(session, actor, [transfer.from_location_id, transfer.to_location_id])
    _submit(session, actor, transfer, lines, wanted=wanted, now=now)
    transfer.version += 1
    transfer.updated_at = now
    session.flush()
    done = Done(TransferCommand.SUBMIT.value, notes=draft.notes)
    write_rows(session, actor.company.id, step_rows(session, actor, transfer, done, lines, now))
    return transfer


def _submit(
    session: Session,
    actor: Actor,
    transfer: Transfer,
    lines: Sequence[KeptLine],
    *,
    wanted: TransferStatus | None,
    now: datetime,
) -> None:
    """Keep the goods and ask those who must agree."""
    locked = ledger.lock_items(session, actor, {line.item.id for line in lines})
    refuse_outdated([line.item for line in lines], locked)
    if wanted == TransferStatus.PENDING_APPROVAL:
        transfer.requests_approval = True
    asked = ask(session, actor, transfer)
    if asked and wanted == TransferStatus.APPROVED:
        raise ApprovalRequired(transfer.number, asked)
    status = TransferStatus.PENDING_APPROVAL if asked else TransferStatus.APPROVED
    transfer.status = status.value
    session.flush()
    holds = [
        Hold(
            line.item.id,
            line.item.public_id,
            transfer.from_location_id,
            line.row["requested"],
            line.number,
            f"items[{line.number - 1}].quantity",
        )
        for line in lines
    ]
    hold(session, actor, reference_of(transfer), holds, locked=locked, now=now)


def reference_of(transfer: Transfer, effective_at: datetime | None = None) -> DocumentRef:
    """What the ledger and reservations know a transfer by."""
    return DocumentRef(DOCUMENT, transfer.id, transfer.number, effective_at)


def _check_head(draft: TransferDraft) -> None:
    check_header(
        draft.public_id,
        stated(draft.reference, "") or "",
        stated(draft.notes, "") or "",
        draft.shipping,
    )


def _write(
    session: Session, actor: Actor, transfer: Transfer, draft: TransferDraft, now: datetime
) -> tuple[list[dict[str, Any]], list[LineItem]]:
    """Set the head from the draft, and give the rows of its lines with their items."""
    drafts = draft.lines if isinstance(draft.lines, tuple) else _drafts_of(session, transfer)
    source, destination = _route(session, actor, transfer, draft, drafts)
    day = stated(draft.day, date.fromisoformat(transfer.date)) or today(now, actor.company.zone)
    effect_of_date(day, now, actor.company.zone)  # refuses the future
    transfer.from_location_id, transfer.to_location_id = source.id, destination.id
    transfer.date = day.isoformat()
    transfer.reference = (stated(draft.reference, transfer.reference) or "").strip()
    transfer.notes = stated(draft.notes, transfer.notes) or ""
    transfer.requests_approval = stated(draft.requests_approval, transfer.requests_approval)
    shipping = draft.shipping
    transfer.shipping_method = stated(shipping.method, transfer.shipping_method) or ""
    transfer.tracking_number = stated(shipping.tracking_number, transfer.tracking_number) or ""
    transfer.estimated_delivery = stated(shipping.estimated_delivery, transfer.estimated_delivery)
    items = find_line_items(session, actor, [one.name for one in drafts])
    refuse_unmovable(items)
    refuse_broken_pieces(
        [
            (item, one.quantity, f"items[{index}].quantity")
            for index, (item, one) in enumerate(zip(items, drafts, strict=True))
        ]
    )
    costs = _costs_at(session, actor, source.id, {item.id for item in items})
    rows = [
        _line_row(actor, transfer, number, one, (item, id_, costs[item.id]))
        for number, (item, one, id_) in enumerate(
            zip(items, drafts, new_ids(len(drafts)), strict=True), start=1
        )
    ]
    transfer.total_value = sum((row["total_cost"] for row in rows), ZERO)
    return rows, items


def _route(
    session: Session,
    actor: Actor,
    transfer: Transfer,
    draft: TransferDraft,
    drafts: Sequence[TransferLineDraft],
) -> tuple[LineLocation, LineLocation]:
    names = _place_names(session, transfer)
    source = stated(draft.source, names.get(transfer.from_location_id, ""))
    destination = stated(draft.destination, names.get(transfer.to_location_id, ""))
    check_transfer(source=source, destination=destination, lines=drafts)
    found = find_locations(
        session, actor, [(source, "fromLocationId"), (destination, "toLocationId")]
    )
    if found[0].id == found[1].id:
        raise SameLocation(source)
    return found[0], found[1]


def _place_names(session: Session, transfer: Transfer) -> dict[int | None, str]:
    wanted = {transfer.from_location_id, transfer.to_location_id} - {None}
    rows = session.execute(
        select(Location.id, Location.public_id).where(
            Location.company_id == transfer.company_id, Location.id.in_(wanted)
        )
    )
    return {row.id: row.public_id for row in rows}


def refuse_closed(session: Session, actor: Actor, location_ids: Sequence[int]) -> None:
    """Refuse locations where nothing moves any more. Raises LocationInactive for all of them."""
    closed = session.scalars(
        select(Location.public_id).where(
            Location.company_id == actor.company.id,
            Location.id.in_(location_ids),
            Location.is_active.is_(False),
        )
    )
    raise_together([LocationInactive(name) for name in closed])


def _line_row(
    actor: Actor,
    transfer: Transfer,
    number: int,
    draft: TransferLineDraft,
    known: tuple[LineItem, int, Decimal],
) -> dict[str, Any]:
    item, id_, unit_cost = known
    quantity = draft.quantity or ZERO
    return {
        "id": id_,
        "public_id": new_public_id("transfer line"),
        "transfer_id": transfer.id,
        "line": number,
        "item_id": item.id,
        "place_id": None,
        "requested": quantity,
        "shipped": ZERO,
        "received": ZERO,
        "damaged": ZERO,
        "lost": ZERO,
        "returned": ZERO,
        "unit_cost": unit_cost,
        "total_cost": round_money(quantity * unit_cost, actor.company.value_places),
        "shipped_at": None,
        "closed_at": None,
        "batch": draft.lots.batch,
        "serials": "\n".join(draft.lots.serials),
        "notes": draft.notes,
    }


def _costs_at(
    session: Session, actor: Actor, place_id: int, item_ids: set[int]
) -> Mapping[int, Decimal]:
    """What a unit costs at the place by the company's method; with none there, the item's cost."""
    rows = session.execute(
        select(Item.id, Item.cost_price, StockLevel.on_hand, StockLevel.value)
        .outerjoin(
            StockLevel,
            (StockLevel.company_id == actor.company.id)
            & (StockLevel.item_id == Item.id)
            & (StockLevel.place_id == place_id),
        )
        .where(Item.company_id == actor.company.id, Item.id.in_(item_ids))
    )
    return {
        row.id: from_scaled(unit_cost_of(row.value, row.on_hand) or 0, COST_PLACES)
        if row.on_hand and row.on_hand > 0
        else row.cost_price
        for row in rows
    }


def _drafts_of(session: Session, transfer: Transfer) -> tuple[TransferLineDraft, ...]:
    rows = session.execute(
        select(TransferLine, Item.public_id)
        .join(
            Item, (Item.company_id == TransferLine.company_id) & (Item.id == TransferLine.item_id)
        )
        .where(
            TransferLine.company_id == transfer.company_id,
            Item.company_id == transfer.company_id,
            TransferLine.transfer_id == transfer.id,
        )
        .order_by(TransferLine.line)
    )
    return tuple(
        TransferLineDraft(
            name=ItemName(item=item),
            quantity=line.requested,
            notes=line.notes,
            lots=StatedLots(line.batch, tuple(line.serials.splitlines())),
        )
        for line, item in rows
    )


def _delete_lines(session: Session, transfer: Transfer) -> None:
    session.execute(
        delete(TransferLine)
        .where(
            TransferLine.company_id == transfer.company_id,
            TransferLine.transfer_id == transfer.id,
        )
        .execution_options(synchronize_session=False)
    )
