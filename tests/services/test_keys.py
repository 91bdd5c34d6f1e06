"""API keys: made once, believed while good, narrowed by their scopes."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from inventory.database import db, rehearsal
from inventory.domain.actor import ROLES, Actor, Permission
from inventory.domain.errors import Forbidden, Invalid, NotFound
from inventory.domain.ids import ALPHABET
from inventory.domain.keys import KeyDraft, KeyRefused, has_scope, narrowed, read_key, write_key
from inventory.models.identity import ApiKey, Company, Membership, User
from inventory.queries.keys import get_key, list_keys
from inventory.services.keys import (
    NewKey,
    authenticate_key,
    create_key,
    note_key_use,
    revoke_key,
)
from tests.factories import NOW, found_company, join

MINUTE = timedelta(minutes=1)


def make_key(session: Session, actor: Actor, *scopes: str, **more: object) -> NewKey:
    draft = KeyDraft(name="Till", scopes=scopes, **more)  # type: ignore[arg-type]  # the test names them
    return create_key(session, actor, draft, now=NOW)


def test_a_key_speaks_for_its_service_user_in_its_company(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        made = make_key(session, admin)

        holder = authenticate_key(session, made.text, NOW)

        assert holder.actor.company.public_id == admin.company.public_id
        assert holder.actor.name == "Till"
        assert holder.actor.user_id != admin.user_id
        assert holder.actor.permissions == ROLES["manager"]
        assert holder.actor.source == "api"
        assert holder.key_public_id == made.key.public_id


def test_only_a_hash_of_the_secret_is_kept(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        made = make_key(session, found_company(session))
        row = session.execute(select(ApiKey.__table__).where(ApiKey.id == made.key.id)).one()

        secret = read_key(made.text).secret

        assert made.text.startswith(f"inv_live_{row.key_id}_")
        assert all(secret not in str(column) for column in row)
        assert row.last_four == made.text[-4:]


def test_a_key_of_which_one_letter_is_wrong_is_refused(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        made = make_key(session, found_company(session))
        refused = 0
        for place in range(len("inv_live_"), len(made.text)):
            other = "b" if made.text[place] != "b" else "c"
            with pytest.raises(KeyRefused):
                authenticate_key(session, made.text[:place] + other + made.text[place + 1 :], NOW)
            refused += 1

    assert refused == 76


def test_a_secret_with_right_check_digits_but_of_another_key_is_refused(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        made = make_key(session, found_company(session))
        key_id = read_key(made.text).key_id
        bits = sum(ALPHABET.index(digit) << 5 * place for place, digit in enumerate(key_id))
        parts, forged = write_key(bits, 12345)

        assert parts.key_id == key_id
        with pytest.raises(KeyRefused):
            authenticate_key(session, forged, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "inv_live_",
        "inv_test_abc_def",
        "Bearer",
        "inv_live_\x00",
        "é" * 90,
        "\ud800",
        "a" * 10**6,
    ],
)
def test_what_was_never_a_key_is_refused_without_asking_the_database(app: Flask, text: str) -> None:
    with app.app_context(), rehearsal() as session, pytest.raises(KeyRefused):
        authenticate_key(session, text, NOW)


def test_a_key_is_refused_from_the_moment_it_expires(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        made = make_key(session, found_company(session), expires_at=NOW + MINUTE)

        authenticate_key(session, made.text, NOW + MINUTE - timedelta(microseconds=1))

        with pytest.raises(KeyRefused):
            authenticate_key(session, made.text, NOW + MINUTE)


def test_a_revoked_key_is_refused_at_once(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        made = make_key(session, admin)

        revoke_key(session, admin, made.key.public_id, now=NOW)

        with pytest.raises(KeyRefused):
            authenticate_key(session, made.text, NOW)
        assert get_key(session, admin, made.key.public_id).revoked_at == NOW


@pytest.mark.parametrize("whose", ["user", "company", "membership"])
def test_a_key_ends_with_its_user_company_or_membership(app: Flask, whose: str) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        made = make_key(session, admin)
        if whose == "user":
            session.get_one(User, made.key.user_id).is_active = False
        elif whose == "company":
            session.get_one(Company, admin.company.id).is_active = False
        else:
            session.delete(session.get_one(Membership, (admin.company.id, made.key.user_id)))
        session.flush()

        with pytest.raises(KeyRefused):
            authenticate_key(session, made.text, NOW)


def test_scopes_only_narrow_what_the_roles_allow(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        reads = make_key(session, admin, "read:inventory", roles=("clerk",))
        writes = make_key(session, admin, "write:inventory", roles=("clerk",))
        all_of_it = make_key(session, admin, "admin", roles=("clerk",))

        def allowed(made: NewKey) -> frozenset[Permission]:
            return authenticate_key(session, made.text, NOW).actor.permissions

        assert allowed(reads) == {Permission.READ}
        assert allowed(writes) == {
            Permission.COUNT, Permission.EDIT_ITEMS, Permission.MOVE_STOCK
        }  # fmt: skip
        assert allowed(all_of_it) == ROLES["clerk"]


def test_reading_shows_costs_where_the_roles_do() -> None:
    assert narrowed(ROLES["manager"], ("read:inventory",)) == {
        Permission.READ, Permission.SEE_COST
    }  # fmt: skip
    assert narrowed(ROLES["viewer"], ("read:reports",)) == {Permission.READ}
    assert narrowed(ROLES["admin"], ("read:invoices",)) == frozenset()
    assert narrowed(ROLES["admin"], ()) == ROLES["admin"]


def test_no_scope_and_admin_stand_for_every_scope() -> None:
    assert has_scope((), "write:inventory")
    assert has_scope(("admin",), "write:inventory")
    assert not has_scope(("read:inventory",), "write:inventory")


def test_every_problem_of_a_draft_is_named_at_once(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        draft = KeyDraft(
            name=" ", roles=("king",), scopes=("read:inventory", "read:minds"), expires_at=NOW
        )

        with pytest.raises(Invalid) as refused:
            create_key(session, admin, draft, now=NOW)

    assert {one.field for one in refused.value.problems} == {
        "name", "roles[0]", "scopes[1]", "expiresAt"
    }  # fmt: skip


def test_only_an_admin_makes_and_revokes_keys(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        made = make_key(session, admin)
        manager = join(session, admin.company.public_id, "manager")

        with pytest.raises(Forbidden):
            make_key(session, manager)
        with pytest.raises(Forbidden):
            revoke_key(session, manager, made.key.public_id, now=NOW)


def test_another_companys_key_is_unknown(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        made = make_key(session, found_company(session))
        stranger = found_company(session)

        with pytest.raises(NotFound):
            revoke_key(session, stranger, made.key.public_id, now=NOW)
        assert list_keys(session, stranger) == []


def test_use_is_noted_once_a_minute(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        made = make_key(session, admin)
        assert authenticate_key(session, made.text, NOW).is_use_due

        note_key_use(session, made.key.id, now=NOW)
        note_key_use(session, made.key.id, now=NOW + MINUTE / 2)

        session.refresh(made.key)
        assert made.key.last_used_at == NOW
        assert not authenticate_key(session, made.text, NOW + MINUTE / 2).is_use_due
        assert authenticate_key(session, made.text, NOW + MINUTE).is_use_due


def test_authenticating_is_one_statement_and_writes_nothing(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        made = make_key(session, found_company(session))
        statements: list[str] = []

        def note(_c: object, _k: object, text: str, *_: object) -> None:
            statements.append(text)

        engine: Engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            authenticate_key(session, made.text, NOW)
        finally:
            event.remove(engine, "before_cursor_execute", note)

        assert len(statements) == 1
        assert statements[0].startswith("SELECT")
        assert not session.dirty


def test_the_list_names_roles_and_maker_the_newest_first(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        make_key(session, admin)
        create_key(session, admin, KeyDraft(name="Shop", roles=("clerk",)), now=NOW + MINUTE)

        listed = list_keys(session, admin)

        assert [(one.key.name, one.roles, one.created_by) for one in listed] == [
            ("Shop", ("clerk",), "Ana"),
            ("Till", ("manager",), "Ana"),
        ]


def test_two_keys_never_share_a_user(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        keys = [make_key(session, admin).key for _ in range(3)]

        users = session.scalar(
            select(func.count(func.distinct(User.id))).where(
                User.id.in_([key.user_id for key in keys]), User.is_service
            )
        )

        assert users == 3
