"""Files that are brought in: what their columns mean, and what became of their rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inventory.domain.errors import Invalid, Problem

COLUMNS_MAX: Final = 100
CELL_LENGTH: Final = 10_000
SOURCE_LENGTH: Final = 80  # the kind stands before it in a column of 100
EXTERNAL_ID_LENGTH: Final = 200
CUSTOM: Final = "customFields."  # a column of this name and more is a field of the company's own


class ImportKind(StrEnum):
    """What the rows of a file are."""

    ITEMS = "items"
    LOCATIONS = "locations"
    SUPPLIERS = "suppliers"
    CATEGORIES = "categories"
    OPENING_STOCK = "opening-stock"
    MOVEMENTS = "movements"

    @property
    def moves_stock(self) -> bool:
        """Whether its rows go into the ledger."""
        return self in {ImportKind.OPENING_STOCK, ImportKind.MOVEMENTS}


class CellKind(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    AMOUNT = "amount"
    COUNT = "count"  # a whole number
    FLAG = "flag"
    LIST = "list"  # parts between | or ;


@dataclass(frozen=True, slots=True)
class Column:
    """A column we know.

    name   as the published objects call it
    field  of the draft it fills
    part   of that field, where the field is a group
    also   other headings that mean it, without case, spaces or signs
    """

    name: str
    field: str
    kind: CellKind = CellKind.TEXT
    part: str = ""
    also: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Matching:
    """Which column of a file is which of ours.

    found    place in the file and our column, in the file's order
    ignored  headings that mean nothing to us
    width    number of columns in the file
    """

    found: tuple[tuple[int, Column], ...]
    ignored: tuple[str, ...]
    width: int

    def place_of(self, name: str) -> int | None:
        """Where the file has a column of ours, if it does."""
        return next((place for place, column in self.found if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the file has it.

    line         of the file on which it starts
    fingerprint  of its cells, the same in every file
    """

    line: int
    cells: Sequence[str]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not brought in, and why."""

    line: int
    field: str
    reason: str


def rejects_of(line: int, refused: Invalid) -> list[Reject]:
    """What is wrong with a row, a reason each."""
    return [Reject(line, one.field, one.message) for one in refused.problems]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some rows.

    repeated  known from an earlier run, or just as they are already
    """

    accepted: int = 0
    repeated: int = 0
    rejects: tuple[Reject, ...] = ()

    def plus(self, other: "Outcome") -> "Outcome":
        """The counts of both; rejects are kept elsewhere, since they may be many."""
        return Outcome(self.accepted + other.accepted, self.repeated + other.repeated)


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """How a file is brought in.

    source     where the rows come from: rows are known by source and external id
    location   id or code of the location of rows that name none
    updates    change what exists already instead of rejecting the row
    completes  create categories and suppliers that rows name
    """

    kind: ImportKind
    source: str
    location: str = ""
    updates: bool = False
    completes: bool = False

    @property
    def origin(self) -> str:
        """The source as rows are known by it: ids of items and of movements may be alike."""
        return f"{self.kind}/{self.source}"


def check_terms(terms: ImportTerms) -> None:
    """Refuse terms that cannot be kept. Raises Invalid."""
    if not 1 <= len(terms.source) <= SOURCE_LENGTH:
        raise Invalid.one(
            "source", f"Name the source with up to {SOURCE_LENGTH} characters.", "INVALID_FORMAT"
        )


_A: Final = CellKind.AMOUNT
_F: Final = CellKind.FLAG
_EXTERNAL: Final = Column("externalId", "external_id", also=("rowid", "lineid"))
_ADDRESS: Final = tuple(
    Column(f"address.{part}", "address", part=part, also=(part.lower(), *also))
    for part, also in (
        ("street", ("address", "addressline1")),
        ("city", ()),
        ("state", ("region",)),
        ("postalCode", ("postcode", "zip", "zipcode")),
        ("country", ()),
    )
)
_STOCK: Final = (
    _EXTERNAL,
    Column("itemCode", "item_code", also=("code", "sku", "item", "stockcode", "productcode")),
    Column("itemId", "item_id"),
    Column("locationId", "location", also=("location", "locationcode", "warehouse", "store")),
    Column("quantity", "quantity", _A, also=("qty",), is_required=True),
    Column("unitCost", "unit_cost", _A, also=("cost", "costprice", "unitprice")),
    Column("occurredAt", "occurred_at", also=("date", "datetime", "timestamp", "effectiveat")),
    Column("reference", "reference", also=("ref", "document", "documentno", "invoiceno")),
)

