"""The pages of items: who may see what, what the list shows, what the form refuses."""

import re
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from inventory.domain.categories import CategoryDraft
from inventory.domain.items import ItemDraft, ItemLocationDraft, VariantDraft
from inventory.domain.suppliers import SupplierDraft
from inventory.http.clock import utc_now
from inventory.services.categories import create_category
from inventory.services.items import update_item
from inventory.services.suppliers import create_supplier
from tests.factories import add_location
from tests.web.shop import HTMX, Shop, figures, names, toast

# The list


def test_the_list_of_a_new_company_says_what_to_do(shop: Shop) -> None:
    page = shop.get("/items")

    assert page.status_code == 200
    assert "No items yet" in page.text


def test_a_search_puts_the_exact_code_first(shop: Shop) -> None:
    shop.item("BOLT-10", name="Bolt")
    shop.item("BOLT-1", name="Zinc bolt")

    page = shop.get("/items?search=bolt-1")

    assert names(page) == ["Zinc bolt", "Bolt"]


def test_a_search_without_a_match_offers_to_create_it(shop: Shop) -> None:
    shop.item("BOLT-10")

    page = shop.get("/items?search=washer")

    assert "No item matches" in page.text
    assert "items/new?name=washer" in page.text


def test_the_fragment_holds_the_list_alone_and_the_address_of_the_page(shop: Shop) -> None:
    shop.item("BOLT-10", name="Bolt")
    shop.item("NUT-10", name="Nut")

    answer = shop.get("/items/_list?search=nut&level=&category=&sort=name", headers=HTMX)

    assert names(answer) == ["Nut"]
    assert "<html" not in answer.text
    assert answer.headers["HX-Replace-Url"].endswith("/items?search=nut")


def test_filters_echo_as_links_that_take_them_away(shop: Shop) -> None:
    draft = CategoryDraft(name="Fasteners")
    category = shop.do(
        lambda session, actor: create_category(session, actor, draft, now=utc_now()).public_id
    )
    shop.item("BOLT", name="Bolt", category=category)
    shop.item("PAINT", name="Paint")

    page = shop.get(f"/items?category={category}&type=inventory")

    assert names(page) == ["Bolt"]
    assert "Category Fasteners, remove" in page.text or "filter Category Fasteners" in page.text
    assert f'/items?category={category}"' in page.text  # the chip of the type


def test_price_and_supplier_narrow_the_list(shop: Shop) -> None:
    draft = SupplierDraft(name="Bintang")
    supplier = shop.do(
        lambda session, actor: create_supplier(session, actor, draft, now=utc_now()).public_id
    )
    shop.item("A", name="Cheap", supplier=supplier, selling_price=Decimal(5))
    shop.item("B", name="Dear", supplier=supplier, selling_price=Decimal(50))
    shop.item("C", name="Other", selling_price=Decimal(50))

    page = shop.get(f"/items?supplier={supplier}&price_min=10&price_max=1,000")

    assert names(page) == ["Dear"]


def test_nonsense_in_the_address_counts_as_not_said(shop: Shop) -> None:
    shop.item("A", name="One")

    page = shop.get("/items?sort=evil&order=x&level=x&price_min=abc&category=cat_none&loc=loc_x")

    assert page.status_code == 200
    assert names(page) == ["One"]


def test_views_count_what_is_behind_them(shop: Shop) -> None:
    place = shop.place("Main")
    low = shop.item("LOW", name="Low one", minimum=Decimal(5), reorder_point=Decimal(8))
    over = shop.item("OVER", name="Over one", maximum=Decimal(5))
    shop.item("OUT", name="Out one")
    shop.stock(low, place, 4)
    shop.stock(over, place, 9)

    page = shop.get("/items?level=low")

    counts = dict(re.findall(r'id="count-([a-z-]+)">(\d+)<', page.text))
    assert counts == {
        "all": "3", "reorder": "1", "out": "1", "low": "1", "over": "1", "no-bin": "3",
    }  # fmt: skip
    assert names(page) == ["Low one"]
    assert 'aria-current="page">Low' in page.text


