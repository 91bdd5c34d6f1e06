"""Pictures of items: what is taken, what is kept, who gets them."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from inventory.config import Settings
from tests.api_caller import ApiCaller, new_caller

URL = "/items/item_a/images"


@pytest.fixture(autouse=True)
def item(api: ApiCaller) -> None:
    add_item(api)


def add_item(api: ApiCaller) -> None:
    api.post("/items", {"id": "item_a", "itemCode": "A", "name": "A", "type": "inventory"})


def picture(kind: str, size: tuple[int, int] = (30, 20), **more: Any) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(written, kind, **more)
    return written.getvalue()


def send(api: ApiCaller, data: bytes, query: str = "", **form: Any) -> Any:
    headers = form.pop("headers", {})
    file = FileStorage(BytesIO(data), "../../etc/passwd.svg")
    boundary, body = encode_multipart({"file": file, **form})
    kind = f"multipart/form-data; boundary={boundary}"
    return api.post(URL + query, data=body, content_type=kind, headers=headers)


def files(api: ApiCaller) -> set[Path]:
    settings: Settings = api.app.extensions["racking.settings"]
    return {one for one in settings.files.rglob("*") if one.is_file()}


@pytest.mark.parametrize(
    ("kind", "mimetype"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_a_picture_is_kept_and_given_back(api: ApiCaller, kind: str, mimetype: str) -> None:
    sent = send(api, picture(kind))
    added = sent.json["data"]
    got = api.get(f"{URL}/{added['id']}")

    assert sent.status_code == 201
    assert (added["width"], added["height"], added["isPrimary"]) == (30, 20, True)
    assert added["url"].endswith(f"/api/v1{URL}/{added['id']}")
    assert got.mimetype == mimetype
    assert Image.open(BytesIO(got.data)).size == (30, 20)
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert api.get("/items/item_a").json["data"]["images"] == [added]


def test_a_picture_is_kept_upright_and_tells_nothing_else(api: ApiCaller) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    data = picture("JPEG", exif=exif, comment=b"secret") + b"<script>alert(1)</script>"

    added = send(api, data).json["data"]
    kept = api.get(f"{URL}/{added['id']}").data

    assert (added["width"], added["height"]) == (20, 30)
    opened = Image.open(BytesIO(kept))
    assert dict(opened.getexif()) == {}
    assert "comment" not in opened.info
    assert b"script" not in kept
    assert b"maker" not in kept


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "INVALID_FORMAT"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "INVALID_FORMAT"),
        (picture("GIF"), "INVALID_FORMAT"),
        (picture("PNG")[:60], "INVALID_FORMAT"),
        (picture("PNG", (5000, 4001)), "MAX_VALUE"),
        (picture("PNG") + bytes(5_000_000), "MAX_VALUE"),
    ],
    ids=["nothing", "drawing", "gif", "half", "too many pixels", "too many bytes"],
)
def test_what_is_no_decent_picture_is_refused(api: ApiCaller, data: bytes, code: str) -> None:
    before = files(api)

    refused = send(api, data)

    assert refused.status_code == 422
    (detail,) = refused.json["error"]["details"]
    assert (detail["field"], detail["code"]) == ("file", code)
    assert files(api) == before


def test_a_body_beyond_all_bounds_is_not_read(api: ApiCaller) -> None:
    assert send(api, bytes(6_000_000)).status_code == 413


def test_a_form_without_a_file_is_refused(api: ApiCaller) -> None:
    empty = api.post(URL, data={"other": "x"}, content_type="multipart/form-data")
    json = api.post(URL, {"file": "x"})

    assert empty.json["error"]["details"][0]["field"] == "file"
    assert json.status_code == 400


def test_exactly_one_picture_is_the_primary_one(api: ApiCaller) -> None:
    first, second, third = (
        send(api, picture("PNG"), isPrimary=wish).json["data"]["id"]
        for wish in ("false", "true", "0")
    )

    def primary() -> list[str]:
        images = api.get("/items/item_a").json["data"]["images"]
        return [one["id"] for one in images if one["isPrimary"]]

    sent_as_primary = primary()
    api.put(f"{URL}/{third}", {"isPrimary": True})
    chosen = primary()
    api.delete(f"{URL}/{third}")

    assert sent_as_primary == [second]
    assert chosen == [third]
    assert primary() == [first]
    assert api.get("/items/item_a").json["data"]["version"] == 6


def test_a_deleted_picture_takes_its_file_along(api: ApiCaller) -> None:
    before = files(api)
    added = send(api, picture("PNG")).json["data"]["id"]
    between = files(api)

    tried = api.delete(f"{URL}/{added}?dryRun=true")
    after_try = files(api)
    gone = api.delete(f"{URL}/{added}")

    assert tried.status_code == gone.status_code == 200
    assert len(between - before) == 1
    assert after_try == between
    assert files(api) == before
    assert api.get(f"{URL}/{added}").status_code == 404


def test_nothing_is_kept_of_what_came_to_nothing(api: ApiCaller) -> None:
    before = files(api)

    rehearsed = send(api, picture("PNG"), "?dryRun=true")
    unknown = api.post("/items/item_b/images", data={"file": (BytesIO(picture("PNG")), "a.png")})

    assert rehearsed.status_code == 201
    assert unknown.status_code == 404
    assert files(api) == before
    assert api.get("/items/item_a").json["data"]["images"] == []


def test_an_upload_sent_again_has_no_second_effect(api: ApiCaller) -> None:
    headers = {"Idempotency-Key": "upload-1"}

    first = send(api, picture("PNG"), headers=headers)
    between = files(api)
    again = send(api, picture("PNG"), headers=headers)
    other = send(api, picture("PNG", (31, 20)), headers=headers)

    # Browsers and test clients choose another boundary each time; the content decides.
    assert again.json["data"] == first.json["data"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.json["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert files(api) == between


def test_an_item_has_twenty_pictures_at_most(api: ApiCaller) -> None:
    images = [{"url": f"https://example.com/{number}.jpg"} for number in range(20)]
    api.put("/items/item_a", {"images": images})

    refused = send(api, picture("PNG"))

    assert refused.status_code == 422
    assert refused.json["error"]["details"][0]["constraint"] == "<= 20"


def test_a_picture_elsewhere_is_only_noted(api: ApiCaller) -> None:
    image = {"url": "https://example.com/a.jpg", "isPrimary": True}

    (noted,) = api.put("/items/item_a", {"images": [image]}).json["data"]["images"]

    assert noted["url"] == image["url"]
    assert api.get(f"{URL}/{noted['id']}").status_code == 404


def test_pictures_of_another_company_are_unknown(api: ApiCaller) -> None:
    other = new_caller(api.app)
    add_item(other)
    theirs = send(other, picture("PNG")).json["data"]["id"]

    assert other.get(f"{URL}/{theirs}").status_code == 200
    assert api.get(f"{URL}/{theirs}").status_code == 404
    assert api.delete(f"{URL}/{theirs}").status_code == 404
    assert api.put(f"{URL}/{theirs}", {"isPrimary": True}).status_code == 404
