"""Names of things: what they may look like from outside, and how new ones are made."""

import re
from base64 import b32encode
from typing import Final

PREFIXES: Final = {
    "company": "company_",
    "user": "user_",
    "key": "key_",
    "item": "item_",
    "variant": "var_",
    "image": "img_",
    "category": "cat_",
    "supplier": "supp_",
    "location": "loc_",
    "adjustment": "adj_",
    "adjustment line": "adjitem_",
    "transfer": "xfer_",
    "transfer line": "xferitem_",
    "purchase order": "po_",
    "purchase order line": "poli_",
    "goods receipt": "grn_",
    "count": "cnt_",
    "count line": "cntline_",
    "movement": "move_",
    "movement document": "movedoc_",
    "reservation": "rsv_",
    "event": "evt_",
    "session": "sess_",
}

PATTERN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
EPOCH_MILLISECONDS: Final = 1_577_836_800_000  # 2020-01-01
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32
TO_CROCKFORD: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())


def is_public_id(text: str, kind: str) -> bool:
    """Whether a caller may choose this as the id of a new thing of that kind."""
    prefix = PREFIXES[kind]
    return (
        text.startswith(prefix) and len(text) > len(prefix) and PATTERN.fullmatch(text) is not None
    )


def public_id(kind: str, random_bits: int) -> str:
    """Write 80 random bits as an id: `item_` and sixteen letters and digits."""
    digits = b32encode(random_bits.to_bytes(10, "big")).translate(TO_CROCKFORD)
    return PREFIXES[kind] + digits.decode()


def internal_id(microseconds: int, random_bits: int) -> int:
    """Combine the clock and chance into a 63-bit key that grows with time.

    microseconds  since 1970

    41 bits of milliseconds since 2020 (they last until 2089), then 22 bits of chance.
    """
    milliseconds = microseconds // 1000 - EPOCH_MILLISECONDS
    return (milliseconds << 22 | random_bits & (1 << 22) - 1) & (1 << 63) - 1
