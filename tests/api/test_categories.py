from typing import Any

import pytest

from tests.api_caller import ApiCaller


@pytest.fixture(autouse=True)
def tree(api: ApiCaller) -> None:
    for name, parent in (("root", None), ("branch", "cat_root"), ("leaf", "cat_branch")):
        added = api.post(
            "/categories", {"id": f"cat_{name}", "name": name.title(), "parentId": parent}
        )
        assert added.status_code == 201, added.json


def paths(api: ApiCaller, query: str = "") -> list[str]:
    return [one["path"] for one in api.get(f"/categories?{query}").json["data"]]


def test_a_tree_reads_from_the_top(api: ApiCaller) -> None:
    leaf = api.get("/categories/cat_leaf").json["data"]

    assert paths(api) == ["Root", "Root > Branch", "Root > Branch > Leaf"]
    assert paths(api, "parentId=cat_root") == ["Root > Branch"]
    assert paths(api, "search=leaf") == ["Root > Branch > Leaf"]
    assert (leaf["parentId"], leaf["version"]) == ("cat_branch", 1)


def test_a_renamed_branch_renames_what_is_below(api: ApiCaller) -> None:
    renamed = api.put("/categories/cat_branch", {"name": "Arm"}, headers={"If-Match": '"1"'})
    freed = api.patch("/categories/cat_leaf", {"parentId": None}).json["data"]

    assert renamed.json["data"]["path"] == "Root > Arm"
    assert (freed["path"], freed["parentId"]) == ("Leaf", None)
    assert paths(api) == ["Leaf", "Root", "Root > Arm"]


def test_a_branch_cannot_hang_below_itself(api: ApiCaller) -> None:
    refused = api.put("/categories/cat_root", {"parentId": "cat_leaf"})

    assert refused.status_code == 422
    assert refused.json["error"]["details"][0]["field"] == "parentId"


def test_items_of_a_branch_include_those_below(api: ApiCaller) -> None:
    item = {"itemCode": "A", "name": "A", "type": "inventory", "categoryId": "cat_leaf"}
    added = api.post("/items", item).json["data"]

    found = api.get("/items?category=cat_root").json["data"]

    assert added["category"] == {"id": "cat_leaf", "name": "Leaf", "path": "Root > Branch > Leaf"}
    assert [one["id"] for one in found] == [added["id"]]


def test_only_an_empty_branch_is_deleted(api: ApiCaller) -> None:
    item: dict[str, Any] = {"itemCode": "A", "name": "A", "type": "inventory"}
    added = api.post("/items", {**item, "categoryId": "cat_leaf"}).json["data"]

    for name in ("root", "leaf"):
        refused = api.delete(f"/categories/cat_{name}")
        assert refused.status_code == 422
        assert refused.json["error"]["details"][0]["rule"] == "IN_USE"
    inactive = api.put("/categories/cat_leaf", {"isActive": False}).json["data"]
    api.put(f"/items/{added['id']}", {"category": None})
    gone = api.delete("/categories/cat_leaf")

    assert inactive["isActive"] is False
    assert gone.json["data"] == {"id": "cat_leaf", "deleted": True}
    assert paths(api) == ["Root", "Root > Branch"]


def test_an_id_is_chosen_once_and_in_the_right_form(api: ApiCaller) -> None:
    taken = api.post("/categories", {"id": "cat_root", "name": "Other"})
    wrong = api.post("/categories", {"id": "root", "name": "Other"})

    assert (taken.status_code, taken.json["error"]["details"][0]["field"]) == (409, "id")
    assert (wrong.status_code, wrong.json["error"]["details"][0]["field"]) == (422, "id")
