"""What no refusal may tell: how the house is built inside. Every caller of the tests looks."""

import re
from http import HTTPStatus
from typing import Any, Final

LEAKS: Final = {
    "a stack trace": r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+",
    "a source file": r"\b\w+\.(?:py|pyc|so)\b",
    "a folder of the machine": r"(?:^|[\s\"'(=])/(?:home|usr|srv|tmp|var|opt|root|proc|work)/\w",
    "a place of packages": r"site-packages|dist-packages|\.venv",
    "a statement": r"\b(?:SELECT|INSERT INTO|DELETE FROM)\b.*\b(?:FROM|VALUES|WHERE)\b"
    r"|\bUPDATE \w+ SET\b",
    "the database": r"(?i)sqlalchemy|psycopg|sqlite|postgres|libpq|alembic|sqlstate",
    "a library": r"(?i)pydantic|msgspec|werkzeug|\bflask\b|jinja|wtforms|gunicorn|\bpillow\b",
    "a class of errors": r"\b[A-Z][A-Za-z]+(?:Error|Exception|Warning)\b",
    "a constraint": r"(?i)\b(?:ck|uq|fk|ix|pk)_[a-z]+_\w+|(?:unique|foreign key|check) constraint",
    "a table": r"\b(?:stock_(?:items|levels|movements|positions|layers)|adjustment_lines"
    r"|item_(?:images|locations|search)|idempotency_keys|number_counters|api_keys)\b",
    "an object": r"<[\w.]+ object at 0x|\bNoneType\b|\b0x[0-9a-f]{8,}",
    "a secret": r"inv_live_[0-9a-z]{16}_|\$argon2|\b[0-9a-f]{64}\b",
    "an internal key": r"(?<![\w.])\d{18,19}(?![\w.])",
}


def leaks_in(text: str) -> list[str]:
    """What a text tells that it should not."""
    return [what for what, pattern in LEAKS.items() if re.search(pattern, text)]


def refuse_leaks(answer: Any) -> None:
    """Fail for a refusal that tells too much. What is packed is searched by other tests."""
    if answer.status_code >= HTTPStatus.BAD_REQUEST and not answer.content_encoding:
        text = answer.get_data(as_text=True)
        found = leaks_in(text)
        assert not found, f"a refusal tells {', '.join(found)}: {text[:500]}"
