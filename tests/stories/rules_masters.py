"""Rules that add, change and delete items, locations and categories."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.stories import paper_masters as masters
from tests.stories.paper import Book
from tests.stories.paper_pools import ZERO
from tests.stories.paper_shown import item_shown
from tests.stories.rules_choosing import COSTS, DATA, Choosing


class Masters(Choosing):
    def location(self, name: str, way: str = "once") -> None:
        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.add_location(book, name)
            return {"id": name, "isActive": True, "version": 1}

        self.keeper.ask(way, "POST", "/locations", {"id": name, "name": name.upper()}, act)

    @rule(data=DATA, step=st.sampled_from(["add", "change", "delete"]))
    def tend_locations(self, data: Any, step: str) -> None:
        self.data = data
        if step == "change":
            self._change_location(active=self.draw(st.booleans()))
        elif step == "delete" and len(self.book.locations) > 2:
            self._delete_location()
        elif len(self.book.locations) < 5:
            self.location(self.next_id("loc"), self.way())

    def _change_location(self, *, active: bool) -> None:
        name = self.some_place()
        version = self.some_version(self.book.locations.get(name))

        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.change_location(book, name, active=active, version=version)
            return {"isActive": active, "version": book.locations[name]["version"]}

        body = {"isActive": active}
        self.keeper.ask(self.way(), "PUT", f"/locations/{name}", body, act, if_match=version)

    def _delete_location(self) -> None:
        name = self.some_place()
        version = self.some_version(self.book.locations.get(name))

        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.delete_location(book, name, version)
            return {"id": name}

        self.keeper.ask("once", "DELETE", f"/locations/{name}", None, act, if_match=version)

    def category(self, name: str, parent: str | None, way: str = "once") -> None:
        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.add_category(book, name, parent)
            return {"id": name, "parentId": parent}

        body = {"id": name, "name": name.upper(), "parentId": parent}
        self.keeper.ask(way, "POST", "/categories", body, act)

    @rule(data=DATA, step=st.sampled_from(["add", "move", "delete"]))
    def tend_the_tree(self, data: Any, step: str) -> None:
        self.data = data
        names = self.book.categories
        parent = self.draw(st.none() | st.sampled_from([*sorted(names), "cat_nobodys"]))
        if step == "move":
            self._move_category(parent)
        elif step == "delete":
            self._delete_category()
        elif len(names) < 4:
            self.category(self.next_id("cat"), parent, self.way())

    def _move_category(self, parent: str | None) -> None:
        names = self.book.categories
        name = self.one_of(names, nobody="cat_nobodys")
        version = self.some_version(names.get(name))

        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.move_category(book, name, parent, version)
            return {"id": name, "parentId": parent}

        body = {"parentId": parent}
        self.keeper.ask(self.way(), "PUT", f"/categories/{name}", body, act, if_match=version)

    def _delete_category(self) -> None:
        name = self.one_of(self.book.categories, nobody="cat_nobodys")

        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.delete_category(book, name, None)
            return {"id": name}

        self.keeper.ask(self.way(), "DELETE", f"/categories/{name}", None, act)

    def new_item(self, said: dict[str, Any], way: str = "once") -> None:
        name = self.next_id("item")

        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.add_item(book, name, said)
            return item_shown(book, name)

        body = {"id": name, "name": said["code"], "type": "inventory", **item_body(said)}
        self.keeper.ask(way, "POST", "/items", body, act)

    def some_code(self) -> str:
        """One of its own, or seldom one that is taken, in other letters."""
        if self.seldom():
            return str(self.draw(st.sampled_from([it["code"] for it in self.book.items.values()])))
        return self.next_id("Öl").swapcase() if self.seldom() else self.next_id("Bolt")

    def some_thresholds(self) -> dict[str, Any]:
        keys = self.draw(st.sets(st.sampled_from(["minimum", "maximum", "reorder"])))
        return {key: self.draw(st.integers(0, 9).map(Decimal)) for key in sorted(keys)}

    @rule(data=DATA)
    def add_item(self, data: Any) -> None:
        self.data = data
        if len(self.book.items) > 7:
            return
        said = {
            "code": self.some_code(),
            "unit": self.draw(st.sampled_from(["pcs", "pcs", "kg"])),
            "type": "service" if self.seldom() else "inventory",
            "category": self.some_category(),
            "cost": self.draw(COSTS) or ZERO,
            **self.some_thresholds(),
        }
        if self.draw(st.booleans()):
            said["variants"] = {self.next_id("var"): self.some_code() for _ in "sm"}
        self.new_item(said, self.way())

    @rule(data=DATA)
    def change_item(self, data: Any) -> None:
        self.data = data
        name = self.one_of(self.book.items, nobody="item_nobodys")
        found = self.book.items.get(name)
        key = self.draw(
            st.sampled_from(
                ["cost", "levels", "active", "category", "code", "unit", "tracked", "variants"]
            )
        )
        said: dict[str, Any] = {}
        if key == "levels":
            said = self.some_thresholds()
        elif key == "category":
            said = {key: self.some_category()}
        elif key == "variants" and found and found["parent"] is None:
            said = {key: self._some_variants(name)}
        elif key == "cost":
            said = {key: self.draw(COSTS) or ZERO}
        elif key in {"active", "tracked"}:
            said = {key: not self.seldom()}
        elif key in {"code", "unit"}:
            said = {
                key: self.some_code()
                if key == "code"
                else self.draw(st.sampled_from(["pcs", "kg"]))
            }
        if said.get("tracked") and found and found["type"] != "inventory":
            return
        version = self.some_version(found)
        in_body = self.draw(st.booleans())

        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.change_item(book, name, said, version)
            return item_shown(book, name)

        body = {**item_body(said), **({"version": version} if in_body and version else {})}
        self.keeper.ask(
            self.way(), "PUT", f"/items/{name}", body, act, if_match=None if in_body else version
        )

    def _some_variants(self, name: str) -> dict[str, str]:
        mine = self.book.variants(name)
        kept = self.draw(st.sets(st.sampled_from(mine))) if mine else set()
        variants = {one: self.book.items[one]["code"] for one in sorted(kept)}
        if self.draw(st.booleans()) and len(self.book.items) < 12:
            code = self.some_code()
            if code not in {*variants.values(), self.book.items[name]["code"]}:
                variants[self.next_id("var")] = code
        return variants

    @rule(data=DATA)
    def delete_item(self, data: Any) -> None:
        self.data = data
        name = self.one_of(self.book.items, nobody="item_nobodys")
        version = self.some_version(self.book.items.get(name))
        if len(self.book.items) < 4:
            return

        def act(book: Book, *_: Any) -> dict[str, Any]:
            masters.delete_item(book, name, version)
            return {"id": name}

        self.keeper.ask(self.way(), "DELETE", f"/items/{name}", None, act, if_match=version)


def item_body(said: dict[str, Any]) -> dict[str, Any]:
    """What is said of an item, in the words of the API."""
    names = {"code": "itemCode", "category": "categoryId", "active": "isActive"}
    nested = {
        "cost": ("pricing", "costPrice"), "minimum": ("inventory", "minimumStock"),
        "maximum": ("inventory", "maximumStock"), "reorder": ("inventory", "reorderPoint"),
        "tracked": ("inventory", "tracked"),
    }  # fmt: skip
    body: dict[str, Any] = {}
    for key, value in said.items():
        if key in nested:
            group, name = nested[key]
            body.setdefault(group, {})[name] = value
        elif key == "variants":
            body[key] = [{"id": one, "itemCode": code} for one, code in value.items()]
        else:
            body[names.get(key, key)] = value
    return body
