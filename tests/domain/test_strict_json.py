import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain.strict_json import DEPTH_MAX, Malformed, is_clean, read_json

ACCEPTED = {
    "whole": (b'{"a": 1}', {"a": 1}),
    "exact": (b"[12345678901234.5678]", [Decimal("12345678901234.5678")]),
    "exponent": (b"[1.5e3]", [Decimal(1500)]),
    "zero of no size": (b"[0e999999]", [Decimal(0)]),
    "forty digits": (b"1" * 40, int("1" * 40)),
    "brackets in a text": (b'"' + b"[" * 1000 + b'"', "[" * 1000),
    "digits in a text": (b'"' + b"9" * 1000 + b'"', "9" * 1000),
    "escaped quote before brackets": (b'["\\"[[["]', ['"[[[']),
    "line feed and tab": (b'"a\\n\\tb"', "a\n\tb"),
    "astral letter": (b'"\\ud83d\\ude00"', "\U0001f600"),
    "as deep as allowed": (b"[" * DEPTH_MAX + b"]" * DEPTH_MAX, None),
}
REFUSED = {
    "nothing": b"",
    "half an object": b'{"a":',
    "two values": b"1 2",
    "comment": b"[1] // one",
    "NaN": b"[NaN]",
    "Infinity": b"[-Infinity]",
    "number without bounds": b"[1e400]",
    "number without end": b"1" * 5000,
    "number of nothing": b"[1e-999]",
    "underscore": b"1_0",
    "full-width digit": "\uff11".encode(),
    "the same key twice": b'{"a": 1, "a": 2}',
    "the same key twice, escaped": b'{"a": 1, "\\u0061": 2}',
    "too deep": b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1),
    "a hundred thousand brackets": b"[" * 100_000,
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16 without mark": '{"a": 1}'.encode("utf-16-le"),
    "Latin-1": b'"\xe9"',
    "NUL": b'"\\u0000"',
    "NUL in a key": b'{"a\\u0000": 1}',
    "raw control character": b'"\x01"',
    "escaped control character": b'"\\u001b"',
    "C1 control character": '"\x85"'.encode(),
    "lone surrogate": b'"\\ud800"',
    "surrogates in the wrong order": b'"\\ude00\\ud83d"',
    "noncharacter": b'"\\uffff"',
    "noncharacter of a later plane": '"\U0001ffff"'.encode(),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_has_one_meaning_is_read(name: str) -> None:
    raw, value = ACCEPTED[name]

    read = read_json(raw)

    assert value is None or read == value


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_none_or_two_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        read_json(REFUSED[name])


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with suppress(Malformed):
        read_json(raw)


@given(st.text(alphabet='[]{}",:\\u0123456789eE+-.dabcf\n ', max_size=60))
def test_no_likeness_of_json_breaks_the_reader(text: str) -> None:
    with suppress(Malformed):
        read_json(text.encode())


@given(st.text())
def test_only_clean_texts_get_through(text: str) -> None:
    if is_clean(text):
        assert read_json(json.dumps(text).encode()) == text
    else:
        with pytest.raises(Malformed):
            read_json(json.dumps(text).encode())
