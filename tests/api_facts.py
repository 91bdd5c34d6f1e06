"""Everything a caller may rely on, as plain facts, a line each.

A version of the API only grows: a fact that was told stays true. So a field that goes, a type
that changes, a value no longer taken, a field that must be sent from now on are facts that
are missing; new endpoints, fields and values are new facts. The facts once told are kept in
`api/golden/facts.txt`. To keep those that were added since:

    python -m tests.api_facts
"""

from pathlib import Path
from typing import Any, Final

GOLDEN: Final = Path(__file__).parent / "api" / "golden" / "facts.txt"
BOUNDS: Final = (
    "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "minItems", "maxItems",
)  # fmt: skip


def facts_of(document: dict[str, Any]) -> set[str]:
    """The facts of a document."""
    facts = Facts(document)
    for name, response in document["components"].get("responses", {}).items():
        facts.add_content(f"error {name}", response, is_sent=False)
    for path, operations in document["paths"].items():
        for method, described in operations.items():
            facts.add_operation(f"{method.upper()} {path}", described)
    return facts.told


def golden_facts() -> set[str]:
    """The facts that were told."""
    return set(GOLDEN.read_text().splitlines())


class Facts:
    """Collects what a document says. What is sent and what is answered grow in opposite ways."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.told: set[str] = set()

    def add_operation(self, route: str, described: dict[str, Any]) -> None:
        self.told.add(f"{route} is there")
        for parameter in described.get("parameters", []):
            one = self._resolved(parameter)
            self._add_sent(f"{route} {one['in']} {one['name']}", one["schema"], one)
        if "requestBody" in described:
            body = described["requestBody"]
            if not body.get("required"):
                self.told.add(f"{route} body may be left out")
            self.add_content(f"{route} body", body, is_sent=True)
        for status, response in described["responses"].items():
            self.told.add(f"{route} answers {status}")
            if "$ref" not in response:  # errors are the same for all
                self.add_content(f"{route} {status}", response, is_sent=False)

    def _add_sent(self, where: str, schema: dict[str, Any], parameter: dict[str, Any]) -> None:
        self._add_schema(where, schema, is_sent=True)
        if not parameter.get("required"):
            self.told.add(f"{where} may be left out")

    def add_content(self, where: str, holder: dict[str, Any], *, is_sent: bool) -> None:
        for kind, content in holder.get("content", {}).items():
            self.told.add(f"{where} is {kind}")
            self._add_schema(where, content.get("schema", {}), is_sent=is_sent)

    def _add_schema(self, where: str, schema: dict[str, Any], *, is_sent: bool) -> None:
        if "$ref" in schema:
            self._add_named(where, schema, is_sent=is_sent)
            return
        for choice in (*schema.get("anyOf", []), *schema.get("oneOf", [])):
            self._add_schema(where, choice, is_sent=is_sent)
        kinds = schema.get("type", [])
        self.told.update(f"{where}: {kind}" for kind in ([kinds] if kinds == str(kinds) else kinds))
        values = [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]
        self.told.update(f"{where} may be {value}" for value in values)
        self.told.update(f"{where} {bound} {schema[bound]}" for bound in BOUNDS if bound in schema)
        if "items" in schema:
            self._add_schema(f"{where}[]", schema["items"], is_sent=is_sent)
        for name, field in schema.get("properties", {}).items():
            place = f"{where}.{name}"
            self._add_schema(place, field, is_sent=is_sent)
            is_required = name in schema.get("required", [])
            if is_sent and not is_required:
                self.told.add(f"{place} may be left out")
            if is_required and not is_sent:
                self.told.add(f"{place} is always there")

    def _add_named(self, where: str, schema: dict[str, Any], *, is_sent: bool) -> None:
        """A schema that many places share is told once."""
        way = "sent" if is_sent else "answered"
        name = f"{way} {schema['$ref'].rpartition('/')[2]}"
        is_new = f"{name} is there" not in self.told
        self.told |= {f"{where} is {name}", f"{name} is there"}
        if is_new:
            self._add_schema(name, self._resolved(schema), is_sent=is_sent)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema behind a reference, else the schema itself."""
        found: Any = schema
        while "$ref" in found:
            reference, found = found["$ref"], self.document
            for step in reference.removeprefix("#/").split("/"):
                found = found[step]
        resolved: dict[str, Any] = found
        return resolved


def keep_facts() -> None:
    """Write down every fact the document tells now, with those it told before."""
    from inventory.api.openapi import document_of  # noqa: PLC0415  # a command's own need
    from inventory.config import Settings  # noqa: PLC0415
    from inventory.factory import create_app  # noqa: PLC0415

    app = create_app(Settings(database_url="sqlite:////nowhere/facts.db", secret_key="facts"))
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text("\n".join(sorted(facts_of(document_of(app)))) + "\n")


if __name__ == "__main__":
    keep_facts()
