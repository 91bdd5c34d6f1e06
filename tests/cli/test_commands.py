"""The operator's contract: what each command prints, and how it fails."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from inventory.database import reading, transaction
from inventory.domain.actor import ROLES
from inventory.domain.keys import KeyRefused
from inventory.domain.sessions import Visitor
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.models.documents import IdempotencyKey
from inventory.models.identity import Session, SignInAttempt, User
from inventory.queries.companies import get_company
from inventory.queries.users import find_user, list_companies_of
from inventory.services.ids import new_id
from inventory.services.keys import authenticate_key
from inventory.services.sessions import open_session
from tests.installation import Installation

GOOD = "seven loud herons"


def new_address() -> str:
    return f"bea.{uuid4().hex}@example.com"


def create_user(installation: Installation, email: str, *more: str) -> str:
    command = ("create-user", email, "--company", "company_acme", "--password-stdin", *more)
    return installation.succeed(*command, typed=f"{GOOD}\n")


def test_three_processes_upgrade_an_empty_database_at_once(empty: Installation) -> None:
    upgrades = [empty.start("upgrade-db") for _ in range(3)]
    ends = [(process.communicate(timeout=120), process.returncode) for process in upgrades]

    assert [code for _, code in ends] == [0, 0, 0], ends
    with empty.app.app_context():
        upgrade()  # finds nothing left to do
        with reading() as session:
            assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
            assert session.scalar(select(func.count()).select_from(User)) == 0


def test_a_company_is_answered_with_its_id_alone(installation: Installation) -> None:
    company_id = f"company_{uuid4().hex}"

    printed = installation.succeed(
        "create-company", "Bolt", "--id", company_id, "--currency", "SGD",
        "--timezone", "Asia/Singapore",
    )  # fmt: skip

    assert printed == f"{company_id}\n"


def test_a_user_is_created_with_the_password_from_standard_input(
    installation: Installation,
) -> None:
    email = new_address()

    printed = create_user(installation, email, "--role", "clerk", "--role", "see_cost")

    with installation.app.app_context(), reading() as session:
        user = find_user(session, email)
        assert user is not None
        assert printed == f"{user.public_id}\n"
        assert current_passwords().fits(GOOD, user.password_hash)
        (belongs,) = list_companies_of(session, user.id)
        assert belongs.company.public_id == "company_acme"
        assert set(belongs.roles) == {"clerk", "see_cost"}


def test_a_user_known_elsewhere_joins_and_keeps_their_password(
    installation: Installation,
) -> None:
    email, other = new_address(), f"company_{uuid4().hex}"
    first = create_user(installation, email, "--role", "admin")
    installation.succeed("create-company", "Bolt", "--id", other)

    second = installation.invoke(
        "create-user", email, "--company", other, "--role", "viewer", "--password-stdin",
        typed="another good one\n",
    )  # fmt: skip

    assert second.exit_code == 0
    assert second.stdout == first
    assert "stays as it is" in second.stderr
    with installation.app.app_context(), reading() as session:
        user = find_user(session, email)
        assert user is not None
        assert current_passwords().fits(GOOD, user.password_hash)
        assert {one.company.public_id for one in list_companies_of(session, user.id)} == {
            "company_acme", other
        }  # fmt: skip


def test_a_key_is_printed_alone_and_speaks_for_a_manager(installation: Installation) -> None:
    printed = installation.succeed("create-key", "--company", "company_acme", "--name", "Till")

    with installation.app.app_context(), reading() as session:
        holder = authenticate_key(session, printed.removesuffix("\n"), utc_now())
    assert holder.actor.company.public_id == "company_acme"
    assert holder.actor.permissions == ROLES["manager"]
    assert holder.scopes == ()


def test_a_key_is_narrowed_by_scopes_and_roles_and_ends(installation: Installation) -> None:
    tomorrow = (utc_now() + timedelta(days=1)).date()
    printed = installation.succeed(
        "create-key", "--company", "company_acme", "--name", "Report",
        "--scope", "read:inventory", "--scope", "read:reports",
        "--role", "viewer", "--expires", tomorrow.isoformat(),
    ).strip()  # fmt: skip

    with installation.app.app_context(), reading() as session:
        holder = authenticate_key(session, printed, utc_now())
        with pytest.raises(KeyRefused):
            authenticate_key(session, printed, utc_now() + timedelta(days=2))
    assert holder.scopes == ("read:inventory", "read:reports")
    assert holder.actor.permissions == ROLES["viewer"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("create-company", "Acme", "--id", "company_acme"), "company_acme"),
        (("create-company", " ", "--currency", "ringgit"), "currency"),
        (("create-user", "a@b.example", "--company", "company_none", "--role", "clerk",
          "--password-stdin"), "company_none"),
        (("create-user", "nobody", "--company", "company_acme", "--role", "king",
          "--password-stdin"), "roles[0]"),
        (("create-user", "a@b.example", "--company", "company_acme", "--role", "clerk"),
         "--password-stdin"),
        (("create-key", "--company", "company_none", "--name", "x"), "company_none"),
        (("create-key", "--company", "company_acme", "--name", "x", "--scope", "read:minds"),
         "scopes[0]"),
        (("create-key", "--company", "company_acme", "--name", "x", "--expires", "2001-01-01"),
         "expiresAt"),
    ],
)  # fmt: skip
def test_a_refused_command_says_why_in_one_line(
    installation: Installation, command: tuple[str, ...], words: str
) -> None:
    refused = installation.invoke(*command, typed="short\n")

    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("Error: ")
    assert refused.stderr.count("\n") == 1
    assert words in refused.stderr


def test_a_refused_command_fails_for_the_shell_too(installation: Installation) -> None:
    refused = installation.run("create-company", "Acme", "--id", "company_acme")

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1


def test_without_a_schema_the_command_to_run_is_named(empty: Installation) -> None:
    refused = empty.invoke("create-company", "Acme")

    assert refused.exit_code == 1
    assert "upgrade-db" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_database_that_is_away_is_told_in_one_line(anywhere: Installation) -> None:
    refused = anywhere.run(
        "create-company", "Acme", RACKING_DATABASE_URL="postgresql+psycopg://x@127.0.0.1:1/x"
    )

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "Traceback" not in refused.stderr


def test_a_bad_setting_is_told_in_one_line(anywhere: Installation) -> None:
    refused = anywhere.run("upgrade-db", RACKING_PORT="80a")

    assert refused.returncode == 1
    assert refused.stderr == (
        "Error: RACKING_PORT must be a whole number of 0 or more, not '80a'\n"
    )


def test_jobs_once_sweep_what_is_over_and_nothing_else(installation: Installation) -> None:
    email, now = new_address(), utc_now()
    create_user(installation, email, "--role", "clerk")
    with installation.app.app_context(), transaction() as session:
        user, company = find_user(session, email), get_company(session, "company_acme")
        assert user is not None
        user_id, company_id = user.id, company.id
        for days, hours in ((0, 71), (0, 73), (2, 0), (60, 0)):
            at = now - timedelta(days=days, hours=hours)
            mark = uuid4().hex
            session.add(SignInAttempt(id=new_id(), subject=f"test {mark}", at=at))
            session.add(
                IdempotencyKey(
                    company_id=company_id, key=mark, request_hash="", headers="", created_at=at
                )
            )
            open_session(session, user_id, Visitor(address=mark), now=at)
        session.add(SignInAttempt(id=new_id(), subject="test fresh", at=now))

    done = installation.run("run-jobs", "--once")

    assert done.returncode == 0, done.stderr
    with installation.app.app_context(), reading() as session:
        subjects = session.scalars(
            select(SignInAttempt.subject).where(SignInAttempt.subject.startswith("test"))
        ).all()
        answers = session.scalar(
            select(func.count())
            .select_from(IdempotencyKey)
            .where(IdempotencyKey.company_id == company_id)
        )
        sessions = session.scalar(
            select(func.count()).select_from(Session).where(Session.user_id == user_id)
        )
    assert subjects == ["test fresh"]
    assert answers == 2
    assert sessions == 3