def test_one_location_shows_and_judges_its_own_figures(shop: Shop) -> None:
    main, store = shop.place("Main"), shop.place("Store")
    bolt = shop.item("BOLT", name="Bolt", minimum=Decimal(5))
    nut = shop.item("NUT", name="Nut")
    shop.stock(bolt, main, 80)
    shop.stock(bolt, store, 3)
    shop.stock(nut, main, 7)
    own = ItemDraft(locations=(ItemLocationDraft(location=main, bin="A1-B2", minimum=Decimal(90)),))
    shop.do(lambda session, actor: update_item(session, actor, bolt, own, now=utc_now()))

    everywhere = shop.get("/items?level=low")
    at_main = shop.get(f"/items?loc={main}&level=low")
    at_store = shop.get(f"/items?loc={store}")

    assert names(everywhere) == []
    assert names(at_main) == ["Bolt"]
    assert names(at_store) == ["Bolt"]
    assert ">3</a>" in at_store.text
    assert 'id="count-no-bin">1<' in shop.get(f"/items?loc={main}").text


def test_stock_that_is_not_for_sale_is_on_hand_and_not_available(shop: Shop) -> None:
    main = shop.place("Main")
    hold = shop.do(
        lambda session, actor: (
            add_location(session, actor, "Hold", counts_as_available=False).public_id
        )
    )
    item = shop.item("BOLT", variants=(VariantDraft(code="BOLT-S"), VariantDraft(code="BOLT-L")))
    small, large = shop.variants(item)
    for variant, place, figure in ((small, main, 31), (small, hold, 7), (large, hold, 9)):
        shop.stock(variant, place, figure)

    (everywhere,) = figures(shop.get("/items"))
    (there,) = figures(shop.get(f"/items?loc={hold}"))
    preview = shop.get(f"/items/{small}/_preview", headers=HTMX).text
    variants = shop.get(f"/items/{item}/variants").text

    assert everywhere[:3] == ["47", "0", "31"]  # on hand, reserved, available
    assert there[:3] == ["16", "0", "0"]
    assert re.search(r"<dt>Available</dt>\s*<dd>31</dd>", preview)
    assert re.search(r"<dt>Not for sale</dt>\s*<dd>7</dd>", preview)
    on_hand_and_available = re.findall(
        r'<td class="n"><b>(\d+)</b></td>\s*<td class="n">(\d+)</td>', variants
    )
    assert on_hand_and_available == [("9", "0"), ("38", "31")]


def test_sorting_by_stock_at_a_location_goes_by_the_stock_there(shop: Shop) -> None:
    main, store = shop.place("Main"), shop.place("Store")
    one, two = shop.item("ONE", name="One"), shop.item("TWO", name="Two")
    for item, place, quantity in ((one, main, 1), (one, store, 9), (two, main, 5), (two, store, 2)):
        shop.stock(item, place, quantity)

    page = shop.get(f"/items?loc={main}&sort=stock&order=desc")

    assert names(page) == ["Two", "One"]
    assert 'aria-sort="descending"' in page.text


def test_load_more_gives_the_next_rows_and_the_next_pager(shop: Shop) -> None:
    shop.items(53)

    first = shop.get("/items")
    link = re.search(r'hx-get="([^"]+_rows[^"]+)"', first.text)
    assert link
    more = shop.browser.get(link[1].replace("&amp;", "&"), headers=HTMX)
    plain = re.search(r'href="([^"]+cursor=[^"]+)"', first.text)
    assert plain
    page = shop.browser.get(plain[1].replace("&amp;", "&"))

    assert len(names(first)) == 50
    assert names(more) == ["Item 50", "Item 51", "Item 52"] == names(page)
    assert '<hx-partial hx-target="#pager"' in more.text
    assert "Back to the first rows" in page.text


def test_fifty_rows_weigh_little(shop: Shop) -> None:
    place = shop.place("Main")
    shop.items(50, place)

    page = shop.get("/items", headers={"Accept-Encoding": "gzip"})

    assert page.content_encoding == "gzip"
    assert len(page.data) <= 25_000


def test_costs_are_hidden_from_those_who_may_not_see_them(staffed: Callable[..., Shop]) -> None:
    clerk = staffed("clerk")
    clerk.item("A", name="Dear", cost_price=Decimal("98.76"))

    page = clerk.get("/items?cost_min=1000&sort=costPrice")
    detail = clerk.get("/items")
    form = clerk.get("/items/new")

    assert names(page) == ["Dear"]  # neither narrowed nor sorted by what they may not see
    assert "Value," not in page.text
    assert "98.76" not in detail.text
    assert 'name="cost_price"' not in form.text