COLUMNS: Final[Mapping[ImportKind, tuple[Column, ...]]] = {
    ImportKind.ITEMS: (
        _EXTERNAL,
        Column("id", "public_id", also=("itemid",)),
        Column("itemCode", "code", is_required=True,
               also=("code", "sku", "stockcode", "productcode", "productnumber")),
        Column("name", "name", also=("itemname", "productname", "title")),
        Column("description", "description"),
        Column("barcode", "barcode", also=("ean", "gtin", "upc", "gtinupc")),
        Column("categoryId", "category", also=("category", "categoryname", "categorypath")),
        Column("type", "type", also=("itemtype",)),
        Column("unit", "unit", also=("uom", "unitofmeasure")),
        Column("weight", "weight", _A),
        Column("dimensions.length", "length", _A, also=("length",)),
        Column("dimensions.width", "width", _A, also=("width",)),
        Column("dimensions.height", "height", _A, also=("height",)),
        Column("dimensions.unit", "dimension_unit", also=("dimensionunit",)),
        Column("pricing.costPrice", "cost_price", _A, also=("costprice", "cost", "standardcost")),
        Column("pricing.sellingPrice", "selling_price", _A,
               also=("sellingprice", "price", "listprice", "unitprice")),
        Column("pricing.currency", "currency", also=("currency",)),
        Column("inventory.tracked", "tracked", _F, also=("tracked",)),
        Column("inventory.minimumStock", "minimum", _A,
               also=("minimumstock", "minimum", "minstock")),
        Column("inventory.maximumStock", "maximum", _A,
               also=("maximumstock", "maximum", "maxstock")),
        Column("inventory.reorderPoint", "reorder_point", _A,
               also=("reorderpoint", "reorderlevel")),
        Column("inventory.reorderQuantity", "reorder_quantity", _A,
               also=("reorderquantity", "reorderqty")),
        Column("inventory.autoReorder", "auto_reorder", _F, also=("autoreorder",)),
        Column("trackBatch", "track_batch", _F),
        Column("trackSerial", "track_serial", _F),
        Column("supplierId", "supplier", also=("supplier", "suppliername", "vendor")),
        Column("supplierItemCode", "supplier_item_code", also=("suppliercode", "vendorcode")),
        Column("leadTimeDays", "lead_time_days", CellKind.COUNT, also=("leadtime",)),
        Column("accounting.incomeAccountId", "income_account", also=("incomeaccountid",)),
        Column("accounting.expenseAccountId", "expense_account", also=("expenseaccountid",)),
        Column("accounting.assetAccountId", "asset_account", also=("assetaccountid",)),
        Column("tax.salesTaxCode", "sales_tax_code", also=("salestaxcode",)),
        Column("tax.purchaseTaxCode", "purchase_tax_code", also=("purchasetaxcode",)),
        Column("tax.taxable", "taxable", _F, also=("taxable",)),
        Column("isActive", "is_active", _F, also=("active",)),
    ),
    ImportKind.LOCATIONS: (
        _EXTERNAL,
        Column("id", "public_id", also=("locationid",)),
        Column("code", "code", also=("locationcode",)),
        Column("name", "name", also=("locationname",), is_required=True),
        Column("kind", "kind", also=("type", "locationtype")),
        *_ADDRESS,
        Column("countsAsAvailable", "counts_as_available", _F),
        Column("isActive", "is_active", _F, also=("active",)),
        Column("bins", "bins", CellKind.LIST),
    ),
    ImportKind.SUPPLIERS: (
        _EXTERNAL,
        Column("id", "public_id", also=("supplierid",)),
        Column("name", "name", also=("suppliername", "companyname"), is_required=True),
        Column("displayName", "display_name"),
        Column("email", "email"),
        Column("phone", "phone"),
        Column("website", "website", also=("homepage",)),
        Column("taxNumber", "tax_number"),
        Column("registrationNumber", "registration_number"),
        *_ADDRESS,
        Column("contactPerson.name", "contact_person", part="name", also=("contactname",)),
        Column("contactPerson.title", "contact_person", part="title", also=("contacttitle",)),
        Column("contactPerson.email", "contact_person", part="email", also=("contactemail",)),
        Column("contactPerson.phone", "contact_person", part="phone", also=("contactphone",)),
        Column("tags", "tags", CellKind.LIST),
        Column("creditLimit", "credit_limit", _A),
        Column("currency", "currency"),
        Column("leadTimeDays", "lead_time_days", CellKind.COUNT, also=("leadtime",)),
        Column("status", "status"),
    ),
    ImportKind.CATEGORIES: (
        _EXTERNAL,
        Column("id", "public_id", also=("categoryid",)),
        Column("name", "name", also=("categoryname", "path"), is_required=True),
        Column("parentId", "parent", also=("parent", "parentpath")),
        Column("isActive", "is_active", _F, also=("active",)),
    ),
    ImportKind.OPENING_STOCK: (*_STOCK, Column("bin", "bin", also=("shelf",))),
    ImportKind.MOVEMENTS: (*_STOCK, Column("type", "kind", also=("movementtype", "kind"))),
}  # fmt: skip


