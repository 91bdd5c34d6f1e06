"""How parameters behind the question mark may be written, shown on the endpoints that have them."""

import pytest
from pydantic import AliasChoices, Field

from inventory.api.reading import read_query
from inventory.api.schemas.query import (
    ApiQuery,
    QueryDay,
    QueryFlag,
    QueryNumber,
    QueryWords,
    SortedQuery,
)
from inventory.domain.errors import Invalid
from tests.api_caller import ApiCaller


class DocumentQuery(SortedQuery):
    sorts = ("date", "number")
    descending = True

    date_from: QueryDay | None = Field(
        None, validation_alias=AliasChoices("dateFrom", "fromDate", "date[gte]")
    )
    status: QueryWords | None = Field(None, validation_alias=AliasChoices("status", "status[in]"))
    cost_min: QueryNumber | None = None
    draft: QueryFlag | None = None


def asked(api: ApiCaller, query: str, model: type[ApiQuery] = DocumentQuery) -> DocumentQuery:
    with api.app.test_request_context(f"/api/v1/units?{query}"):
        read = read_query(model)
    assert isinstance(read, DocumentQuery)
    return read


@pytest.mark.parametrize("name", ["dateFrom", "fromDate", "date[gte]", "dateFrom[eq]"])
def test_a_parameter_has_several_names(api: ApiCaller, name: str) -> None:
    assert str(asked(api, f"{name}=2026-02-28").date_from) == "2026-02-28"


@pytest.mark.parametrize(
    ("written", "field", "code"),
    [
        ("date[lt]=2026-01-01", "date[lt]", "INVALID_CHOICE"),
        ("status[contains]=a", "status[contains]", "INVALID_CHOICE"),
        ("dateFrom=2026-01-01&fromDate=2026-01-02", "fromDate", "INVALID_FORMAT"),
        ("draft=1&draft=1", "draft", "INVALID_FORMAT"),
        ("dateFrom=20260101", "dateFrom", "INVALID_FORMAT"),
        ("dateFrom=2026-1-1", "dateFrom", "INVALID_FORMAT"),
        ("dateFrom=2026-02-30", "dateFrom", "INVALID_FORMAT"),
        ("dateFrom=9999-12-31", "dateFrom", "DATE_CONSTRAINT"),
        ("costMin=1_0", "costMin", "INVALID_FORMAT"),
        ("costMin=%EF%BC%91", "costMin", "INVALID_FORMAT"),
        ("costMin=1e3", "costMin", "INVALID_FORMAT"),
        ("costMin=NaN", "costMin", "INVALID_FORMAT"),
        ("draft=yes", "draft", "INVALID_FORMAT"),
        ("status=" + ",".join("abc" * 20), "status", "MAX_VALUE"),
    ],
)
def test_what_is_written_wrongly_is_named(
    api: ApiCaller, written: str, field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        asked(api, written)

    assert (field, code) in [(one.field, one.code) for one in refusal.value.problems]


@pytest.mark.parametrize(("written", "means"), [("TRUE", True), ("1", True), ("False", False)])
def test_yes_and_no_have_a_few_spellings(api: ApiCaller, written: str, *, means: bool) -> None:
    assert asked(api, f"draft={written}").draft is means


def test_what_nobody_knows_is_ignored(api: ApiCaller) -> None:
    assert asked(api, "utm_source=x&colour[in]=red&costMin=").cost_min is None


def test_a_list_is_written_with_commas(api: ApiCaller) -> None:
    assert asked(api, "status[in]=draft,posted").status == ["draft", "posted"]


@pytest.mark.parametrize(
    ("written", "sorting"),
    [
        ("", ("date", True)),
        ("order=asc", ("date", False)),
        ("sort=number", ("number", False)),
        ("sort=number&order=desc", ("number", True)),
        ("sort=number:desc", ("number", True)),
        ("sort=date:asc&order=desc", ("date", False)),
    ],
)
def test_a_list_is_sorted_in_either_style(
    api: ApiCaller, written: str, sorting: tuple[str, bool]
) -> None:
    assert asked(api, written).sorting() == sorting


@pytest.mark.parametrize("written", ["sort=colour", "sort=number:up", "order=up"])
def test_an_unknown_order_is_refused(api: ApiCaller, written: str) -> None:
    with pytest.raises(Invalid) as refusal:
        asked(api, written).sorting()

    assert refusal.value.problems[0].code == "INVALID_CHOICE"
