"""flask import: rows of a file into items, their surroundings or the ledger."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from sqlalchemy.orm import Session

from inventory.cli.imports_files import Table, open_table, write_rejects
from inventory.cli.operator import OperatorCommand, operator_of
from inventory.database import reading, transact
from inventory.domain.actor import Actor
from inventory.domain.errors import Invalid
from inventory.domain.imports import (
    ImportKind,
    ImportTerms,
    Matching,
    Outcome,
    Reject,
    check_terms,
    match_columns,
    rejects_of,
)
from inventory.domain.imports_drafts import DraftReader, DraftRow
from inventory.domain.imports_stock import StockReader, StockRow
from inventory.http.clock import utc_now
from inventory.services.imports import chunk_size, finish_run, post_rows, start_run
from inventory.services.imports_stage import BATCH, ImportStage

Chunks = Callable[[], Iterator[Sequence[Any]]]


class RowsRejected(Exception):
    """Rows were rejected where none may be, so nothing is kept."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("rows were rejected")
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Order:
    """What the operator asked for.

    is_whole  all rows or none; else chunk by chunk, and rejected rows stay out
    at_once   rows in a chunk
    """

    path: Path
    terms: ImportTerms
    mapping: dict[str, str]
    delimiter: str
    rejects: Path
    is_whole: bool
    dry_run: bool
    at_once: int


@click.command("import", cls=OperatorCommand)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in ImportKind]))
@click.option("--company", required=True, help="Id of the company.")
@click.option(
    "--map", "mapping", multiple=True, metavar="'THEIR COLUMN=field'", help="May be repeated."
)
@click.option("--source", help="Where the rows come from. [default: the file's name]")
@click.option("--location", default="", help="Id or code, for rows that name none.")
@click.option("--delimiter", default="", help="Of the cells. [default: found out]")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path),
              help="File for rejected rows. [default: FILE.rejects.csv]")  # fmt: skip
@click.option(
    "--resume/--all-or-nothing",
    "resumes",
    default=False,
    help="Commit in chunks without the rejected rows, or nothing if there are any."
    " Run again with --resume after a break: it goes on where it stopped.",
)
@click.option(
    "--commit-every", "at_once", type=click.IntRange(1, 1_000_000), help="Rows, with --resume."
)
@click.option("--update", "updates", is_flag=True, help="Change what exists already.")
@click.option("--create-missing", "completes", is_flag=True,
              help="Create categories and suppliers that items name.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Check everything and keep nothing.")
@click.pass_context
@with_appcontext
def import_file(context: click.Context, /, file: Path, company: str, **given: Any) -> None:
    """Bring the rows of a CSV FILE (also .gz) into a company.

    Rows are known by the source and their externalId (without such a column: by their
    content), so running it again adds nothing.
    """
    order = _order(file, given)
    with reading() as session:
        actor = replace(operator_of(session, company), source="import")
    with ImportStage() as stage, _counting_alone():
        outcome = _run(order, actor, stage)
        _report(order, stage, outcome)
        rejected = stage.rejected
    if rejected and order.is_whole:
        context.exit(1)


@contextmanager
def _counting_alone() -> Iterator[None]:
    """Search for no circles among what is in memory: rows make none, and they are many."""
    was_searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_searching:
            gc.enable()


def _order(file: Path, given: dict[str, Any]) -> Order:
    terms = ImportTerms(
        kind=ImportKind(given["kind"]),
        source=given["source"] or file.name.removesuffix(".gz").removesuffix(".csv")[:80],
        location=given["location"],
        updates=given["updates"],
        completes=given["completes"],
    )
    check_terms(terms)
    pairs = [pair.rpartition("=") for pair in given["mapping"]]
    for heading, equals, name in pairs:
        if not (heading and equals and name):
            raise click.BadParameter("Use 'Their column=ourField'.", param_hint="--map")
    delimiter = given["delimiter"].replace("\\t", "\t")
    if len(delimiter) > 1:
        raise click.BadParameter("Use a single character.", param_hint="--delimiter")
    return Order(
        path=file,
        terms=terms,
        mapping={heading.strip(): name.strip() for heading, _, name in pairs},
        delimiter=delimiter,
        rejects=given["rejects"] or file.with_name(f"{file.name}.rejects.csv"),
        is_whole=not given["resumes"],
        dry_run=given["dry_run"],
        at_once=given["at_once"] or chunk_size(terms.kind),
    )


def _run(order: Order, actor: Actor, stage: ImportStage) -> Outcome:
    """Read the file and post its rows; nothing is kept unless it is meant to be."""
    now = utc_now()
    with open_table(order.path, delimiter=order.delimiter) as table:
        matching = match_columns(table.headings, order.terms.kind, order.mapping)
    _tell_columns(table, matching)
    chunks: Chunks
    with _progress() as progress:
        if order.terms.kind.moves_stock:
            rows = StockReader(matching, order.terms, now=now, zone=actor.company.zone)
            _fill_stage(order, stage, rows, progress)
            chunks = partial(_staged, order, stage, matching, progress)
        else:
            chunks = partial(_drafted, order, stage, DraftReader(matching), progress)
        if order.is_whole or order.dry_run:
            return _post_whole(order, actor, stage, chunks, now)
        return _post_by_chunk(order, actor, stage, chunks, now)


