"""Items: what may be said of them, and when they are short."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from inventory.domain.drafts import UNSET, Unset, stated
from inventory.domain.errors import Invalid, Problem
from inventory.domain.ids import is_public_id
from inventory.domain.locations import BIN_LENGTH
from inventory.domain.measures import COST_MAX, COST_PLACES, QUANTITY_MAX, QUANTITY_PLACES
from inventory.domain.texts import check_text, normalised

CODE_LENGTH: Final = 50
NAME_LENGTH: Final = 200
DESCRIPTION_LENGTH: Final = 5_000
CUSTOM_FIELDS_MAX: Final = 50
CUSTOM_VALUE_LENGTH: Final = 1_000
VARIANTS_MAX: Final = 100
IMAGES_MAX: Final = 20
PRICE_GROUPS_MAX: Final = 50
LEAD_TIME_MAX: Final = 3_650


class ItemType(StrEnum):
    """What an item is; only goods have stock."""

    INVENTORY = "inventory"
    SERVICE = "service"
    NON_INVENTORY = "non_inventory"


@dataclass(frozen=True, slots=True)
class ImageDraft:
    """A picture named by its address, or one of ours by its id."""

    url: str = ""
    public_id: str | None = None
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class ItemLocationDraft:
    """The bin of an item at a location, and thresholds that differ from the item's."""

    location: str  # public id
    bin: str | Unset = UNSET
    minimum: Decimal | Unset | None = UNSET
    maximum: Decimal | Unset | None = UNSET
    reorder_point: Decimal | Unset | None = UNSET
    reorder_quantity: Decimal | Unset | None = UNSET


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant as its parent's document names it. Known by its id, else by its code."""

    code: str
    public_id: str | None = None
    name: str | Unset = UNSET
    barcode: str | Unset = UNSET
    attributes: Mapping[str, Any] | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """What a form or a body says of an item. None clears a field; UNSET leaves it."""

    public_id: str | None = None
    code: str | Unset = UNSET
    barcode: str | Unset | None = UNSET
    name: str | Unset = UNSET
    description: str | Unset | None = UNSET
    category: str | Unset | None = UNSET  # public id
    type: str | Unset = UNSET
    unit: str | Unset = UNSET
    weight: Decimal | Unset | None = UNSET  # kg
    length: Decimal | Unset | None = UNSET
    width: Decimal | Unset | None = UNSET
    height: Decimal | Unset | None = UNSET
    dimension_unit: str | Unset | None = UNSET
    cost_price: Decimal | Unset | None = UNSET
    selling_price: Decimal | Unset | None = UNSET
    currency: str | Unset | None = UNSET
    price_groups: tuple[tuple[str, Decimal], ...] | Unset | None = UNSET
    tracked: bool | Unset = UNSET
    minimum: Decimal | Unset | None = UNSET
    maximum: Decimal | Unset | None = UNSET
    reorder_point: Decimal | Unset | None = UNSET
    reorder_quantity: Decimal | Unset | None = UNSET
    auto_reorder: bool | Unset = UNSET
    track_batch: bool | Unset = UNSET
    track_serial: bool | Unset = UNSET
    supplier: str | Unset | None = UNSET  # public id
    supplier_item_code: str | Unset | None = UNSET
    lead_time_days: int | Unset | None = UNSET
    income_account: str | Unset | None = UNSET
    expense_account: str | Unset | None = UNSET
    asset_account: str | Unset | None = UNSET
    sales_tax_code: str | Unset | None = UNSET
    purchase_tax_code: str | Unset | None = UNSET
    taxable: bool | Unset = UNSET
    custom_fields: Mapping[str, Any] | Unset | None = UNSET
    attributes: Mapping[str, Any] | Unset | None = UNSET
    is_active: bool | Unset = UNSET
    variants: tuple[VariantDraft, ...] | Unset | None = UNSET
    images: tuple[ImageDraft, ...] | Unset | None = UNSET
    locations: tuple[ItemLocationDraft, ...] | Unset = UNSET


