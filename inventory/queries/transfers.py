"""Reading transfers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.domain.actor import Actor
from inventory.domain.approvals import ADMIN, Stage
from inventory.domain.errors import NotFound
from inventory.domain.transfers import ROAD_STATES, TransferStatus
from inventory.models.identity import User
from inventory.models.items import Item
from inventory.models.locations import ItemLocation, Location
from inventory.models.transfers import (
    ApprovalStep,
    Transfer,
    TransferApproval,
    TransferLine,
    TransferStep,
    TransferStepLine,
)
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFilter:
    """What the list is narrowed to. Ids are the public ones; dates are YYYY-MM-DD.

    location    either end
    waits_for   an actor who may decide on what waits for a release
    late_at     expected before then and still on the road
    """

    statuses: tuple[str, ...] = ()
    source: str | None = None
    destination: str | None = None
    location: str | None = None
    item: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    search: str = ""  # part of the number or reference
    waits_for: Actor | None = None
    late_at: datetime | None = None


@dataclass(frozen=True)
class TransferView:
    """A transfer with its lines, who must agree to it, and what was done to it.

    head       columns of the transfer, its locations and who wrote it
    lines      columns of the lines and their items, with the bins at both ends
    approvals  in their order, with the names of those who agreed
    steps      what was done, the first first, each with what it did to lines
    """

    head: Any
    lines: Sequence[Any]
    approvals: Sequence[Any]
    steps: Sequence["StepView"] = ()

    def _sum(self, name: str) -> Decimal:
        return sum((getattr(line, name) for line in self.lines), ZERO)

    @cached_property
    def requested(self) -> Decimal:
        """Base units of all lines."""
        return self._sum("requested")

    @cached_property
    def shipped(self) -> Decimal:
        """Likewise what left."""
        return self._sum("shipped")

    @cached_property
    def received(self) -> Decimal:
        """Likewise what arrived whole."""
        return self._sum("received")

    @cached_property
    def damaged(self) -> Decimal:
        """Likewise what was written off as it arrived."""
        return self._sum("damaged")

    @cached_property
    def lost(self) -> Decimal:
        """Likewise what was written off at the end."""
        return self._sum("lost")

    @cached_property
    def returned(self) -> Decimal:
        """Likewise what went back."""
        return self._sum("returned")

    @property
    def outstanding(self) -> Decimal:
        """Likewise what is on the road."""
        return self.shipped - self.received - self.damaged - self.lost - self.returned

    @property
    def waiting(self) -> list[Any]:
        """The says that are still missing."""
        return [one for one in self.approvals if one.approved_at is None]

    @property
    def releases(self) -> list[Any]:
        """The says it needs before it may leave, given or not."""
        return [one for one in self.approvals if one.stage == Stage.RELEASE]

    @property
    def waiting_roles(self) -> list[str]:
        """Who must agree before it may leave."""
        return [one.role for one in self.waiting if one.stage == Stage.RELEASE]

    def is_late(self, now: datetime) -> bool:
        """Whether it should have arrived."""
        due = self.head.estimated_delivery
        return due is not None and due < now and self.head.status in ROAD_STATES


@dataclass(frozen=True, slots=True)
class StepView:
    """Something that was done, with its lines."""

    head: Any
    lines: Sequence[Any]


def outstanding(line: Any) -> Decimal:
    """What of a line is on the road. Base units."""
    left: Decimal = line.shipped - line.received - line.damaged - line.lost - line.returned
    return left


@lru_cache(maxsize=500)
def _heads(company_id: int) -> Select[Any]:
    source, destination = aliased(Location), aliased(Location)
    return (
        select(
            *Transfer.__table__.columns,
            source.public_id.label("from_public_id"),
            source.name.label("from_name"),
            destination.public_id.label("to_public_id"),
            destination.name.label("to_name"),
            User.public_id.label("creator_public_id"),
            User.name.label("creator_name"),
        )
        .select_from(Transfer)
        .join(
            source,
            and_(source.company_id == Transfer.company_id, source.id == Transfer.from_location_id),
        )
        .join(
            destination,
            and_(
                destination.company_id == Transfer.company_id,
                destination.id == Transfer.to_location_id,
            ),
        )
        .outerjoin(User, User.id == Transfer.created_by)
        .where(
            Transfer.company_id == company_id,
            source.company_id == company_id,
            destination.company_id == company_id,
        )
    )


def list_transfers(
    session: Session, actor: Actor, wanted: TransferFilter, page: PageRequest
) -> Page[TransferView]:
    """A page of transfers, the newest date first."""
    company_id = actor.company.id
    statement = _heads(company_id).where(*_conditions(company_id, wanted))
    keys = [SortKey(Transfer.date, descending=True), SortKey(Transfer.id, descending=True)]
    found = read_page(session, statement, keys, page)
    ids = [head.id for head in found.rows]
    lines = _grouped(session, _line_rows(company_id), TransferLine.transfer_id, ids)
    says = _grouped(session, _approval_rows(company_id), TransferApproval.transfer_id, ids)
    steps = _steps_of(session, company_id, ids)
    return found.map(lambda head: TransferView(head, lines[head.id], says[head.id], steps[head.id]))


def get_transfer(session: Session, actor: Actor, public_id: str) -> TransferView:
    """The transfer of that id with everything of it. Raises NotFound."""
    company_id = actor.company.id
    head = session.execute(_heads(company_id).where(Transfer.public_id == public_id)).one_or_none()
    if head is None:
        raise NotFound("transfer", public_id)
    lines = _grouped(session, _line_rows(company_id), TransferLine.transfer_id, [head.id])
    says = _grouped(session, _approval_rows(company_id), TransferApproval.transfer_id, [head.id])
    steps = _steps_of(session, company_id, [head.id])
    return TransferView(head, lines[head.id], says[head.id], steps[head.id])


def count_transfers(session: Session, actor: Actor, wanted: TransferFilter) -> int:
    """How many there are."""
    statement = _heads(actor.company.id).where(*_conditions(actor.company.id, wanted))
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def list_approval_steps(session: Session, actor: Actor) -> Sequence[Any]:
    """The company's approval steps with the names of their locations, in their order."""
    source, destination = aliased(Location), aliased(Location)
    return session.execute(
        select(
            *ApprovalStep.__table__.columns,
            source.public_id.label("from_public_id"),
            source.name.label("from_name"),
            destination.public_id.label("to_public_id"),
            destination.name.label("to_name"),
        )
        .select_from(ApprovalStep)
        .outerjoin(
            source,
            and_(
                source.company_id == ApprovalStep.company_id,
                source.id == ApprovalStep.from_location_id,
            ),
        )
        .outerjoin(
            destination,
            and_(
                destination.company_id == ApprovalStep.company_id,
                destination.id == ApprovalStep.to_location_id,
            ),
        )
        .where(ApprovalStep.company_id == actor.company.id)
        .order_by(ApprovalStep.stage.desc(), ApprovalStep.number, ApprovalStep.id)
    ).all()


