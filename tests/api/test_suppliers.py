from typing import Any

import pytest

from tests.api_caller import ApiCaller

WIDGETS: dict[str, Any] = {
    "id": "supp_widgets",
    "name": "Widget Supplier Ltd",
    "displayName": "Widgets",
    "email": "orders@widgets.example",
    "phone": "+60 3 1234",
    "website": "https://widgets.example",
    "taxNumber": "T-1",
    "registrationNumber": "R-1",
    "address": {
        "street": "1 Jalan Satu",
        "city": "Ipoh",
        "state": "Perak",
        "postalCode": "30000",
        "country": "MY",
    },
    "paymentTerms": {"termsDays": 30, "discountDays": 10, "discountPercent": 2.5},
    "creditLimit": 5000.25,
    "currency": "MYR",
    "leadTimeDays": 7,
    "status": "active",
    "tags": ["metal", "fast"],
    "contactPerson": {"name": "Mei"},
    "bankDetails": {"iban": "MY00"},
}


@pytest.fixture(autouse=True)
def supplier(api: ApiCaller) -> None:
    assert api.post("/suppliers", WIDGETS).status_code == 201


def test_a_supplier_is_answered_as_it_was_sent(api: ApiCaller) -> None:
    supplier = api.get("/suppliers/supp_widgets").json["data"]

    assert supplier.items() >= WIDGETS.items()
    assert supplier["supplierNumber"] == "SUPP-0001"


def test_groups_merge_and_null_clears(api: ApiCaller) -> None:
    changed = api.patch(
        "/suppliers/supp_widgets",
        {
            "address": {"city": "Penang", "state": None},
            "paymentTerms": {"discountPercent": None},
            "contactPerson": None,
            "creditLimit": None,
            "tags": ["slow"],
        },
    ).json["data"]

    assert changed["address"] == {**WIDGETS["address"], "city": "Penang", "state": ""}
    assert changed["paymentTerms"] == {"termsDays": 30, "discountDays": 10}
    assert changed["contactPerson"] == {}
    assert "creditLimit" not in changed
    assert changed["tags"] == ["slow"]
    assert changed["email"] == WIDGETS["email"]


def test_bank_details_are_for_those_who_may_change_them(api: ApiCaller) -> None:
    viewer = api.with_key(roles=("viewer",))

    assert "bankDetails" not in viewer.get("/suppliers/supp_widgets").json["data"]
    assert "bankDetails" not in viewer.get("/suppliers").json["data"][0]


def test_the_list_is_narrowed_and_sorted(api: ApiCaller) -> None:
    api.post("/suppliers", {"name": "Acme", "status": "suspended", "address": {"country": "SG"}})

    def names(query: str) -> list[str]:
        return [one["name"] for one in api.get(f"/suppliers?{query}").json["data"]]

    assert names("") == ["Acme", "Widget Supplier Ltd"]
    assert names("sort=name:desc") == ["Widget Supplier Ltd", "Acme"]
    assert names("status=suspended") == names("country=SG") == names("search=acm") == ["Acme"]
    assert names("search=SUPP-0001") == ["Widget Supplier Ltd"]


def test_only_a_supplier_of_nothing_is_deleted(api: ApiCaller) -> None:
    item = {"itemCode": "A", "name": "A", "type": "inventory", "supplierId": "supp_widgets"}
    added = api.post("/items", item).json["data"]

    refused = api.delete("/suppliers/supp_widgets")
    api.put(f"/items/{added['id']}", {"supplierId": None})
    gone = api.delete("/suppliers/supp_widgets")

    assert refused.json["error"]["details"][0]["rule"] == "IN_USE"
    assert gone.status_code == 200
    assert api.get("/suppliers/supp_widgets").status_code == 404


def test_every_wrong_field_is_named_at_once(api: ApiCaller) -> None:
    refused = api.post(
        "/suppliers",
        {
            "name": 5,
            "status": "gone",
            "paymentTerms": {"discountPercent": 101},
            "address": {"city": 7},
            "contactPerson": {"name": []},
        },
    )

    assert {one["field"] for one in refused.json["error"]["details"]} == {
        "name",
        "status",
        "paymentTerms.discountPercent",
        "address.city",
        "contactPerson.name",
    }
