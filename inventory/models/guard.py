"""A wall behind the wall: no statement reads or changes a company's rows without naming it.

Every tenant table in a statement must have its company_id compared with something. It is
looked at once per distinct statement, so it costs nothing on the way.
"""

import re
from typing import Any
from weakref import WeakSet

from sqlalchemy import Table
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, ColumnElement, TextClause
from sqlalchemy.sql.selectable import Alias

from inventory.models.base import Base
from inventory.models.tenancy import Tenant

EVERY_COMPANY = "every_company"  # execution option of the few statements that mean all of them


class CompanyNotNamed(AssertionError):
    """A programming mistake: a statement would have crossed the companies' borders."""


def refuse_unnamed_company(compiled: Any, text: str) -> None:
    """Check a statement before it is sent.

    compiled  SQLAlchemy's compiled form, or None for a statement written as text

    Raises CompanyNotNamed.
    """
    if compiled is None or isinstance(compiled.statement, TextClause):
        _refuse_text(text)
    elif compiled not in _checked:
        _refuse_statement(compiled.statement, text)
        _checked.add(compiled)


_checked: WeakSet[Any] = WeakSet()
_checked_texts: set[str] = set()


def tenant_tables() -> frozenset[str]:
    """Names of the tables whose rows belong to one company."""
    return frozenset(
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Tenant) and isinstance(mapper.local_table, Table)
    )


def _refuse_statement(statement: Any, text: str) -> None:
    if not _reads_or_changes(statement):
        return
    tenants = tenant_tables()
    sources: set[Any] = set()
    named: set[Any] = set()
    for part in visitors.iterate(statement):
        if isinstance(part, Table) and part.name in tenants:
            sources.add(part)
        elif isinstance(part, Alias) and isinstance(part.element, Table):
            if part.element.name in tenants:
                sources.add(part)
        elif isinstance(part, BinaryExpression) and part.operator in _COMPARISONS:
            named.update(_compared(part.left), _compared(part.right))
    if statement.is_update or statement.is_delete:
        sources.add(statement.table) if statement.table.name in tenants else None
    # An alias brings its table along as a child, which is no source of its own.
    aliased = {source.element for source in sources if isinstance(source, Alias)}
    missing = sources - named - (aliased - named)
    if missing:
        names = ", ".join(sorted(source.name for source in missing))
        raise CompanyNotNamed(f"no company is named for {names} in: {text}")


def _reads_or_changes(statement: Any) -> bool:
    kinds = ("is_select", "is_update", "is_delete")
    return any(getattr(statement, kind, False) for kind in kinds)


_COMPARISONS = {operators.eq, operators.in_op}


def _compared(side: ColumnElement[Any]) -> set[Any]:
    return {
        column.table
        for column in visitors.iterate(side)
        if getattr(column, "name", "") == "company_id" and hasattr(column, "table")
    }


def _refuse_text(text: str) -> None:
    if text in _checked_texts:
        return
    verb = text.lstrip(" (\n").split(None, 1)[0].upper() if text.strip() else ""
    if verb in {"SELECT", "UPDATE", "DELETE", "WITH"}:
        words = set(re.findall(r"[a-z_]+", text.lower()))
        if words & tenant_tables() and "company_id" not in words:
            raise CompanyNotNamed(f"no company is named in: {text}")
    if len(_checked_texts) < 10_000:  # noqa: PLR2004  # statements are few; this only bounds it
        _checked_texts.add(text)
