"""What the demo company deals in. Ids, codes and figures of the API's documentation come first."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from inventory.domain.categories import CategoryDraft
from inventory.domain.items import ItemDraft, ItemLocationDraft, VariantDraft
from inventory.domain.locations import LocationDraft
from inventory.domain.suppliers import SupplierDraft

WAREHOUSE: Final = "loc_warehouse1"
STORES: Final = ("loc_store1", "loc_store2")
WIDGET, ADVANCED_WIDGET = "item_123456789", "item_987654321"
WIDGET_SUPPLIER, TOOLS, OFFICE = "supp_456789", "supp_harbour", "supp_lumen"

LOCATIONS: Final = (
    LocationDraft(
        public_id=WAREHOUSE,
        code="WH1",
        name="Main Warehouse",
        kind="warehouse",
        address={"street": "12 Jalan Kilang", "city": "Shah Alam", "postalCode": "40150",
                 "state": "Selangor", "country": "MY"},
        bins=tuple(f"{row}{bay}-B{shelf}-C{slot}" for row in "ABC" for bay in (1, 2)
                   for shelf in (1, 2) for slot in (1, 2, 3)),
    ),
    LocationDraft(
        public_id="loc_store1",
        code="ST1",
        name="Retail Store 1",
        kind="store",
        address={"street": "88 Jalan Telawi", "city": "Kuala Lumpur", "postalCode": "59100",
                 "country": "MY"},
        bins=("FLOOR-DISPLAY", "COUNTER", "BACKROOM"),
    ),
    LocationDraft(
        public_id="loc_store2",
        code="ST2",
        name="Retail Store 2",
        kind="store",
        address={"street": "5 Lebuh Pantai", "city": "George Town", "postalCode": "10300",
                 "country": "MY"},
        bins=("FLOOR-DISPLAY", "BACKROOM"),
    ),
    LocationDraft(
        public_id="loc_quarantine",
        code="QUA",
        name="Quarantine",
        kind="quarantine",
        counts_as_available=False,
    ),
)  # fmt: skip

SUPPLIERS: Final = (
    SupplierDraft(
        public_id=WIDGET_SUPPLIER,
        name="Widget Supplier Ltd",
        email="orders@widget-supplier.example",
        phone="+60 3 5555 0101",
        lead_time_days=7,
        payment_terms={"termsDays": 30},
        contact_person={"name": "Tan Mei Ling", "email": "mei@widget-supplier.example"},
        address={"city": "Penang", "country": "MY"},
        tags=("components", "preferred"),
    ),
    SupplierDraft(
        public_id=TOOLS,
        name="Harbour Tools and Fasteners",
        email="sales@harbour-tools.example",
        phone="+65 5550 0144",
        lead_time_days=14,
        payment_terms={"termsDays": 45},
        address={"city": "Singapore", "country": "SG"},
        tags=("tools",),
    ),
    SupplierDraft(
        public_id=OFFICE,
        name="Lumen Office Supply",
        email="hello@lumen-office.example",
        lead_time_days=3,
        payment_terms={"termsDays": 14},
        address={"city": "Petaling Jaya", "country": "MY"},
        tags=("office", "local"),
    ),
)

# Id, name, id of the parent.
CATEGORIES: Final = tuple(
    CategoryDraft(public_id=public_id, name=name, parent=parent)
    for public_id, name, parent in (
        ("cat_electrical", "Electronics", None),
        ("cat_electronics", "Components", "cat_electrical"),
        ("cat_cables", "Cables", "cat_electrical"),
        ("cat_power", "Power", "cat_electrical"),
        ("cat_hardware", "Hardware", None),
        ("cat_handtools", "Hand tools", "cat_hardware"),
        ("cat_fasteners", "Fasteners", "cat_hardware"),
        ("cat_screws", "Screws", "cat_fasteners"),
        ("cat_office", "Office", None),
        ("cat_paper", "Paper", "cat_office"),
        ("cat_writing", "Writing", "cat_office"),
        ("cat_workwear", "Workwear", None),
        ("cat_consumables", "Consumables", None),
        ("cat_services", "Services", None),
    )
)


@dataclass(frozen=True, slots=True)
class Good:
    """An item and how it fares.

    demand  sold a day at each store, on average, in base units
    fate    "steady", "low" (no longer delivered of late), "out" (not for long), "over"
    """

    code: str
    name: str
    category: str
    supplier: str
    unit: str
    cost: str
    price: str
    demand: str
    fate: str

    @property
    def public_id(self) -> str:
        """The item's id: its code in small letters."""
        return f"item_{self.code.lower()}"


with Path(__file__).with_name("demo_goods.csv").open(encoding="utf-8", newline="") as file:
    GOODS: Final = tuple(Good(**row) for row in csv.DictReader(file))