def test_a_personal_view_is_saved_renamed_and_deleted(shop: Shop) -> None:
    shop.item("A", name="Alpha")

    saved = shop.post("/items/views", {"name": "Goods", "query": "type=inventory"})
    page = shop.get("/items?type=inventory")
    shop.post("/items/views", {"name": "Stock", "before": "Goods", "query": "type=inventory"})
    renamed = shop.get("/items?type=inventory")
    shop.post("/items/views/delete", {"before": "Stock"})

    assert saved.status_code == 303
    assert saved.location.endswith("/items?type=inventory")
    assert 'aria-current="page">Goods</a>' in page.text
    assert 'aria-current="page">Stock</a>' in renamed.text
    assert ">Goods</a>" not in renamed.text
    assert ">Stock</a>" not in shop.get("/items").text


def test_a_view_without_a_name_is_refused_with_the_list(shop: Shop) -> None:
    answer = shop.post("/items/views", {"name": "", "query": "type=inventory"})

    assert answer.status_code == 422
    assert "Type a name." in answer.text


def test_names_are_shown_as_text(shop: Shop) -> None:
    shop.item("X", name='<img src=x onerror=alert(1)> " hx-get="/x {{7*7}}')

    page = shop.get("/items")

    assert "<img src=x" not in page.text
    assert "&lt;img src=x" in page.text
    assert "{{7*7}}" in page.text


# One item


def test_an_item_shows_its_stock_over_time_and_where_it_is(shop: Shop) -> None:
    place = shop.place("Main")
    item = shop.item("BOLT", name="Bolt", minimum=Decimal(5), maximum=Decimal(90))
    shop.stock(item, place, 42)

    page = shop.get(f"/items/{item}?days=180")

    assert "On hand rose from 0 to 42 over 180 days" in page.text
    assert "Show as table" in page.text
    assert f'id="at-{place}"' in page.text


@pytest.mark.parametrize(
    "tab", ["", "/images", "/movements", "/documents", "/details", "/variants", "/edit"]
)
def test_every_tab_of_an_item_answers(shop: Shop, tab: str) -> None:
    place = shop.place("Main")
    item = shop.item("BOLT", name="Bolt")
    shop.stock(item, place, 4)

    assert shop.get(f"/items/{item}{tab}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["", "/images", "/movements", "/movements/_rows", "/documents", "/details", "/variants",
     "/edit", "/_preview", "/locations/{place}/edit", "/locations/{place}/_editor"],
)  # fmt: skip
def test_an_item_of_another_company_is_not_there(
    shop: Shop, staffed: Callable[..., Shop], path: str
) -> None:
    other = staffed("admin")
    theirs, place = other.item("THEIRS"), shop.place("Main")

    answer = shop.get(f"/items/{theirs}" + path.format(place=place))

    assert answer.status_code == 404
    assert "THEIRS" not in answer.text


def test_a_service_says_why_it_has_no_stock(shop: Shop) -> None:
    item = shop.item("FIT", name="Fitting", type="service")

    page = shop.get(f"/items/{item}")

    assert "A service has no stock" in page.text
    assert "By location" not in page.text


def test_movements_carry_the_balance_and_narrow_by_kind_and_place(shop: Shop) -> None:
    main, store = shop.place("Main"), shop.place("Store")
    item = shop.item("BOLT", name="Bolt")
    shop.stock(item, main, 10)
    shop.stock(item, main, 7)
    shop.stock(item, store, 2)

    page = shop.get(f"/items/{item}/movements?location={main}")

    rows = re.findall(
        r'<tr role="row">\s*<td role="cell" class="m nowrap">.*?</tr>', page.text, re.DOTALL
    )
    assert len(rows) == 2
    assert "\u22123" in rows[0]
    assert "<b>7</b>" in rows[0]
    assert "No movements fit" in shop.get(f"/items/{item}/movements?kind=sale").text


def test_variants_with_two_attributes_stand_in_a_grid(shop: Shop) -> None:
    variants = tuple(
        VariantDraft(code=f"S-{colour}-{size}", attributes={"Colour": colour, "Size": size})
        for colour in ("Red", "Blue")
        for size in ("S", "M")
    )
    item = shop.item("SHIRT", name="Shirt", variants=variants)

    page = shop.get(f"/items/{item}/variants")

    assert "Colour by size" in page.text
    assert len(re.findall(r'<th scope="row">(Red|Blue)</th>', page.text)) == 2