# What an item is when nothing is said (CONTRACT I8): texts empty, figures 0, never null.
DEFAULTS: Final[Mapping[str, Any]] = {
    "barcode": "",
    "description": "",
    "unit": "pcs",
    "dimension_unit": "cm",
    "cost_price": Decimal(0),
    "selling_price": Decimal(0),
    "price_groups": (),
    "minimum": Decimal(0),
    "maximum": Decimal(0),
    "reorder_point": Decimal(0),
    "reorder_quantity": Decimal(0),
    "supplier_item_code": "",
    "income_account": "",
    "expense_account": "",
    "asset_account": "",
    "sales_tax_code": "",
    "purchase_tax_code": "",
    "custom_fields": {},
    "attributes": {},
}

# Field of a draft -> path in the published object, for errors.
PATHS: Final[Mapping[str, str]] = {
    "code": "itemCode",
    "category": "categoryId",
    "length": "dimensions.length",
    "width": "dimensions.width",
    "height": "dimensions.height",
    "dimension_unit": "dimensions.unit",
    "cost_price": "pricing.costPrice",
    "selling_price": "pricing.sellingPrice",
    "currency": "pricing.currency",
    "price_groups": "pricing.priceGroups",
    "tracked": "inventory.tracked",
    "minimum": "inventory.minimumStock",
    "maximum": "inventory.maximumStock",
    "reorder_point": "inventory.reorderPoint",
    "reorder_quantity": "inventory.reorderQuantity",
    "auto_reorder": "inventory.autoReorder",
    "track_batch": "trackBatch",
    "track_serial": "trackSerial",
    "supplier": "supplierId",
    "supplier_item_code": "supplierItemCode",
    "lead_time_days": "leadTimeDays",
    "income_account": "accounting.incomeAccountId",
    "expense_account": "accounting.expenseAccountId",
    "asset_account": "accounting.assetAccountId",
    "sales_tax_code": "tax.salesTaxCode",
    "purchase_tax_code": "tax.purchaseTaxCode",
    "taxable": "tax.taxable",
    "custom_fields": "customFields",
    "is_active": "isActive",
    "public_id": "id",
}

# Thresholds of a draft -> their names in the published object, for the item and each location.
LEVEL_PATHS: Final[Mapping[str, str]] = {
    "minimum": "minimumStock",
    "maximum": "maximumStock",
    "reorder_point": "reorderPoint",
    "reorder_quantity": "reorderQuantity",
}

_REQUIRED: Final = frozenset({"code", "name", "type"})
_LENGTHS: Final[Mapping[str, int]] = {
    "type": 20,
    "code": CODE_LENGTH,
    "name": NAME_LENGTH,
    "description": DESCRIPTION_LENGTH,
    "barcode": 100,
    "unit": 20,
    "dimension_unit": 10,
    "supplier_item_code": 100,
    "income_account": 100,
    "expense_account": 100,
    "asset_account": 100,
    "sales_tax_code": 50,
    "purchase_tax_code": 50,
}
_QUANTITIES: Final = (
    "minimum", "maximum", "reorder_point", "reorder_quantity", "weight", "length", "width", "height"
)  # fmt: skip
_COSTS: Final = ("cost_price", "selling_price")


def path_of(field: str) -> str:
    """Where the published object shows a field of the draft."""
    return PATHS.get(field, field)


def search_text_of(
    code: str, name: str, barcode: str, description: str, supplier_item_code: str
) -> str:
    """Everything search looks into, a line each, so that no match spans two fields."""
    return "\n".join(
        normalised(part) for part in (code, name, barcode, description, supplier_item_code)
    )


def words_of(query: str) -> list[str]:
    """The words of a search: an item matches when each is a part of one of its texts."""
    return normalised(query).split()


