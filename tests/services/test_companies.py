"""Founding companies, their terms and their calendar."""

from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from inventory.database import rehearsal
from inventory.domain.companies import CompanyDraft, effect_of_date, end_of_day
from inventory.domain.errors import Duplicate, Invalid
from inventory.models.units import Unit
from inventory.services.companies import create_company

NOW = datetime(2026, 3, 5, 17, 30, tzinfo=UTC)  # already the 6th in Kuala Lumpur
KUALA_LUMPUR = ZoneInfo("Asia/Kuala_Lumpur")


def test_a_new_company_has_its_currency_and_units(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        company = create_company(session, CompanyDraft("Nippon", currency="JPY"), now=NOW)

        codes = set(session.scalars(select(Unit.code).where(Unit.company_id == company.id)))

        assert company.value_places == 0
        assert {"pcs", "kg"} <= codes


def test_an_id_is_given_once(app: Flask) -> None:
    draft = CompanyDraft("Acme", public_id=f"company_{uuid4().hex}")
    with app.app_context(), rehearsal() as session:
        create_company(session, draft, now=NOW)

        with pytest.raises(Duplicate):
            create_company(session, draft, now=NOW)


def test_every_problem_is_named_at_once(app: Flask) -> None:
    draft = CompanyDraft(" ", currency="ringgit", timezone="Mars", public_id="x", value_places=9)
    with app.app_context(), rehearsal() as session, pytest.raises(Invalid) as refused:
        create_company(session, draft, now=NOW)

    assert {one.field for one in refused.value.problems} == {
        "name", "currency", "timezone", "id", "valuePlaces"
    }  # fmt: skip


def test_a_document_of_today_takes_effect_now() -> None:
    assert effect_of_date(date(2026, 3, 6), NOW, KUALA_LUMPUR) is None


def test_an_earlier_document_takes_effect_at_the_end_of_its_day() -> None:
    effect = effect_of_date(date(2026, 3, 5), NOW, KUALA_LUMPUR)

    assert effect == datetime(2026, 3, 5, 15, 59, 59, 999999, tzinfo=UTC)


def test_west_of_utc_the_utc_date_is_no_future() -> None:
    evening = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)  # still the 5th in New York

    assert effect_of_date(date(2026, 3, 6), evening, ZoneInfo("America/New_York")) is None
    with pytest.raises(Invalid, match="future"):
        effect_of_date(date(2026, 3, 7), evening, ZoneInfo("America/New_York"))


def test_a_day_ends_where_its_zone_says() -> None:
    assert end_of_day(date(2026, 3, 29), ZoneInfo("Europe/Berlin")) == datetime(
        2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC
    )