def test_bin_and_levels_of_a_location_are_changed_in_its_row(shop: Shop) -> None:
    place = shop.place("Main")
    item = shop.item("BOLT", name="Bolt", minimum=Decimal(3))
    path = f"/items/{item}/locations/{place}"

    answer = shop.post(path, {"bin": "A1-B2", "minimum": "12", "maximum": ""}, headers=HTMX)
    plain = shop.post(path, {"bin": "A1-B3", "minimum": "12"})

    assert answer.status_code == 200
    assert f'<tr id="at-{place}" class="flash"' in answer.text
    assert "A1-B2" in answer.text
    assert toast(answer)["text"] == "Main saved"
    assert plain.status_code == 303
    assert "A1-B3" in shop.get(f"/items/{item}").text


def test_a_negative_level_keeps_the_row_open(shop: Shop) -> None:
    place = shop.place("Main")
    item = shop.item("BOLT")

    answer = shop.post(f"/items/{item}/locations/{place}", {"minimum": "-1"}, headers=HTMX)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Use 0 or more." in answer.text


# The form


def filled(**more: Any) -> dict[str, Any]:
    return {"code": "BOLT", "name": "Bolt", "type": "inventory", "unit": "pcs", "tracked": "y",
            "is_active": "y", "taxable": "y", **more}  # fmt: skip


def test_an_item_is_created_with_its_rows(shop: Shop) -> None:
    form = filled(
        cost_price="1,000.50",
        selling_price="1,250",
        **{
            "custom_fields-0-name": "Origin",
            "custom_fields-0-value": "Ipoh",
            "custom_fields-1-name": "",
            "price_groups-0-group": "Trade",
            "price_groups-0-price": "1,100",
            "variants-0-code": "BOLT-R",
            "variants-0-attributes": "Colour: red, Size: M",
        },
    )

    answer = shop.post("/items", form)

    assert answer.status_code == 303
    item = answer.location.rpartition("/")[2]
    details = shop.get(f"/items/{item}/details").text
    assert "1,000.50" in details
    assert "Ipoh" in details
    assert "Trade" in details
    assert "Colour: red" in shop.get(f"/items/{item}/variants").text


def test_what_is_missing_is_told_with_what_was_typed(shop: Shop) -> None:
    answer = shop.post("/items", filled(code="", name="Typed name", selling_price="abc"))

    assert answer.status_code == 422
    assert "An item needs a code." in answer.text
    assert 'href="#code"' in answer.text
    assert 'value="Typed name"' in answer.text
    assert 'value="abc"' in answer.text


def test_what_a_service_refuses_stands_at_its_field(shop: Shop) -> None:
    answer = shop.post("/items", filled(minimum="9", maximum="4"))

    assert answer.status_code == 422
    assert 'id="minimum-error"' in answer.text
    assert "The minimum cannot be above the maximum." in answer.text


def test_a_broken_row_is_told_at_the_row(shop: Shop) -> None:
    form = filled(**{"variants-0-code": "BOLT", "price_groups-0-group": "Trade",
                     "price_groups-0-price": "x"})  # fmt: skip

    answer = shop.post("/items", form)

    assert answer.status_code == 422
    assert 'id="price_groups-0-price-error"' in answer.text


def test_a_taken_code_is_told_before_and_after_saving(shop: Shop) -> None:
    shop.item("BOLT", name="Hex bolt", barcode="955")

    early = shop.get("/items/_check?code=bolt")
    barcode = shop.get("/items/_check?barcode=955")
    late = shop.post("/items", filled(code="bolt"))

    assert "taken by" in early.text
    assert "Hex bolt" in early.text
    assert "also on" in barcode.text
    assert late.status_code == 422
    assert "is taken by another item" in late.text


def test_an_items_own_code_is_no_double(shop: Shop) -> None:
    item = shop.item("BOLT")

    assert "taken" not in shop.get(f"/items/_check?code=BOLT&item={item}").text


def test_save_and_add_another_opens_the_next_form(shop: Shop) -> None:
    answer = shop.post("/items", filled(next="another"))

    assert answer.location.endswith("/items/new")


def test_a_form_posted_twice_makes_one_item(shop: Shop) -> None:
    form = filled(idempotency_key="the-same-key")

    first, second = shop.post("/items", form), shop.post("/items", form)

    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(names(shop.get("/items"))) == 1