def check_item(state: Mapping[str, Any], *, currency: str, given: frozenset[str]) -> None:
    """Refuse an item whose fields are wrong, naming all of them.

    state     every field of the item as it would be, by the draft's names
    currency  the company's: prices are in it
    given     names of the fields that the caller stated

    Raises Invalid.
    """
    problems = [
        *_check_texts(state),
        *_check_numbers(state),
        *_check_thresholds(state),
        *_check_type(state, given),
        *_check_lists(state),
    ]
    stated = state.get("currency")
    if stated not in {None, UNSET, currency}:
        problems.append(
            Problem(
                path_of("currency"),
                f"Prices are in the company's currency, {currency}.",
                "INVALID_CHOICE",
                value=stated,
                constraint=currency,
            )
        )
    if problems:
        raise Invalid(problems)


def _check_texts(state: Mapping[str, Any]) -> Iterator[Problem]:
    for field, length in _LENGTHS.items():
        yield from check_text(
            state.get(field), path_of(field), length, is_required=field in _REQUIRED
        )
    public_id = state.get("public_id")
    if public_id is not None and not (
        is_public_id(public_id, "item") or is_public_id(public_id, "variant")
    ):
        yield Problem(
            "id",
            "Use item_ and up to 59 letters, digits, _ or -.",
            "INVALID_FORMAT",
            value=public_id,
        )


def _check_numbers(state: Mapping[str, Any]) -> Iterator[Problem]:
    for field in _QUANTITIES:
        yield from _check_amount(path_of(field), state.get(field), QUANTITY_MAX, QUANTITY_PLACES)
    for field in _COSTS:
        yield from _check_amount(path_of(field), state.get(field), COST_MAX, COST_PLACES)
    for index, (_, price) in enumerate(state.get("price_groups") or ()):
        yield from _check_amount(
            f"pricing.priceGroups[{index}].price", price, COST_MAX, COST_PLACES
        )
    days = state.get("lead_time_days")
    if days is not None and not 0 <= days <= LEAD_TIME_MAX:
        yield Problem(
            path_of("lead_time_days"),
            f"Use 0 to {LEAD_TIME_MAX} days.",
            "MIN_VALUE" if days < 0 else "MAX_VALUE",
            value=days,
            constraint=f"0 to {LEAD_TIME_MAX}",
        )


def _check_amount(
    path: str, amount: Decimal | None, most: Decimal, places: int
) -> Iterator[Problem]:
    if amount is None:
        return
    if amount < 0:
        yield Problem(path, "This cannot be negative.", "MIN_VALUE", amount, ">= 0")
    elif amount > most:
        yield Problem(path, f"This cannot be above {most}.", "MAX_VALUE", amount, f"<= {most}")
    elif amount != round(amount, places):
        yield Problem(
            path, f"Use {places} decimals at most.", "INVALID_FORMAT", amount, f"{places} decimals"
        )


def _check_thresholds(state: Mapping[str, Any]) -> Iterator[Problem]:
    if 0 < state["maximum"] < state["minimum"]:
        yield Problem(
            path_of("minimum"),
            "The minimum cannot be above the maximum.",
            "MAX_VALUE",
            state["minimum"],
            f"<= {state['maximum']}",
        )


def _check_type(state: Mapping[str, Any], given: frozenset[str]) -> Iterator[Problem]:
    kind = state.get("type")
    choices = [one.value for one in ItemType]
    if kind and kind not in choices:
        yield Problem(
            "type",
            f"Use one of {', '.join(choices)}.",
            "INVALID_CHOICE",
            kind,
            ", ".join(choices),
        )
    elif state["tracked"] and kind != ItemType.INVENTORY and "tracked" in given:
        yield Problem(
            path_of("tracked"), f"A {kind} item cannot be tracked.", "INVALID_CHOICE", value=True
        )