SHIRT: Final = Good(
    "TSH-WORK", "Work shirt", "cat_workwear", TOOLS, "pcs", "16.20", "39.90", "0.25", "steady"
)
SHIRTS: Final = tuple(
    VariantDraft(
        public_id=f"var_{colour[:3].lower()}_{size.lower()}",
        code=f"TSH-WORK-{colour[:3].upper()}-{size}",
        name=f"Work shirt {colour} {size}",
        attributes={"color": colour, "size": size},
    )
    for colour in ("Navy", "Orange")
    for size in ("M", "L", "XL")
)

SERVICES: Final = (
    ("SRV-INST", "Installation, by the hour", "h", "0", "120.00"),
    ("SRV-DELI", "Delivery within the city", "pcs", "0", "25.00"),
)


def widgets() -> tuple[ItemDraft, ItemDraft]:
    """The two items of the API's documentation, as they stand there."""
    accounts: dict[str, Any] = {
        "income_account": "acc_sales_revenue",
        "expense_account": "acc_cogs",
        "asset_account": "acc_inventory",
        "sales_tax_code": "SST",
        "purchase_tax_code": "SST",
        "category": "cat_electronics",
        "supplier": WIDGET_SUPPLIER,
        "type": "inventory",
        "unit": "pcs",
        "lead_time_days": 7,
    }
    premium = ItemDraft(
        public_id=WIDGET,
        code="WDG-001",
        barcode="1234567890123",
        name="Premium Widget",
        description="High-quality widget for industrial applications",
        weight=Decimal("1.5"),
        length=Decimal(10),
        width=Decimal(5),
        height=Decimal(3),
        cost_price=Decimal("18.50"),
        selling_price=Decimal(25),
        price_groups=(("wholesale", Decimal(22)), ("retail", Decimal(25))),
        minimum=Decimal(20),
        maximum=Decimal(500),
        reorder_point=Decimal(30),
        reorder_quantity=Decimal(100),
        supplier_item_code="WS-WDG-001",
        custom_fields={"warranty": "1 year", "origin": "Malaysia"},
        locations=(
            ItemLocationDraft(WAREHOUSE, bin="A1-B2-C3"),
            ItemLocationDraft("loc_store1", bin="FLOOR-DISPLAY"),
        ),
        **accounts,
    )
    advanced = ItemDraft(
        public_id=ADVANCED_WIDGET,
        code="WDG-002",
        barcode="1234567890124",
        name="Advanced Widget",
        description="Next-generation widget with enhanced features",
        weight=Decimal(2),
        length=Decimal(12),
        width=Decimal(6),
        height=Decimal(4),
        cost_price=Decimal(25),
        selling_price=Decimal(35),
        minimum=Decimal(30),
        maximum=Decimal(300),
        reorder_point=Decimal(40),
        reorder_quantity=Decimal(100),
        supplier_item_code="WS-WDG-002",
        custom_fields={"warranty": "2 years", "origin": "Germany"},
        locations=(ItemLocationDraft(WAREHOUSE, bin="A1-B2-C2"),),
        **accounts,
    )
    return premium, advanced


def draft_of(good: Good, place: int) -> ItemDraft:
    """The item of a good, its thresholds from what it sells.

    place  its number among the goods: gives barcode and bin
    """
    monthly = Decimal(max(round(float(good.demand) * len(STORES) * 30), 4))
    cost, price = Decimal(good.cost), Decimal(good.price)
    bins = LOCATIONS[0].bins
    assert isinstance(bins, tuple)
    return ItemDraft(
        public_id=good.public_id,
        code=good.code,
        name=good.name,
        barcode=_barcode(place),
        category=good.category,
        supplier=good.supplier,
        supplier_item_code=f"{good.supplier[5:8].upper()}-{good.code}",
        type="inventory",
        unit=good.unit,
        cost_price=cost,
        selling_price=price,
        price_groups=(("wholesale", round(price * Decimal("0.88"), 2)), ("retail", price)),
        minimum=Decimal(round(monthly / 3)),
        maximum=monthly * 4,
        reorder_point=Decimal(round(monthly * 2 / 3)),
        reorder_quantity=monthly,
        sales_tax_code="SST",
        purchase_tax_code="SST",
        income_account="acc_sales_revenue",
        expense_account="acc_cogs",
        asset_account="acc_inventory",
        custom_fields={"origin": ("Malaysia", "Japan", "Germany", "China")[place % 4]},
        locations=(
            ItemLocationDraft(WAREHOUSE, bin=bins[place % len(bins)]),
            *(ItemLocationDraft(store, bin="FLOOR-DISPLAY") for store in STORES),
        ),
    )


def _barcode(place: int) -> str:
    """An EAN-13 of Malaysia's range with its check digit."""
    digits = f"955{700_000_000 + place * 137:09d}"
    weighted = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
