"""flask rebuild-balances."""

from functools import partial

import click
from flask.cli import with_appcontext

from inventory.cli.operator import OperatorCommand, operator_of
from inventory.database import reading, transact
from inventory.domain.audit import Finding
from inventory.http.clock import utc_now
from inventory.queries.companies import list_companies
from inventory.services import balances


@click.command("rebuild-balances", cls=OperatorCommand)
@click.option("--company", "company_id", help="Only this company's stock.")
@with_appcontext
def rebuild_balances(company_id: str | None) -> None:
    """Write positions, layers, levels and totals anew from the ledger; print what differed."""
    with reading() as session:
        ids = [company_id] if company_id else [one.public_id for one in list_companies(session)]
    for one in ids:
        _rebuild(one)


def _rebuild(company_id: str) -> None:
    """Item by item, each in its own transaction, so that nobody waits for the whole."""
    with reading() as session:
        actor = operator_of(session, company_id)
        drifted = list(balances.find_drifted(session, actor))
    found: list[Finding] = []
    for item_id in drifted:
        rebuild = partial(balances.rebuild_item, actor=actor, item_id=item_id, now=utc_now())
        for one in transact(rebuild):
            found.append(one)
            click.echo(f"{company_id} item {item_id}: {one.what}")
    for one in transact(lambda session: balances.rebuild_totals(session, actor)):
        found.append(one)
        click.echo(f"{company_id} {one.what}")
    click.echo(f"{company_id}: {len(found)} differences")