def test_saving_over_somebody_else_shows_both_values(shop: Shop) -> None:
    item = shop.item("BOLT", name="Bolt", selling_price=Decimal(4))
    theirs = ItemDraft(selling_price=Decimal(6))
    shop.do(lambda session, actor: update_item(session, actor, item, theirs, now=utc_now()))

    answer = shop.post(f"/items/{item}", filled(version="1", selling_price="5", cost_price="10"))
    again = shop.post(f"/items/{item}", filled(version="2", selling_price="5", cost_price="10"))

    assert answer.status_code == 409
    assert "Somebody else changed this item" in answer.text
    assert re.search(r"Price</th><td>6</td><td>5</td>", answer.text)
    assert 'name="version" type="hidden" value="2"' in answer.text
    assert again.status_code == 303


def test_an_emptied_custom_field_is_gone(shop: Shop) -> None:
    item = shop.item("BOLT", name="Bolt", custom_fields={"Origin": "Ipoh", "Grade": "8.8"})

    shop.post(
        f"/items/{item}",
        filled(**{"custom_fields-0-name": "Grade", "custom_fields-0-value": "10.9"}),
    )

    page = shop.get(f"/items/{item}/details").text
    assert "10.9" in page
    assert "Ipoh" not in page


def test_an_item_without_history_is_deleted_one_with_stays(shop: Shop) -> None:
    place = shop.place("Main")
    fresh, moved = shop.item("FRESH", name="Fresh"), shop.item("MOVED", name="Moved")
    shop.stock(moved, place, 1)

    gone = shop.post(f"/items/{fresh}/delete")
    stays = shop.post(f"/items/{moved}/delete")

    assert gone.location.endswith("/items")
    assert stays.location.endswith(f"/items/{moved}/edit")
    assert names(shop.get("/items")) == ["Moved"]


def test_a_viewer_sees_items_and_changes_nothing(staffed: Callable[..., Shop]) -> None:
    viewer = staffed("viewer")

    page = viewer.get("/items")

    assert page.status_code == 200
    assert "New item" not in page.text
    assert viewer.get("/items/new").status_code == 403
    assert viewer.post("/items", filled()).status_code == 403


# Pictures


def drawn(kind: str = "PNG") -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (12, 9), "red").save(file, kind)
    file.seek(0)
    return file


def test_pictures_are_added_chosen_and_removed(shop: Shop) -> None:
    item = shop.item("BOLT", name="Bolt")
    path = f"/items/{item}/images"
    for kind in ("PNG", "JPEG"):
        added = shop.post(path, {"file": (drawn(kind), f"bolt.{kind}")})
        assert added.status_code == 303

    page = shop.get(path).text
    sources = re.findall(r'<img src="([^"]+)"', page)
    first = shop.browser.get(sources[0])
    chosen = shop.browser.post(f"{sources[1]}/first")
    removed = shop.browser.post(f"{sources[0]}/delete")

    assert (first.status_code, first.mimetype) == (200, "image/png")
    assert "sandbox" in first.headers["Content-Security-Policy"]
    assert chosen.status_code == removed.status_code == 303
    assert shop.browser.get(sources[0]).status_code == 404
    assert sources[1] in shop.get(f"/items/{item}").text  # beside its name


def test_a_file_that_is_no_picture_is_refused(shop: Shop) -> None:
    item = shop.item("BOLT", name="Bolt")

    answer = shop.post(f"/items/{item}/images", {"file": (BytesIO(b"<svg onload=x>"), "x.png")})
    nothing = shop.post(f"/items/{item}/images", {})

    assert answer.status_code == nothing.status_code == 422
    assert 'id="file-error"' in answer.text
    assert "Choose a file." in nothing.text


def test_another_companys_picture_is_not_there(shop: Shop, staffed: Callable[..., Shop]) -> None:
    other = staffed("admin")
    theirs = other.item("THEIRS")
    other.post(f"/items/{theirs}/images", {"file": (drawn(), "x.png")})
    image = re.findall(r'/images/(img_[^"]+)"', other.get(f"/items/{theirs}/images").text)[0]

    assert shop.get(f"/items/{theirs}/images/{image}").status_code == 404
    assert shop.post(f"/items/{theirs}/images/{image}/delete").status_code == 404
    assert other.get(f"/items/{theirs}/images/{image}").status_code == 200