def _check_lists(state: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _check_length("variants", state.get("variants"), VARIANTS_MAX)
    yield from _check_length("images", state.get("images"), IMAGES_MAX)
    yield from _check_length(path_of("price_groups"), state["price_groups"], PRICE_GROUPS_MAX)
    yield from _check_length("customFields", state["custom_fields"], CUSTOM_FIELDS_MAX)
    for index, one in enumerate(state.get("locations") or ()):
        yield from _check_place(one, f"locations[{index}]")
    for name, value in state["custom_fields"].items():
        if len(name) > 100 or len(str(value)) > CUSTOM_VALUE_LENGTH:  # noqa: PLR2004  # a name
            yield Problem(
                f"customFields.{name[:100]}",
                f"Names have up to 100 characters, values up to {CUSTOM_VALUE_LENGTH}.",
                "MAX_VALUE",
            )
    codes = [normalised(one.code) for one in state.get("variants") or ()]
    own = normalised(state.get("code") or "")
    for index, code in enumerate(codes):
        if code in {*codes[:index], own}:
            yield Problem(
                f"variants[{index}].itemCode", "This code is used twice.", "DUPLICATE_VALUE", code
            )
        elif not code:
            yield Problem(
                f"variants[{index}].itemCode", "This field is required.", "REQUIRED_FIELD"
            )


def _check_place(one: ItemLocationDraft, path: str) -> Iterator[Problem]:
    yield from check_text(one.location, f"{path}.locationId", 64, is_required=True)
    yield from check_text(stated(one.bin, ""), f"{path}.binLocation", BIN_LENGTH)
    for field, name in LEVEL_PATHS.items():
        amount = stated(getattr(one, field), None)
        yield from _check_amount(f"{path}.{name}", amount, QUANTITY_MAX, QUANTITY_PLACES)
    least, most = stated(one.minimum, None) or 0, stated(one.maximum, None) or 0
    if 0 < most < least:
        yield Problem(
            f"{path}.minimumStock",
            "The minimum cannot be above the maximum.",
            "MAX_VALUE",
            least,
            f"<= {most}",
        )


def _check_length(path: str, values: Any, most: int) -> Iterator[Problem]:
    if values and len(values) > most:
        yield Problem(path, f"Use {most} at most.", "MAX_VALUE", len(values), f"<= {most}")


def check_fraction(quantity: Decimal, unit: str, places: int, *, field: str) -> Problem | None:
    """The problem of a quantity finer than its unit allows, if it is: pieces are whole."""
    if quantity == round(quantity, places):
        return None
    allowed = "whole numbers" if places == 0 else f"{places} decimals at most"
    return Problem(
        field,
        f"{unit} takes {allowed}.",
        "INVALID_FORMAT",
        quantity,
        f"{places} decimals",
    )


def is_low(on_hand: Decimal, minimum: Decimal) -> bool:
    """Low: at or below the minimum. A minimum of 0 watches nothing (CONTRACT I1)."""
    return minimum > 0 and on_hand <= minimum


def is_at_reorder_point(on_hand: Decimal, reorder_point: Decimal) -> bool:
    """At or below the reorder point; 0 watches nothing."""
    return reorder_point > 0 and on_hand <= reorder_point


class LevelState(StrEnum):
    """What a page says of a level, in a word."""

    OUT = "out"
    REORDER = "reorder"
    IN_STOCK = "in_stock"
    OVERSTOCK = "overstock"
    NEGATIVE = "negative"


def level_state(
    on_hand: Decimal, *, minimum: Decimal, reorder_point: Decimal, maximum: Decimal
) -> LevelState:
    """The one word that matters most about a level."""
    if on_hand < 0:
        return LevelState.NEGATIVE
    if on_hand == 0:
        return LevelState.OUT
    if is_low(on_hand, minimum) or is_at_reorder_point(on_hand, reorder_point):
        return LevelState.REORDER
    if 0 < maximum <= on_hand:
        return LevelState.OVERSTOCK
    return LevelState.IN_STOCK