def match_columns(
    headings: Sequence[str], kind: ImportKind, mapping: Mapping[str, str]
) -> Matching:
    """Say which column of the file is which of ours.

    mapping  the file's heading -> our name, where the caller says so; the rest is found by name

    Raises Invalid naming every heading that does not fit.
    """
    ours = {key: column for column in COLUMNS[kind] for key in (_plain(column.name), *column.also)}
    exact = {_plain(column.name): column for column in COLUMNS[kind]}
    problems = list(_check_mapping(headings, kind, mapping))
    found: list[tuple[int, Column]] = []
    taken = {_plain(name) for name in mapping.values()}
    ignored = []
    # A heading that is our own name goes before one that only may mean the same.
    order = sorted(range(len(headings)), key=lambda place: _plain(headings[place]) not in exact)
    for place in order:
        heading = headings[place].strip()
        target = mapping.get(heading)
        if target is not None:
            column = _known(kind, target)
        else:
            column = _known(kind, heading) or ours.get(_plain(heading))
            if column is not None and _plain(column.name) in taken:
                column = None
        if column is None:
            ignored.append(heading)
            continue
        taken.add(_plain(column.name))
        found.append((place, column))
    problems.extend(_check_required(kind, [column for _, column in found]))
    if problems:
        raise Invalid(problems)
    return Matching(tuple(sorted(found, key=lambda one: one[0])), tuple(ignored), len(headings))


def _plain(heading: str) -> str:
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


def _known(kind: ImportKind, name: str) -> Column | None:
    if kind is ImportKind.ITEMS and name.startswith(CUSTOM) and len(name) > len(CUSTOM):
        return Column(name, "custom_fields", part=name.removeprefix(CUSTOM))
    wanted = _plain(name)
    return next((one for one in COLUMNS[kind] if _plain(one.name) == wanted), None)


def _check_mapping(
    headings: Sequence[str], kind: ImportKind, mapping: Mapping[str, str]
) -> Iterator[Problem]:
    if len(headings) > COLUMNS_MAX:
        yield Problem("columns", f"Use {COLUMNS_MAX} columns at most.", "MAX_VALUE")
    present = {heading.strip() for heading in headings}
    seen: set[str] = set()
    for heading, name in mapping.items():
        if heading not in present:
            yield Problem(heading, "The file has no column of this name.", "INVALID_CHOICE")
        if _known(kind, name) is None:
            choices = ", ".join(one.name for one in COLUMNS[kind])
            yield Problem(
                heading, f"There is no field '{name}'. Use one of {choices}.", "INVALID_CHOICE"
            )
        if _plain(name) in seen:
            yield Problem(heading, f"Two columns are mapped to {name}.", "DUPLICATE_VALUE")
        seen.add(_plain(name))


def _check_required(kind: ImportKind, found: Sequence[Column]) -> Iterator[Problem]:
    names = {column.name for column in found}
    for column in COLUMNS[kind]:
        if column.is_required and column.name not in names:
            yield Problem(
                column.name, "No column of the file was matched to this.", "REQUIRED_FIELD"
            )
    if kind.moves_stock and not names & {"itemCode", "itemId"}:
        yield Problem("itemCode", "A column must name the item.", "REQUIRED_FIELD")
