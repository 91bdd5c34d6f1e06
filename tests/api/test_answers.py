"""What every answer carries, also where the web framework alone would speak."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from inventory.config import Settings
from inventory.database import db
from inventory.domain.keys import write_key
from inventory.factory import create_app
from tests.api_caller import ApiCaller

A_KEY = write_key(1, 1)[1]  # well formed, of nobody
UNREACHABLE = "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"


def test_both_addresses_lead_to_one_handler(api: ApiCaller) -> None:
    headers = {"Authorization": f"Bearer {api.key}", "X-Company-Id": api.company_id}
    client: Any = api.app.test_client()

    long, short = (
        client.get(f"{prefix}/units/pcs", headers=headers) for prefix in ("/api/v1", "/v1")
    )

    assert long.status_code == short.status_code == 200
    assert long.json["data"] == short.json["data"]


def test_an_answer_names_its_request(api: ApiCaller) -> None:
    named = api.get("/company", headers={"X-Request-ID": "till-7.42"})
    unnamed = api.get("/company", headers={"X-Request-ID": "till 7;"})

    assert named.headers["X-Request-ID"] == named.json["meta"]["requestId"] == "till-7.42"
    assert unnamed.headers["X-Request-ID"].startswith("req_")
    assert unnamed.json["meta"]["timestamp"].endswith("Z")
    assert unnamed.headers["X-Response-Time"].endswith("ms")


def test_a_known_version_is_echoed(api: ApiCaller) -> None:
    assert (
        api.get("/company", headers={"X-API-Version": "2024-01-15"}).headers["X-API-Version"]
        == "2024-01-15"
    )
    assert "X-API-Version" not in api.get("/company", headers={"X-API-Version": "a b"}).headers


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate", "br;q=1, gzip;q=0.2"])
def test_a_long_answer_is_packed(api: ApiCaller, accepted: str) -> None:
    packed = api.get("/units", headers={"Accept-Encoding": accepted})
    plain = api.get("/units", headers={"Accept-Encoding": "gzip;q=0"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert json.loads(gzip.decompress(packed.data))["data"] == plain.json["data"]
    assert "Content-Encoding" not in plain.headers


def test_a_short_answer_is_not_packed(api: ApiCaller) -> None:
    assert (
        "Content-Encoding" not in api.get("/company", headers={"Accept-Encoding": "gzip"}).headers
    )


@pytest.mark.parametrize("path", ["/nothing", "/units/", "/units/a/../b", "//units", ""])
def test_a_lost_address_is_told_as_json(api: ApiCaller, path: str) -> None:
    answer = api.get(path)

    assert answer.status_code in {404, 308}
    assert answer.json["success"] is False
    assert answer.json["error"]["code"] == "NOT_FOUND"
    assert answer.headers["X-Request-ID"] == answer.json["error"]["requestId"]


def test_an_error_says_where_it_is_explained(api: ApiCaller) -> None:
    error = api.get("/units/none").json["error"]
    place, _, anchor = error["documentation"].partition("/api/v1/docs/errors#")

    assert error["details"] == [{"resource": "unit", "id": "none", "field": "id"}]
    assert place.startswith("http")
    assert f'id="{anchor}"' in api.get("/docs/errors").get_data(as_text=True)


def test_a_broken_endpoint_tells_only_its_number(
    api: ApiCaller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("a secret of ours")

    monkeypatch.setitem(api.app.view_functions, "api.company.show", _as(api, broken))

    answer = api.get("/company")

    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in answer.get_data(as_text=True)
    assert "a secret of ours" in caplog.text


def _as(api: ApiCaller, view: object) -> object:
    vars(view).update(vars(api.app.view_functions["api.company.show"]))
    return view


def test_health_is_told_to_everybody(api: ApiCaller) -> None:
    answer = api.get("/health", headers={"Authorization": None, "X-Company-Id": None})

    assert answer.status_code == 200
    assert answer.json.keys() == {"status", "version", "timestamp", "region"}
    assert answer.json["status"] == "ok"


def test_a_key_can_be_verified(api: ApiCaller) -> None:
    narrow = api.with_key(scopes=("read:reports",))

    assert narrow.get("/auth/verify").json["data"] == {
        "authenticated": True,
        "company": {"id": api.company_id, "name": "Acme", "plan": "self-hosted"},
        "permissions": ["read:reports"],
    }
    assert "admin" in api.get("/auth/verify").json["data"]["permissions"]


def test_the_pages_call_no_foreign_host(api: ApiCaller) -> None:
    page = api.get("/docs")

    assert page.status_code == 200
    assert "//" not in page.get_data(as_text=True).replace("<!doctype", "")
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert api.get("/docs/start.js").status_code == 200
    assert api.get("/openapi.yaml").mimetype == "application/yaml"


def test_health_tells_an_administrator_more(api: ApiCaller) -> None:
    viewer = api.with_key(roles=("viewer",))

    details = api.get("/health").json["details"]

    assert details["database"] in {"sqlite", "postgresql"}
    assert details["schemaRevision"]
    assert "details" not in viewer.get("/health").json
    assert "details" not in api.get("/health", headers={"Authorization": "Bearer x"}).json


def test_health_says_when_the_database_is_away(app: Flask, tmp_path: Path) -> None:
    settings: Settings = app.extensions["racking.settings"]
    is_sqlite = settings.database_url.startswith("sqlite")
    nowhere = f"sqlite:///{tmp_path}/none/none.db" if is_sqlite else UNREACHABLE
    broken = create_app(replace(settings, database_url=nowhere))

    client: Any = broken.test_client()

    health = client.get("/v1/health")
    listed = client.get("/v1/units", headers={"Authorization": f"Bearer {A_KEY}"})

    assert (health.status_code, health.json["status"]) == (503, "unavailable")
    assert (listed.status_code, listed.json["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert int(listed.headers["Retry-After"]) >= 1
    with broken.app_context():
        db.engine.dispose()


def test_a_foreign_host_is_told_nothing(api: ApiCaller) -> None:
    answer = api.get("/health", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert answer.json["success"] is False
