"""flask audit."""

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from inventory.cli.operator import OperatorCommand, operator_of
from inventory.database import reading
from inventory.domain.audit import CHECKS
from inventory.queries.companies import list_companies
from inventory.services.audit import audit_company


@click.command("audit", cls=OperatorCommand)
@click.option("--company", "company_id", help="Only this company's stock.")
@with_appcontext
def audit(company_id: str | None) -> None:
    """Prove every invariant of the stock; name the first bad rows and exit with 1 if one fails."""
    with reading() as session:
        _hold_still(session)
        ids = [company_id] if company_id else [one.public_id for one in list_companies(session)]
        sound = [_audit(session, one) for one in ids]
    if not all(sound):
        raise SystemExit(1)


def _hold_still(session: Session) -> None:
    """Let all that is read be of one moment; SQLite's transactions are so by themselves."""
    if session.get_bind().dialect.name == "postgresql":
        session.rollback()
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _audit(session: Session, company_id: str) -> bool:
    actor = operator_of(session, company_id)
    failed = set()
    for finding in audit_company(session, actor):
        failed.add(finding.check)
        click.echo(f"{company_id} {finding.check}: {finding.what}", err=True)
    for check, rule in CHECKS.items():
        click.echo(f"{company_id} {check} {'FAILED' if check in failed else 'ok'}: {rule}")
    return not failed