def _conditions(company_id: int, wanted: TransferFilter) -> list[ColumnElement[bool]]:
    plain = (
        (wanted.statuses or None, Transfer.status.in_),
        (wanted.date_from, Transfer.date.__ge__),
        (wanted.date_to, Transfer.date.__le__),
        (wanted.source, lambda one: Transfer.from_location_id.in_(_place(company_id, one))),
        (wanted.destination, lambda one: Transfer.to_location_id.in_(_place(company_id, one))),
    )
    found: list[ColumnElement[bool]] = [
        compare(value) for value, compare in plain if value is not None
    ]
    if wanted.location is not None:
        place = _place(company_id, wanted.location)
        found.append(or_(Transfer.from_location_id.in_(place), Transfer.to_location_id.in_(place)))
    if wanted.item is not None:
        found.append(_has_item(company_id, wanted.item))
    if wanted.search:
        found.append(
            or_(
                Transfer.number.icontains(wanted.search, autoescape=True),
                Transfer.reference.icontains(wanted.search, autoescape=True),
            )
        )
    if wanted.waits_for is not None:
        found += _waits_for(company_id, wanted.waits_for)
    if wanted.late_at is not None:
        found += [
            Transfer.status.in_([one.value for one in ROAD_STATES]),
            Transfer.estimated_delivery < wanted.late_at,
        ]
    return found


def _place(company_id: int, public_id: str) -> Select[Any]:
    return select(Location.id).where(
        Location.company_id == company_id, Location.public_id == public_id
    )


def _has_item(company_id: int, public_id: str) -> ColumnElement[bool]:
    """An item, or one with variants: then theirs."""
    named = aliased(Item)
    mine = (
        select(named.id)
        .where(named.company_id == company_id, named.public_id == public_id)
        .scalar_subquery()
    )
    kin = select(Item.id).where(
        Item.company_id == company_id, or_(Item.id == mine, Item.parent_id == mine)
    )
    return exists(
        select(TransferLine.id)
        .where(
            TransferLine.company_id == company_id,
            TransferLine.transfer_id == Transfer.id,
            TransferLine.item_id.in_(kin),
        )
        .correlate(Transfer)
    )


