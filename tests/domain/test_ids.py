"""Ids: what callers may choose and what we make."""

import pytest

from inventory.domain.ids import is_public_id, public_id
from inventory.services.ids import new_id, new_ids


@pytest.mark.parametrize("text", ["item_1", "item_WDG-001", "item_" + "a" * 59])
def test_callers_may_choose_an_id_with_the_right_prefix(text: str) -> None:
    assert is_public_id(text, "item")


@pytest.mark.parametrize(
    "text", ["item_", "cat_1", "item_ä", "item_a b", "item_" + "a" * 60, "item_1\n"]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_public_id(text, "item")


def test_a_made_id_carries_eighty_bits() -> None:
    assert len(public_id("item", (1 << 80) - 1)) == len("item_") + 16
    assert is_public_id(public_id("item", 0), "item")


def test_keys_grow() -> None:
    first, many = new_id(), new_ids(1000)

    assert first < many[0] < many[-1] < 1 << 63
    assert len(set(many)) == 1000
