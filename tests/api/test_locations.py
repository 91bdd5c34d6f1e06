import pytest

from tests.api_caller import ApiCaller

STORE = {
    "id": "loc_store",
    "name": "Store",
    "code": "S1",
    "kind": "store",
    "address": {"city": "Ipoh"},
    "countsAsAvailable": False,
    "bins": ["B2", "A1"],
}


@pytest.fixture(autouse=True)
def store(api: ApiCaller) -> None:
    assert api.post("/locations", STORE).status_code == 201


def stock(api: ApiCaller, quantity: int) -> None:
    api.post("/items", {"id": "item_a", "itemCode": "A", "name": "A", "type": "inventory"})
    body = {"itemId": "item_a", "locationId": "loc_store", "reason": "found"}
    assert api.put("/inventory/stock", {**body, "newQuantity": quantity}).status_code == 200


def test_a_location_is_answered_as_it_was_sent(api: ApiCaller) -> None:
    location = api.get("/locations/loc_store").json["data"]

    assert location["address"]["city"] == "Ipoh"
    assert location["bins"] == ["A1", "B2"]
    assert (location["kind"], location["code"]) == ("store", "S1")
    assert (location["countsAsAvailable"], location["isActive"]) == (False, True)


def test_bins_are_replaced_and_the_rest_stays(api: ApiCaller) -> None:
    changed = api.put("/locations/loc_store", {"bins": ["C3"], "version": 1}).json["data"]
    cleared = api.patch("/locations/loc_store", {"bins": None}).json["data"]

    assert (changed["bins"], changed["code"]) == (["C3"], "S1")
    assert cleared["bins"] == []


def test_the_list_shows_bins_when_asked(api: ApiCaller) -> None:
    api.post("/locations", {"name": "Depot"})

    def names(query: str) -> list[str]:
        return [one["name"] for one in api.get(f"/locations?{query}").json["data"]]

    assert names("") == ["Depot", "Store"]
    assert names("kind=store") == names("search=s1") == ["Store"]
    assert names("active=false") == []
    assert "bins" not in api.get("/locations").json["data"][1]
    assert api.get("/locations?includeBins=true").json["data"][1]["bins"] == ["A1", "B2"]


def test_a_location_with_stock_stays_active(api: ApiCaller) -> None:
    stock(api, 3)

    refused = api.put("/locations/loc_store", {"isActive": False})
    stock(api, 0)
    closed = api.put("/locations/loc_store", {"isActive": False})

    assert refused.json["error"]["details"][0]["rule"] == "IN_USE"
    assert closed.json["data"]["isActive"] is False


def test_only_a_location_without_history_is_deleted(api: ApiCaller) -> None:
    bins = [{"locationId": "loc_store", "binLocation": "A1"}]
    item = {"itemCode": "B", "name": "B", "type": "inventory", "locations": bins}
    added = api.post("/items", item).json["data"]

    gone = api.delete("/locations/loc_store")
    api.post("/locations", STORE)
    stock(api, 0)
    refused = api.delete("/locations/loc_store")

    assert gone.json["data"] == {"id": "loc_store", "deleted": True}
    assert api.get(f"/items/{added['id']}").json["data"]["locations"] == []
    assert refused.status_code == 422
    assert refused.json["error"]["details"][0]["rule"] == "IN_USE"


def test_a_taken_code_is_a_conflict(api: ApiCaller) -> None:
    refused = api.post("/locations", {"name": "Other", "code": "s1"})

    assert refused.status_code == 409
    assert refused.json["error"]["details"][0]["existingId"] == "loc_store"


def test_a_clerk_opens_no_locations(api: ApiCaller) -> None:
    clerk = api.with_key(roles=("clerk",))

    assert clerk.post("/locations", {"name": "Mine"}).status_code == 403
    assert clerk.get("/locations/loc_store").status_code == 200
