"""The search for leaks finds each of them, and nothing in what is meant to be told."""

import pytest
from flask import Response

from tests.leaks import LEAKS, leaks_in, refuse_leaks

SPECIMENS = {
    "a stack trace": 'File "x", line 12, in work',
    "a source file": "raised in ledger.py",
    "a folder of the machine": "no such file: /srv/racking/instance",
    "a place of packages": "lib/python3/site-packages",
    "a statement": "SELECT id FROM items WHERE code = 'A'",
    "the database": "(sqlite3.OperationalError) database is locked",
    "a library": "https://errors.pydantic.dev/2/v/missing",
    "a class of errors": "KeyError: 5",
    "a constraint": 'violates "uq_items_company_id_code_key"',
    "a table": "no row in stock_items",
    "an object": "<inventory.domain.actor.Actor object at 0x7f00>",
    "a secret": "inv_live_0123456789abcdef_0123",
    "an internal key": "There is no item '913263540479122660'.",
}
MEANT = (
    '{"success":false,"error":{"code":"VALIDATION_ERROR","message":"Some fields are not valid.",'
    '"details":[{"field":"items[0].quantity","message":"Use a number.","code":"INVALID_FORMAT",'
    '"value":"../../etc/passwd","constraint":"< 1000000000000000"}],"requestId":'
    '"req_c081da52bbdc41eda9ff","timestamp":"2026-11-25T03:03:09.156199Z","documentation":'
    '"http://127.0.0.1:5000/api/v1/docs/errors#validation-error"}}'
)


@pytest.mark.parametrize("what", LEAKS)
def test_a_leak_is_found(what: str) -> None:
    assert what in leaks_in(SPECIMENS[what])
    with pytest.raises(AssertionError, match=what):
        refuse_leaks(Response(SPECIMENS[what], status=404))


def test_what_is_meant_to_be_told_is_none() -> None:
    assert leaks_in(MEANT) == []


def test_only_refusals_are_searched() -> None:
    refuse_leaks(Response(SPECIMENS["an internal key"], status=200))
