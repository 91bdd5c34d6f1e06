"""What may be said of an item."""

from decimal import Decimal
from typing import Any

import pytest

from inventory.domain.drafts import UNSET
from inventory.domain.errors import Invalid
from inventory.domain.items import DEFAULTS, ItemLocationDraft, VariantDraft, check_item

PLAIN = {
    **DEFAULTS,
    "public_id": None,
    "code": "WDG-001",
    "name": "Widget",
    "type": "inventory",
    "tracked": True,
}


def problems_of(given: frozenset[str] = frozenset(), **changes: Any) -> dict[str, str]:
    """Field -> code of everything wrong with an item changed so."""
    try:
        check_item({**PLAIN, **changes}, currency="MYR", given=given)
    except Invalid as invalid:
        return {one.field: one.code for one in invalid.problems}
    return {}


def test_a_plain_item_is_sound() -> None:
    assert problems_of() == {}


def test_all_problems_are_named_at_once() -> None:
    found = problems_of(code=" ", name="", cost_price=Decimal(-1), lead_time_days=-1)

    assert found == {
        "itemCode": "REQUIRED_FIELD",
        "name": "REQUIRED_FIELD",
        "pricing.costPrice": "MIN_VALUE",
        "leadTimeDays": "MIN_VALUE",
    }


def test_a_minimum_above_the_maximum_is_refused_unless_none_is_set() -> None:
    assert problems_of(minimum=Decimal(5), maximum=Decimal(4)) == {
        "inventory.minimumStock": "MAX_VALUE"
    }
    assert problems_of(minimum=Decimal(5), maximum=Decimal(0)) == {}


def test_a_reorder_point_may_lie_below_the_minimum() -> None:
    assert problems_of(minimum=Decimal(5), reorder_point=Decimal(3)) == {}


def test_a_service_cannot_be_tracked() -> None:
    found = problems_of(frozenset({"tracked"}), type="service", tracked=True)

    assert found == {"inventory.tracked": "INVALID_CHOICE"}


def test_prices_are_in_the_currency_of_the_company() -> None:
    assert problems_of(currency="USD") == {"pricing.currency": "INVALID_CHOICE"}
    assert problems_of(currency=UNSET) == {}


@pytest.mark.parametrize(
    ("place", "field", "code"),
    [
        ({"minimum": Decimal(-1)}, "minimumStock", "MIN_VALUE"),
        ({"maximum": Decimal(10**12)}, "maximumStock", "MAX_VALUE"),
        ({"reorder_point": Decimal("0.0000001")}, "reorderPoint", "INVALID_FORMAT"),
        ({"minimum": Decimal(9), "maximum": Decimal(8)}, "minimumStock", "MAX_VALUE"),
        ({"bin": "A" * 51}, "binLocation", "MAX_VALUE"),
        ({"location": ""}, "locationId", "REQUIRED_FIELD"),
    ],
)
def test_levels_at_a_location_are_held_to_the_same_rules(
    place: dict[str, Any], field: str, code: str
) -> None:
    draft = ItemLocationDraft(**{"location": "loc_1", **place})

    assert problems_of(locations=(draft,)) == {f"locations[0].{field}": code}


def test_two_variants_cannot_share_a_code_nor_take_their_parents() -> None:
    variants = (VariantDraft("A"), VariantDraft("a "), VariantDraft("wdg-001"))

    assert problems_of(variants=variants) == {
        "variants[1].itemCode": "DUPLICATE_VALUE",
        "variants[2].itemCode": "DUPLICATE_VALUE",
    }
