from tests.api_caller import ApiCaller

METRE = {"code": "m/s", "name": "Metres a second", "decimalPlaces": 2}


def test_a_unit_is_added_read_and_changed(api: ApiCaller) -> None:
    added = api.post("/units", METRE)
    changed = api.put("/units/m/s", {"name": "Speed"})
    read = api.get("/units/m/s")

    assert added.status_code == 201
    assert added.headers["Location"].endswith("/api/v1/units/m/s")
    assert added.json["data"].items() >= {**METRE, "isActive": True, "version": 1}.items()
    assert changed.json["data"]["name"] == "Speed"
    assert changed.json["data"]["decimalPlaces"] == 2
    assert read.json["data"] == changed.json["data"]
    assert read.headers["ETag"] == '"2"'


def test_units_are_listed_page_by_page(api: ApiCaller) -> None:
    codes: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/units?limit=3&cursor={cursor}").json
        codes += [unit["code"] for unit in page["data"]]
        cursor = page["pagination"]["nextCursor"]
        if not page["pagination"]["hasMore"]:
            break

    assert cursor is None
    assert codes == sorted(codes)
    assert len(codes) == page["pagination"]["total"] == 10


def test_units_can_be_counted_off_instead(api: ApiCaller) -> None:
    page = api.get("/units?limit=4&offset=8").json

    assert len(page["data"]) == 2
    assert page["pagination"]["nextOffset"] is None
    assert api.get("/units?limit=4&offset=4").json["pagination"]["nextOffset"] == 8
    assert "nextOffset" not in api.get("/units").json["pagination"]


def test_inactive_units_can_be_left_out(api: ApiCaller) -> None:
    api.put("/units/pcs", {"isActive": False})

    active = api.get("/units?active=True").json["data"]
    inactive = api.get("/units?active=0").json["data"]

    assert "pcs" not in [unit["code"] for unit in active]
    assert [unit["code"] for unit in inactive] == ["pcs"]


def test_a_taken_code_is_a_conflict(api: ApiCaller) -> None:
    refused = api.post("/units", {"code": "kg", "name": "Kilo", "decimalPlaces": 3})

    assert refused.status_code == 409
    (detail,) = refused.json["error"]["details"]
    assert detail["field"] == "code"
    assert detail["existingId"] == "kg"


def test_every_wrong_field_is_named_at_once(api: ApiCaller) -> None:
    refused = api.post("/units", {"code": 5, "name": "x" * 101})

    assert refused.status_code == 422
    assert [(one["field"], one["code"]) for one in refused.json["error"]["details"]] == [
        ("code", "INVALID_FORMAT"),
        ("name", "MAX_VALUE"),
        ("decimalPlaces", "REQUIRED_FIELD"),
    ]


def test_a_unit_of_another_version_is_not_changed(api: ApiCaller) -> None:
    by_body = api.put("/units/pcs", {"name": "Piece", "version": 4})
    by_header = api.put("/units/pcs", {"name": "Piece"}, headers={"If-Match": '"4"'})
    fitting = api.put("/units/pcs", {"name": "Piece"}, headers={"If-Match": '"1"'})

    assert (by_body.status_code, by_body.json["error"]["code"]) == (409, "CONFLICT")
    assert (by_header.status_code, by_header.json["error"]["code"]) == (412, "PRECONDITION_FAILED")
    assert fitting.json["data"]["version"] == 2
