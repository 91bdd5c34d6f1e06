"""Whatever people and programs type is shown as text, never as markup, attribute or template."""

import re
from typing import Any

import pytest
from flask import Flask

from inventory.domain.keys import KeyDraft
from inventory.http.clock import utc_now
from inventory.services.keys import create_key
from tests.web.shop import Shop

FOREIGN = '<img src=x onerror=alert(1)>" hx-get="/x" {{7*7}}'
SETTINGS = ("company", "locations", "categories", "suppliers", "units", "users", "keys")
# The tag itself, the attribute broken out of its quotes, the template worked out.
TAKEN = re.compile(r'<img src=x|" hx-get="/x"|onerror=alert\(1\)>|/x(?:"|&#34;) 49')


def _type_everywhere(app: Flask, shop: Shop) -> tuple[str, str]:
    """Put it into every text there is; the ids of an item and of an adjustment that bear it."""
    forms: dict[str, dict[str, Any]] = {
        "locations": {"kind": "warehouse", "street": FOREIGN, "city": FOREIGN, "bins": "A1"},
        "categories": {},
        "suppliers": {"currency": "MYR", "status": "active", "person_name": FOREIGN,
                      "tags": FOREIGN, "city": FOREIGN, "bank_name": FOREIGN},
        "units": {"code": "odd", "places": "0"},
        "users": {"email": f"odd.{shop.browser.company}@example.com", "roles": "viewer",
                  "how": "none"},
        "keys": {"roles": "viewer"},
        "company": {"timezone": "UTC"},
    }  # fmt: skip
    for noun, form in forms.items():
        sent = {"name": FOREIGN, "is_active": "y", **form}
        answer = shop.post(f"/settings/{noun}", sent)
        assert answer.status_code < 400, (noun, answer.text)
    place = shop.place("Main")
    draft = KeyDraft(name="Program", roles=("admin",))
    key = shop.do(lambda session, actor: create_key(session, actor, draft, now=utc_now()).text)
    headers = {"Authorization": f"Bearer {key}", "X-Company-Id": shop.browser.company}

    def send(path: str, body: dict[str, Any]) -> str:
        answer = app.test_client().post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["data"]["id"])

    item = send("/items", {
        "itemCode": FOREIGN[:50], "name": FOREIGN, "description": FOREIGN, "type": "inventory",
        "unit": "odd", "customFields": {"note": FOREIGN},
        "pricing": {"priceGroups": [{"groupId": FOREIGN[:50], "price": 1}]},
    })  # fmt: skip
    adjustment = send("/inventory/adjustments", {
        "reason": "found", "locationId": place, "reference": FOREIGN, "notes": FOREIGN,
        "items": [{"itemId": item, "adjustmentQuantity": 5, "notes": FOREIGN}],
    })  # fmt: skip
    return item, adjustment


def test_foreign_text_is_shown_as_text_on_every_page(app: Flask, shop: Shop) -> None:
    item, adjustment = _type_everywhere(app, shop)
    pages = [
        "/items",
        "/items?search=img",
        *(f"/items/{item}{tab}" for tab in ("", "/movements", "/documents", "/details", "/edit")),
        f"/items/{item}/_preview",
        f"/stock/{item}/edit",
        "/adjustments",
        f"/adjustments/{adjustment}",
        "/adjustments/new",
        "/adjustments/_items?add=img",
        *(f"/settings/{noun}" for noun in SETTINGS),
        "/no/such/page",
        f"/items?search={FOREIGN}",
        f"/adjustments?search={FOREIGN}",
    ]

    shown = {page: shop.get(page).text for page in pages}

    assert {page: found for page, text in shown.items() if (found := TAKEN.findall(text))} == {}
    for page in ("/items", f"/adjustments/{adjustment}", "/settings/suppliers", "/settings/keys"):
        assert "&lt;img src=x onerror" in shown[page]  # it is there, as text


@pytest.mark.parametrize("text", [FOREIGN, "{% for x in y %}", "${7*7}", "</title><script>"])
def test_what_is_refused_is_given_back_as_text(shop: Shop, text: str) -> None:
    answer = shop.post("/items", {"code": "", "name": text, "type": text, "unit": text})

    assert answer.status_code == 422
    assert not TAKEN.search(answer.text)
    assert "<script>" not in answer.text
