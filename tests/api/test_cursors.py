import base64

from tests.api_caller import ApiCaller, new_caller


def first_cursor(api: ApiCaller, path: str = "/units?limit=2") -> str:
    cursor: str = api.get(path).json["pagination"]["nextCursor"]
    return cursor


def test_no_flipped_bit_gets_through(api: ApiCaller) -> None:
    cursor = first_cursor(api)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))

    for place in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        text = base64.urlsafe_b64encode(flipped).rstrip(b"=").decode()
        answer = api.get(f"/units?limit=2&cursor={text}")

        assert answer.status_code == 422, place
        assert answer.json["error"]["details"][0]["field"] == "cursor"


def test_no_changed_letter_gets_through(api: ApiCaller) -> None:
    cursor = first_cursor(api)

    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]

        assert api.get(f"/units?limit=2&cursor={changed}").status_code == 422


def test_a_cursor_belongs_to_one_company(api: ApiCaller) -> None:
    other = new_caller(api.app)

    assert api.get(f"/units?cursor={first_cursor(other)}").status_code == 422


def test_a_cursor_belongs_to_one_filter(api: ApiCaller) -> None:
    cursor = first_cursor(api)

    assert api.get(f"/units?limit=3&cursor={cursor}").status_code == 200
    assert api.get(f"/units?active=true&cursor={cursor}").status_code == 422


def test_what_the_list_ignores_narrows_no_cursor(api: ApiCaller) -> None:
    """Client libraries add parameters of their own, such as the time."""
    cursor = api.get("/units?limit=2&_=1&active=true").json["pagination"]["nextCursor"]

    followed = api.get(f"/units?limit=2&_=2&active=1&cursor={cursor}")

    assert followed.status_code == 200


def test_limits_have_bounds(api: ApiCaller) -> None:
    low, high = api.get("/units?limit=0"), api.get("/units?limit=201")

    (below,), (above,) = (one.json["error"]["details"] for one in (low, high))
    assert (below["code"], below["constraint"]) == ("MIN_VALUE", ">= 1")
    assert (above["code"], above["constraint"]) == ("MAX_VALUE", "<= 200")
