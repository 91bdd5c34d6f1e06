import os
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from inventory.config import Settings
from inventory.gateways.files import FileStore
from inventory.jobs import sweep_files
from tests.api_caller import new_caller
from tests.inhabited import A_PICTURE

DAY = 86_400  # seconds


def test_only_old_files_that_no_picture_is_in_are_deleted(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Settings = app.extensions["racking.settings"]
    monkeypatch.setitem(app.extensions, "racking.settings", replace(settings, files=tmp_path))
    api, files = new_caller(app), FileStore(tmp_path)
    api.post("/items", {"id": "item_a", "itemCode": "A", "name": "A", "type": "inventory"})
    for _ in range(2):
        api.post("/items/item_a/images", data={"file": (BytesIO(A_PICTURE), "a.png")})
    api.put("/items/item_a", {"images": api.get("/items/item_a").json["data"]["images"][:1]})
    fresh = f"{'0' * 40}.png"
    for path in tmp_path.rglob("*.png"):
        os.utime(path, (time.time() - 2 * DAY,) * 2)
    files.keep(fresh, b"on its way")

    sweep_files.run(app)

    left = {path.name for path in tmp_path.rglob("*.png")}
    assert fresh in left
    assert len(left) == 2
    (image,) = api.get("/items/item_a").json["data"]["images"]
    assert image["isPrimary"] is True
