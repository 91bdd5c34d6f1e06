"""A company with one of everything, under the ids that the examples of the document name.

Tests that are generated from the route list call every endpoint in it. Who adds a noun adds
one of it here, and its id to IDS under the name it has in paths.
"""

import base64
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from flask import Flask
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.adjustments import AdjustmentDraft, AdjustmentLineDraft
from inventory.domain.categories import CategoryDraft
from inventory.domain.counts import CountDraft, CountScope
from inventory.domain.counts_scans import ScanDraft
from inventory.domain.goods_receipts import ReceiptDraft
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft, movement_public_id
from inventory.domain.reservations import ReservationDraft
from inventory.domain.suppliers import SupplierDraft
from inventory.domain.transfers import (
    LineChange,
    StepDraft,
    TransferDraft,
    TransferLineDraft,
    TransferStatus,
)
from inventory.domain.units import UnitDraft
from inventory.services.adjustments import create_adjustment
from inventory.services.categories import create_category
from inventory.services.counts import create_count, finish_count
from inventory.services.counts_scans import record_scans
from inventory.services.goods_receipts import receive_order
from inventory.services.movements import record_movements
from inventory.services.purchase_orders import send_order
from inventory.services.reservations import create_reservation
from inventory.services.suppliers import create_supplier
from inventory.services.transfer_steps import change_status
from inventory.services.transfers import create_transfer
from inventory.services.units import create_unit
from tests.api_caller import ApiCaller, in_app, new_caller
from tests.buying import bought, came, draft_order
from tests.factories import NOW, add_item, add_location

# Parameter of a path -> the id of the one that exists.
IDS: Final = {
    "unitCode": "each",
    "categoryId": "cat_electronics",
    "supplierId": "supp_456789",
    "locationId": "loc_warehouse1",
    "otherLocationId": "loc_store1",
    "itemId": "item_123456789",
    "otherItemId": "item_987654321",
    "adjustmentId": "adj_789012345",
    "documentId": "movedoc_345678901",
    "transferId": "xfer_345678901",
    "reservationId": "rsv_567890123",
    "countId": "cnt_678901234",
    "orderId": "po_234567890",
    "receiptId": "grn_456789012",
    # Of these none exists under this id, since nobody chooses them; see `known`.
    "movementId": "move_000000000000000000000",
    "imageId": "img_0000000000000000",
    "lineId": "cntline_0000000000000000",
}
# Where the one that exists will not do: (method, path) -> parameter -> another that does.
EXCEPT: Final = {
    ("DELETE", "/items/{itemId}"): {"itemId": "item_never_moved"},
    ("DELETE", "/suppliers/{supplierId}"): {"supplierId": "supp_never_used"},
    ("DELETE", "/locations/{locationId}"): {"locationId": "loc_never_used"},
    ("POST", "/inventory/adjustments/{adjustmentId}/void"): {"adjustmentId": "adj_spare"},
    ("POST", "/inventory/counts/{countId}/post"): {"countId": "cnt_counted"},
    ("POST", "/inventory/counts/{countId}/reopen"): {"countId": "cnt_counted"},
    ("PATCH", "/inventory/transfers/{transferId}/status"): {"transferId": "xfer_ready"},
    ("POST", "/inventory/transfers/{transferId}/found"): {"transferId": "xfer_lost"},
    ("POST", "/purchase-orders/{orderId}/confirm"): {"orderId": "po_sent"},
    ("POST", "/purchase-orders/{orderId}/receive"): {"orderId": "po_expected"},
    ("POST", "/purchase-orders/{orderId}/close"): {"orderId": "po_partial"},
    ("POST", "/purchase-orders/{orderId}/cancel"): {"orderId": "po_unwanted"},
    ("PATCH", "/purchase-orders/{orderId}/status"): {"orderId": "po_late"},
    ("DELETE", "/purchase-orders/{orderId}"): {"orderId": "po_spare"},
    ("POST", "/goods-receipts/{receiptId}/take-back"): {"receiptId": "grn_spare"},
}
A_PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGNgYGD4z8AAAAMEAQBsRbQRAAAA"
    "AElFTkSuQmCC"
)
THEIRS: Final = "_their"  # ends the ids of another company
NOBODYS: Final = "_nobod"  # ends ids that nobody has; as long, so that answers can be compared


def inhabited_caller(app: Flask, ending: str = "") -> ApiCaller:
    """A caller whose company has one of everything.

    ending  of every id
    """
    caller = new_caller(app)
    caller.known = in_app(app, lambda session: _inhabit(session, caller.actor, ending))
    shown = f"/items/{IDS['itemId']}{ending}/images"
    added = caller.post(shown, data={"file": (BytesIO(A_PICTURE), "widget.png")})
    caller.known["imageId"] = added.json["data"]["id"]
    return caller


