"""The limit of an answer: Flask, a driver, one statement a question, a fast JSON writer.

Serves the same JSON as the product (the run compares them) from the same server command, but
knows nobody, checks nothing and hides nothing.
"""

import os
import threading
from typing import Any, Final

import msgspec
from flask import Flask, Response, request

from ratios.databases import Database
from ratios.dataset import COMPANY
from ratios.raw_reading import POSTGRESQL, SQLITE, item_of, level_of, stock_of

app = Flask(__name__)
database: Final = Database(os.environ["RACKING_DATABASE_URL"])
sql: Final = SQLITE if database.is_sqlite else POSTGRESQL
encoder: Final = msgspec.json.Encoder()
local = threading.local()


def connection() -> Any:
    """The thread's own connection."""
    if not hasattr(local, "connection"):
        local.connection = database.connect()
        local.company = local.connection.execute(
            f"SELECT id FROM companies WHERE public_id = '{COMPANY}'"
        ).fetchone()[0]
    return local.connection


@app.get("/items")
def items() -> Response:
    open_one = connection()
    rows = open_one.execute(sql.items, (local.company,)).fetchall()
    (total,) = open_one.execute(sql.low, (local.company,)).fetchone()
    levels: dict[int, list[dict[str, Any]]] = {row[0]: [] for row in rows}
    for row in open_one.execute(sql.levels, sql.levels_given(local.company, list(levels))):
        levels[row[0]].append(level_of(row))
    return answer(
        [item_of(row, levels[row[0]]) for row in rows],
        {"hasMore": total > len(rows), "nextCursor": "x" * 60, "limit": 50, "total": total},
    )


@app.get("/stock/<item>/<place>")
def level(item: str, place: str) -> Response:
    rows = connection().execute(sql.level, (local.company, item, place)).fetchall()
    return answer([stock_of(row) for row in rows], paging(len(rows)))


@app.get("/stock")
def stock() -> Response:
    open_one = connection()
    place = request.args["place"]
    rows = open_one.execute(sql.stock, (local.company, place)).fetchall()
    (total,) = open_one.execute(sql.stocked, (local.company, local.company, place)).fetchone()
    return answer(
        [stock_of(row) for row in rows],
        {"hasMore": total > len(rows), "nextCursor": "x" * 60, "limit": 50, "total": total},
    )


def paging(count: int) -> dict[str, Any]:
    return {"hasMore": False, "nextCursor": None, "limit": 50, "total": count}


def answer(data: list[dict[str, Any]], pagination: dict[str, Any]) -> Response:
    meta = {"timestamp": "2026-01-01T00:00:00.000000Z", "requestId": "req_0123456789abcdef0123"}
    body = {"success": True, "data": data, "pagination": pagination, "meta": meta}
    return Response(encoder.encode(body), mimetype="application/json")