def _post_whole(
    order: Order, actor: Actor, stage: ImportStage, chunks: Chunks, now: datetime
) -> Outcome:
    """Everything in one transaction, which is undone when a row was rejected."""

    def work(session: Session) -> Outcome:
        stage.forget_late()  # what another try of this found
        run_id = start_run(session, actor, order.terms, now=now)
        outcome = Outcome()
        for rows in chunks():
            part = post_rows(session, actor, order.terms, rows, now=now)
            stage.reject(part.rejects, is_late=True)
            outcome = outcome.plus(part)
        if stage.rejected and not order.dry_run:
            raise RowsRejected(outcome)
        finish_run(session, actor, run_id, outcome, stage.rejected, now=utc_now())
        return outcome

    try:
        return transact(work, dry_run=order.dry_run)
    except RowsRejected as rejected:
        return rejected.outcome


def _post_by_chunk(
    order: Order, actor: Actor, stage: ImportStage, chunks: Chunks, now: datetime
) -> Outcome:
    """A transaction for each chunk: what is committed is known, so a new run goes on from it."""
    run_id = transact(lambda session: start_run(session, actor, order.terms, now=now))
    outcome = Outcome()
    for rows in chunks():
        part = transact(partial(_post, actor, order.terms, rows, now))
        stage.reject(part.rejects, is_late=True)
        outcome = outcome.plus(part)
    transact(
        lambda session: finish_run(session, actor, run_id, outcome, stage.rejected, now=utc_now())
    )
    return outcome


def _post(
    actor: Actor, terms: ImportTerms, rows: Sequence[Any], now: datetime, session: Session
) -> Outcome:
    return post_rows(session, actor, terms, rows, now=now)


def _fill_stage(order: Order, stage: ImportStage, rows: StockReader, progress: Progress) -> None:
    """Read the file into the stage, which puts it in the order of effect."""
    with _reading(order, progress) as table:
        while batch := list(islice(table.rows, BATCH)):
            good: list[StockRow] = []
            for row in batch:
                if isinstance(row, Reject):
                    stage.reject([row])
                    continue
                try:
                    good.append(rows.read(row))
                except Invalid as refused:
                    stage.reject(rejects_of(row.line, refused))
            stage.add(good)


def _staged(
    order: Order, stage: ImportStage, matching: Matching, progress: Progress
) -> Iterator[list[StockRow]]:
    posting = progress.add_task("Posting", total=stage.waiting)
    by_fingerprint = matching.place_of("externalId") is None
    for chunk in stage.chunks(order.at_once, by_fingerprint=by_fingerprint):
        yield chunk
        progress.advance(posting, len(chunk))


def _drafted(
    order: Order, stage: ImportStage, drafts: DraftReader, progress: Progress
) -> Iterator[list[DraftRow]]:
    with _reading(order, progress) as table:
        while batch := list(islice(table.rows, order.at_once)):
            good: list[DraftRow] = []
            for row in batch:
                if isinstance(row, Reject):
                    stage.reject([row], is_late=True)
                    continue
                try:
                    good.append(drafts.read(row))
                except Invalid as refused:
                    stage.reject(rejects_of(row.line, refused), is_late=True)
            yield good


@contextmanager
def _reading(order: Order, progress: Progress) -> Iterator[Table]:
    size = order.path.stat().st_size
    task = progress.add_task("Reading", total=size)
    with open_table(
        order.path,
        delimiter=order.delimiter,
        told=lambda done: progress.update(task, completed=done),
    ) as table:
        yield table
    progress.update(task, completed=size)


def _progress() -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _tell_columns(table: Table, matching: Matching) -> None:
    for place, column in matching.found:
        click.echo(f"{table.headings[place]} -> {column.name}", err=True)
    if matching.ignored:
        click.echo(f"Ignored: {', '.join(matching.ignored)}", err=True)


def _report(order: Order, stage: ImportStage, outcome: Outcome) -> None:
    rejected = stage.rejected_rows()
    if stage.rejected:
        write_rejects(order.rejects, order.path, order.delimiter, stage.rejects())
    kept = "would be brought in" if order.dry_run else "brought in"
    if rejected and order.is_whole:
        kept = "fit, but nothing was changed" if not order.dry_run else kept
    click.echo(
        f"{outcome.accepted + outcome.repeated + rejected:,} rows: {outcome.accepted:,} {kept},"
        f" {outcome.repeated:,} known already, {rejected:,} rejected."
    )
    if rejected:
        click.echo(f"Why, line by line: {order.rejects}", err=True)