def _waits_for(company_id: int, actor: Actor) -> list[ColumnElement[bool]]:
    """What waits for a release that the actor may give: the first that is missing is theirs."""
    earlier = aliased(TransferApproval)
    first = (
        select(func.min(earlier.number))
        .where(
            earlier.company_id == company_id,
            earlier.transfer_id == Transfer.id,
            earlier.stage == Stage.RELEASE.value,
            earlier.approved_at.is_(None),
        )
        .correlate(Transfer)
        .scalar_subquery()
    )
    is_admin = ADMIN in actor.roles
    theirs: list[ColumnElement[bool]] = []
    if not is_admin:
        theirs = [
            TransferApproval.role.in_(actor.roles),
            Transfer.created_by != actor.user_id,
        ]
    mine = (
        select(TransferApproval.number)
        .where(
            TransferApproval.company_id == company_id,
            TransferApproval.transfer_id == Transfer.id,
            TransferApproval.number == first,
            *theirs,
        )
        .correlate(Transfer)
    )
    return [Transfer.status == TransferStatus.PENDING_APPROVAL.value, exists(mine)]


def _grouped(
    session: Session, statement: Select[Any], column: Any, ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    """Rows by their transfer: one statement for all."""
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    if ids:
        for row in session.execute(statement.where(column.in_(ids))):
            grouped[row.transfer_id].append(row)
    return grouped


@lru_cache(maxsize=500)
def _line_rows(company_id: int) -> Select[Any]:
    source, destination = aliased(ItemLocation), aliased(ItemLocation)
    return (
        select(
            *TransferLine.__table__.columns,
            Item.public_id.label("item_public_id"),
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.barcode.label("item_barcode"),
            Item.unit.label("item_unit"),
            source.bin.label("from_bin"),
            destination.bin.label("to_bin"),
        )
        .select_from(TransferLine)
        .join(
            Transfer,
            and_(
                Transfer.company_id == TransferLine.company_id,
                Transfer.id == TransferLine.transfer_id,
            ),
        )
        .join(
            Item, and_(Item.company_id == TransferLine.company_id, Item.id == TransferLine.item_id)
        )
        .outerjoin(
            source,
            and_(
                source.company_id == TransferLine.company_id,
                source.item_id == TransferLine.item_id,
                source.location_id == Transfer.from_location_id,
            ),
        )
        .outerjoin(
            destination,
            and_(
                destination.company_id == TransferLine.company_id,
                destination.item_id == TransferLine.item_id,
                destination.location_id == Transfer.to_location_id,
            ),
        )
        .where(
            TransferLine.company_id == company_id,
            Transfer.company_id == company_id,
            Item.company_id == company_id,
        )
        .order_by(TransferLine.transfer_id, TransferLine.line)
    )


@lru_cache(maxsize=500)
def _approval_rows(company_id: int) -> Select[Any]:
    return (
        select(
            *TransferApproval.__table__.columns,
            User.public_id.label("approver_public_id"),
            User.name.label("approver_name"),
        )
        .select_from(TransferApproval)
        .outerjoin(User, User.id == TransferApproval.approved_by)
        .where(TransferApproval.company_id == company_id)
        .order_by(TransferApproval.transfer_id, TransferApproval.number)
    )


def _steps_of(session: Session, company_id: int, ids: Sequence[int]) -> dict[int, list[StepView]]:
    grouped: dict[int, list[StepView]] = defaultdict(list)
    heads = session.execute(
        select(
            *TransferStep.__table__.columns,
            User.public_id.label("user_public_id"),
            User.name.label("user_name"),
        )
        .select_from(TransferStep)
        .outerjoin(User, User.id == TransferStep.user_id)
        .where(TransferStep.company_id == company_id, TransferStep.transfer_id.in_(ids))
        .order_by(TransferStep.transfer_id, TransferStep.number)
    ).all()
    lines: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(
        select(
            *TransferStepLine.__table__.columns,
            TransferLine.public_id.label("line_public_id"),
            TransferLine.line,
            Item.name.label("item_name"),
            Item.code.label("item_code"),
        )
        .select_from(TransferStepLine)
        .join(
            TransferLine,
            and_(
                TransferLine.company_id == TransferStepLine.company_id,
                TransferLine.id == TransferStepLine.line_id,
            ),
        )
        .join(
            Item, and_(Item.company_id == TransferLine.company_id, Item.id == TransferLine.item_id)
        )
        .where(
            TransferStepLine.company_id == company_id,
            TransferLine.company_id == company_id,
            Item.company_id == company_id,
            TransferStepLine.step_id.in_([head.id for head in heads]),
        )
        .order_by(TransferLine.line)
    ):
        lines[row.step_id].append(row)
    for head in heads:
        grouped[head.transfer_id].append(StepView(head, lines[head.id]))
    return grouped
