"""How figures, days and names are written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from inventory.domain.actor import Actor, CompanyTerms
from inventory.http.request import act_as
from inventory.web import filters

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0"


def actor_in(zone: str, currency: str = "MYR") -> Actor:
    company = CompanyTerms(
        id=1,
        public_id="company_1",
        name="Acme",
        currency=currency,
        value_places=2,
        zone=ZoneInfo(zone),
        book_method="average",
        allow_negative_stock=False,
        gap_free_numbers=False,
        locked_through=None,
    )
    return Actor(1, "user_1", "Ana", company, (), frozenset(), "web")


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("1250", "1,250"),
        ("0.500000", "0.5"),
        ("100", "100"),
        ("1E+3", "1,000"),
        ("-2", "\u22122"),
        ("0", "0"),
    ],
)
def test_a_quantity_has_groups_and_no_needless_zeros(amount: str, written: str) -> None:
    assert filters.quantity(Decimal(amount)) == written


def test_a_change_shows_its_sign() -> None:
    assert [filters.signed(Decimal(one)) for one in ("5", "-2", "0")] == ["+5", "\u22122", "0"]


def test_money_has_the_decimals_of_its_currency(app: Flask) -> None:
    with app.test_request_context():
        act_as(actor_in("UTC"))
        assert filters.money(Decimal("1234.5")) == "1,234.50"
        assert filters.money(Decimal("1234.5"), "KWD") == "1,234.500"
        assert filters.money(Decimal(1234), "JPY") == "1,234"
        assert filters.money(None) == "\u2013"
        assert filters.cost(Decimal("0.142857")) == "0.142857"
        assert filters.cost(Decimal(2)) == "2.00"


def test_a_moment_is_told_in_the_zone_of_the_company(app: Flask) -> None:
    late = datetime(2026, 3, 5, 20, 30, tzinfo=UTC)
    with app.test_request_context():
        act_as(actor_in("Asia/Kuala_Lumpur"))
        assert filters.moment(late) == "6 Mar 2026, 04:30"
        act_as(actor_in("America/New_York"))
        assert filters.moment(late) == "5 Mar 2026, 15:30"


def test_how_long_ago(app: Flask) -> None:
    now = datetime.now(UTC)
    with app.test_request_context():
        act_as(actor_in("UTC"))
        told = [
            filters.ago(now - one)
            for one in (timedelta(seconds=5), timedelta(minutes=4, seconds=5), timedelta(hours=3))
        ]
        assert told == ["just now", "4 min", "3 h"]
        assert filters.ago(now - timedelta(days=40)) == filters.day(now - timedelta(days=40))


def test_people_and_browsers_have_short_names() -> None:
    assert filters.initials("Aina Rahman") == "AR"
    assert filters.initials("Plato") == "P"
    assert filters.initials("") == "?"
    assert filters.browser(AGENT) == "Edge on Linux"
    assert filters.browser("curl/8") == "A browser"


def test_a_bin_is_read_in_its_parts() -> None:
    assert filters.bin_parts("A1-B2-C3") == ["A1", "B2", "C3"]
    assert filters.bin_parts("DOCK") == ["DOCK"]
