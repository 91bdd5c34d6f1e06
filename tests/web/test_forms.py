"""What people type, and refusals at their fields."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from wtforms.validators import Optional, ValidationError

from inventory.domain.errors import Invalid, Problem
from inventory.web.forms.base import NumberField, PageForm, read_number
from inventory.web.lists import Order, here


class PriceForm(PageForm):
    field_names = {"unitCost": "cost"}  # noqa: RUF012  # as a form declares it

    cost: Any = NumberField("Cost", [Optional()])
    lead_time: Any = NumberField("Lead time", [Optional()])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1,250", "1250"),
        ("12.5", "12.5"),
        (" +5 ", "5"),
        ("-2", "-2"),
        ("\u22122", "-2"),
        (".5", "0.5"),
        ("1,234,567.000001", "1234567.000001"),
    ],
)
def test_a_number_is_read_as_people_type_it(typed: str, read: str) -> None:
    assert read_number(typed) == Decimal(read)


@pytest.mark.parametrize(
    "typed",
    [
        "1e3",
        "NaN",
        "Infinity",
        "١٢",
        "1,25",
        "12,5",
        "1.250,00",
        "",
        "-",
        ".",
        "0x1",
        "1 000",
        "9" * 40,
    ],
)
def test_what_could_mean_something_else_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        read_number(typed)


@given(st.decimals("-999999999", "999999999", places=6))
def test_what_a_page_prints_is_read_back(number: Decimal) -> None:
    assert read_number(f"{number:,f}") == number


def test_each_problem_stands_at_its_field_and_the_rest_above(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"cost": "x"}):
        form = PriceForm()
        assert not form.validate()
        form.take(
            Invalid(
                [
                    Problem("unitCost", "Too dear.", "MAX_VALUE"),
                    Problem("supplier.leadTime", "Too long.", "MAX_VALUE"),
                    Problem("planet", "Unknown.", "INVALID_CHOICE"),
                ]
            )
        )

        assert list(form.cost.errors) == ["Type a number such as 1,250 or 12.5.", "Too dear."]
        assert list(form.lead_time.errors) == ["Too long."]
        assert form.form_errors == ["planet: Unknown."]
        assert 'value="x"' in form.cost()


def test_every_form_has_a_key_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        assert PriceForm().idempotency_key.data != PriceForm().idempotency_key.data


def test_a_filter_goes_without_the_rest_and_never_with_the_cursor(app: Flask) -> None:
    with app.test_request_context("/sign-in?q=a&sort=name&cursor=abc&tag=1&tag=2"):
        assert here(q=None) == "/sign-in?sort=name&tag=1&tag=2"
        assert Order("name").address("name").startswith("/sign-in?q=a&sort=name&tag=1&tag=2")
        assert "order=desc" in Order("name").address("name")
        assert "order=desc" not in Order("name", descending=True).address("name")