def _inhabit(session: Session, actor: Actor, ending: str) -> dict[str, str]:
    """Make one of everything, and tell the ids that nobody can choose."""

    def named(parameter: str) -> str:
        return IDS[parameter] + ending

    def put(make: Any, draft: Any) -> None:
        make(session, actor, draft, now=NOW)

    put(create_unit, UnitDraft(code=named("unitCode"), name="Each", places=0))
    put(create_category, CategoryDraft(public_id=named("categoryId"), name="Electronics"))
    put(create_supplier, SupplierDraft(public_id=named("supplierId"), name="Widget Supplier"))
    put(create_supplier, SupplierDraft(public_id=f"supp_never_used{ending}", name="Nobody"))
    add_location(session, actor, f"Unused{ending}", public_id=f"loc_never_used{ending}")
    for parameter in ("locationId", "otherLocationId"):
        add_location(session, actor, named(parameter), public_id=named(parameter))
    for parameter in ("itemId", "otherItemId"):
        public_id = named(parameter)
        add_item(session, actor, public_id.upper(), public_id=public_id)
    add_item(session, actor, f"UNUSED{ending}", public_id=f"item_never_moved{ending}")
    for public_id, posts in (
        (named("adjustmentId"), False),
        (f"adj_stock{ending}", True),
        (f"adj_spare{ending}", True),
    ):
        line = AdjustmentLineDraft(
            name=ItemName(item=named("itemId")), quantity=Decimal(100), unit_cost=Decimal(10)
        )
        draft = AdjustmentDraft(
            public_id=public_id,
            location=named("locationId"),
            reason="initial_stock",
            lines=(line,),
        )
        create_adjustment(session, actor, draft, posts=posts, now=NOW)
    sale = MovementsDraft(
        public_id=named("documentId"),
        kind="sale",
        location=named("locationId"),
        reference=f"INV-2024-0001{ending}",
        lines=(MovementLineDraft(name=ItemName(item=named("itemId")), quantity=Decimal(1)),),
    )
    done = record_movements(session, actor, sale, now=NOW)
    _move(session, actor, ending)
    line_id = _count(session, actor, ending)
    _buy(session, actor, ending)
    sequence = done.posting.lines[0].sequence
    return {
        "movementId": movement_public_id(actor.company.id, done.items[0].id, sequence),
        "lineId": line_id,
    }


def _move(session: Session, actor: Actor, ending: str) -> None:
    """Transfers: one that is being written, one that may leave, one of which goods were lost."""
    source, destination = (IDS[one] + ending for one in ("locationId", "otherLocationId"))
    other = AdjustmentLineDraft(
        name=ItemName(item=IDS["otherItemId"] + ending),
        quantity=Decimal(100),
        unit_cost=Decimal(10),
    )
    stock = AdjustmentDraft(location=source, reason="initial_stock", lines=(other,))
    create_adjustment(session, actor, stock, posts=True, now=NOW)
    line = TransferLineDraft(name=ItemName(item=IDS["itemId"] + ending), quantity=Decimal(10))
    for public_id in (IDS["transferId"], "xfer_ready", "xfer_lost"):
        draft = TransferDraft(
            public_id=public_id + ending, source=source, destination=destination, lines=(line,)
        )
        submits = public_id != IDS["transferId"]
        create_transfer(session, actor, draft, submits=submits, now=NOW)
    promise = ReservationDraft(
        public_id=IDS["reservationId"] + ending,
        name=ItemName(item=IDS["itemId"] + ending),
        location=source,
        quantity=Decimal(5),
    )
    create_reservation(session, actor, promise, now=NOW)
    lost = f"xfer_lost{ending}"
    change_status(session, actor, lost, TransferStatus.SHIPPED, StepDraft(), now=NOW)
    arrived = LineChange(item=IDS["itemId"] + ending, received=Decimal(6), reason="lost")
    end = StepDraft(lines=(arrived,))
    change_status(session, actor, lost, TransferStatus.COMPLETED, end, now=NOW)


def _count(session: Session, actor: Actor, ending: str) -> str:
    """A session that is counted and one that is open; the id of a line of that."""
    item = IDS["itemId"] + ending
    for public_id in ("cnt_counted", IDS["countId"]):
        draft = CountDraft(
            public_id=public_id + ending,
            location=IDS["locationId"] + ending,
            scope=CountScope(items=(item,)),
        )
        count = create_count(session, actor, draft, now=NOW)
        scan = ScanDraft(id="1", name=ItemName(item=item), quantity=Decimal(9))
        (told,) = record_scans(session, actor, count.public_id, [scan], now=NOW)
    finish_count(session, actor, f"cnt_counted{ending}", now=NOW)
    return told.line


def _buy(session: Session, actor: Actor, ending: str) -> None:
    """Orders in all the states that endpoints are called in, and two deliveries."""
    item, supplier = IDS["itemId"] + ending, IDS["supplierId"] + ending
    place = IDS["locationId"] + ending
    drafts = (IDS["orderId"], "po_unwanted", "po_late", "po_spare")
    sent = ("po_sent", "po_expected", "po_partial", "po_received")
    for public_id in (*drafts, *sent):
        made = draft_order(
            session,
            actor,
            supplier,
            bought(item, 100, "18.5"),
            public_id=public_id + ending,
            location=place,
        )
        if public_id in sent:
            send_order(session, actor, made.public_id, now=NOW)
    for order_id, receipt_id in (("po_partial", IDS["receiptId"]), ("po_received", "grn_spare")):
        draft = ReceiptDraft(public_id=receipt_id + ending, lines=(came(item, 40),))
        receive_order(session, actor, order_id + ending, draft, now=NOW)
