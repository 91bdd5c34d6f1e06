"""People: given access, changed, let go; and what their passwords must be."""

import threading
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import db, reading, rehearsal, transact, transaction
from inventory.domain.actor import Actor
from inventory.domain.errors import Duplicate, Forbidden, Invalid, NotFound, Refusal
from inventory.domain.keys import KeyDraft
from inventory.domain.passwords import check_password
from inventory.domain.sessions import Visitor
from inventory.domain.users import (
    LastAdmin,
    PasswordChange,
    ServiceUser,
    UserDraft,
    UserShared,
)
from inventory.models.identity import User
from inventory.queries.companies import find_company
from inventory.queries.sessions import find_signed_in, list_sessions
from inventory.queries.users import find_user, get_member, list_companies_of, list_members
from inventory.services.keys import create_key
from inventory.services.passwords import CHEAPEST, Passwords
from inventory.services.sessions import open_session
from inventory.services.users import (
    activate_user,
    add_member,
    change_password,
    change_preferences,
    change_roles,
    create_user,
    deactivate_user,
    remove_member,
    rename_user,
    set_password,
)
from tests.factories import NOW, found_company, join

PASSWORDS = Passwords(CHEAPEST)
GOOD = "seven loud herons"
HERE = Visitor(address="192.0.2.7", agent="Test")


def new_address() -> str:
    return f"Bea.{uuid4().hex}@Example.com"


def add_user(session: Session, actor: Actor, **more: object) -> User:
    draft = UserDraft(email=new_address(), roles=("clerk",), password=GOOD)
    return create_user(
        session,
        actor,
        replace(draft, **more),  # type: ignore[arg-type]  # the test names them
        passwords=PASSWORDS,
        now=NOW,
    )


def test_a_new_user_has_a_hashed_password_and_roles(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)

        user = add_user(session, admin, roles=("see_cost", "clerk", "clerk"))

        assert user.password_hash is not None
        assert user.password_hash.startswith("$argon2id$")
        assert GOOD not in user.password_hash
        assert get_member(session, admin, user.public_id).roles == ("see_cost", "clerk")


def test_without_a_name_the_address_gives_one(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        user = add_user(session, found_company(session))

        assert user.name == user.email.partition("@")[0]


def test_an_address_is_one_person_whatever_its_case(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        user = add_user(session, admin)

        with pytest.raises(Duplicate) as refused:
            add_user(session, admin, email=f" {user.email.upper()}")

        assert refused.value.facts["existingId"] == user.public_id
        assert find_user(session, user.email.swapcase()) is user


def test_of_two_who_take_an_address_at_once_one_is_told(app: Flask) -> None:
    draft = UserDraft(email=new_address(), roles=("clerk",))
    with app.app_context(), transaction() as session:
        admin = found_company(session)
    gate = threading.Barrier(8)
    outcomes: list[str] = []

    def take() -> None:
        with app.app_context():
            gate.wait()
            try:
                transact(
                    lambda session: (
                        create_user(session, admin, draft, passwords=PASSWORDS, now=NOW).public_id
                    )
                )
                outcomes.append("taken")
            except Duplicate:
                outcomes.append("told")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["taken", *["told"] * 7]


def test_the_id_of_another_companys_user_is_not_given_away(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        user = add_user(session, found_company(session))

        with pytest.raises(Duplicate) as refused:
            add_user(session, found_company(session), email=user.email)

        assert refused.value.facts["existingId"] == ""


def test_every_problem_is_named_at_once(app: Flask) -> None:
    with app.app_context(), rehearsal() as session, pytest.raises(Invalid) as refused:
        add_user(
            session,
            found_company(session),
            email="nobody",
            roles=("clerk", "king"),
            name="x" * 201,
            password="short",
            public_id="me",
        )

    assert {one.field for one in refused.value.problems} == {
        "email", "roles[1]", "name", "password", "id"
    }  # fmt: skip
    assert "short" not in repr(refused.value.problems)


def test_what_is_missing_is_named(app: Flask) -> None:
    with app.app_context(), rehearsal() as session, pytest.raises(Invalid) as refused:
        add_user(session, found_company(session), email=" ", roles=())

    assert {(one.field, one.code) for one in refused.value.problems} == {
        ("email", "REQUIRED_FIELD"), ("roles", "REQUIRED_FIELD")
    }  # fmt: skip


def test_a_users_id_is_given_once(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        user = add_user(session, admin)

        with pytest.raises(Duplicate):
            add_user(session, admin, public_id=user.public_id)


def test_an_admin_renames_a_colleague(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        user = add_user(session, admin)

        assert rename_user(session, admin, user.public_id, "Bea").name == "Bea"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ninechars", "MIN_VALUE"),
        ("x1" * 513, "MAX_VALUE"),
        ("é" * 300 + "ü" * 300, "MAX_VALUE"),
        ("Password123", "INVALID_CHOICE"),
        ("qwertyuiop", "INVALID_CHOICE"),
        ("ababababababab", "INVALID_CHOICE"),
        ("bea@example.com", "INVALID_CHOICE"),
        ("Beatrice Moss", "INVALID_CHOICE"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, code: str) -> None:
    problems = list(check_password(password, own_words=("bea@example.com", "beatrice moss")))

    assert [one.code for one in problems] == [code]


@pytest.mark.parametrize(
    "password", [GOOD, "x7" * 256 + "qwe", "пароль для склада", "  spaces ok  "]
)
def test_a_long_password_of_any_letters_is_accepted(password: str) -> None:
    assert list(check_password(password)) == []


def test_one_password_typed_on_two_keyboards_is_the_same() -> None:
    kept = PASSWORDS.hash("caf\u00e9 au lait")

    assert PASSWORDS.fits("cafe\u0301 au lait", kept)
    assert not PASSWORDS.fits("cafe au lait", kept)


def test_only_an_admin_gives_access(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        manager = join(session, admin.company.public_id, "manager")
        user = add_user(session, admin)

        for attempt in (
            lambda: add_user(session, manager),
            lambda: change_roles(session, manager, user.public_id, ("admin",)),
            lambda: deactivate_user(session, manager, user.public_id, now=NOW),
            lambda: set_password(
                session, manager, user.public_id, GOOD, passwords=PASSWORDS, now=NOW
            ),
            lambda: remove_member(session, manager, user.public_id),
            lambda: rename_user(session, manager, user.public_id, "Zed"),
        ):
            with pytest.raises(Forbidden):
                attempt()


def test_people_may_rename_themselves(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        viewer = join(session, found_company(session).company.public_id, "viewer")

        assert rename_user(session, viewer, viewer.user_public_id, " Bea ").name == "Bea"
        with pytest.raises(Invalid):
            rename_user(session, viewer, viewer.user_public_id, " ")


def test_another_companys_user_is_unknown(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        user = add_user(session, found_company(session))

        with pytest.raises(NotFound):
            change_roles(session, found_company(session), user.public_id, ("admin",))


def test_roles_change_in_this_company_only(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        here, there = found_company(session), found_company(session)
        user = add_user(session, here)
        add_member(session, there, user.email, ("viewer",), now=NOW)

        change_roles(session, here, user.public_id, ("manager",))

        assert get_member(session, here, user.public_id).roles == ("manager",)
        assert get_member(session, there, user.public_id).roles == ("viewer",)
        assert {one.company.id for one in list_companies_of(session, user.id)} == {
            here.company.id, there.company.id
        }  # fmt: skip


@pytest.mark.parametrize("how", ["roles", "deactivate", "remove"])
def test_the_last_admin_stays(app: Flask, how: str) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        create_key(session, admin, KeyDraft(name="Robot", roles=("admin",)), now=NOW)
        idle = add_user(session, admin, roles=("admin",))
        deactivate_user(session, admin, idle.public_id, now=NOW)

        def let_go() -> None:
            if how == "roles":
                change_roles(session, admin, admin.user_public_id, ("manager",))
            elif how == "deactivate":
                deactivate_user(session, admin, admin.user_public_id, now=NOW)
            else:
                remove_member(session, admin, admin.user_public_id)

        with pytest.raises(LastAdmin):
            let_go()

        activate_user(session, admin, idle.public_id)
        session.flush()
        let_go()


def test_two_admins_cannot_remove_one_another_at_once(app: Flask) -> None:
    for _ in range(5):
        with app.app_context(), transaction() as session:
            first = found_company(session)
            second = join(session, first.company.public_id)
        gate = threading.Barrier(2)
        kept: list[str] = []

        def remove(admin: Actor, other: Actor, gate: threading.Barrier, kept: list[str]) -> None:
            with app.app_context():
                gate.wait()
                try:
                    transact(lambda session: remove_member(session, admin, other.user_public_id))
                except LastAdmin:
                    kept.append(other.user_public_id)
                finally:
                    db.session.remove()

        threads = [
            threading.Thread(target=remove, args=(*pair, gate, kept))
            for pair in ((first, second), (second, first))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(kept) == 1
        with app.app_context(), reading() as session:
            assert [one.user.public_id for one in list_members(session, first)] == kept


def test_a_shared_user_is_not_one_companys_to_take_over(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        here, there = found_company(session), found_company(session)
        user = add_user(session, here)
        add_member(session, there, user.email, ("viewer",), now=NOW)

        with pytest.raises(UserShared):
            set_password(session, there, user.public_id, GOOD, passwords=PASSWORDS, now=NOW)
        with pytest.raises(UserShared):
            deactivate_user(session, there, user.public_id, now=NOW)
        with pytest.raises(UserShared):
            rename_user(session, there, user.public_id, "Zed")

        remove_member(session, there, user.public_id)
        session.flush()
        assert list_companies_of(session, user.id)[0].company.id == here.company.id


def test_a_user_joins_a_company_once(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        user = add_user(session, admin)

        with pytest.raises(Duplicate):
            add_member(session, admin, user.email, ("viewer",), now=NOW)
        with pytest.raises(NotFound):
            add_member(session, admin, new_address(), ("viewer",), now=NOW)


def test_the_user_behind_a_key_is_changed_with_the_key(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        key = create_key(session, admin, KeyDraft(name="Robot"), now=NOW).key
        service = session.get_one(User, key.user_id)

        for attempt in (
            lambda: change_roles(session, admin, service.public_id, ("admin",)),
            lambda: remove_member(session, admin, service.public_id),
            lambda: set_password(
                session, admin, service.public_id, GOOD, passwords=PASSWORDS, now=NOW
            ),
        ):
            with pytest.raises(ServiceUser):
                attempt()
        assert [one.user.id for one in list_members(session, admin)] == [admin.user_id]


def test_deactivation_ends_every_session(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        user = add_user(session, admin)
        token = open_session(session, user.id, HERE, now=NOW)
        session.flush()

        deactivate_user(session, admin, user.public_id, now=NOW)
        session.flush()

        assert find_signed_in(session, token, now=NOW) is None
        activate_user(session, admin, user.public_id)
        session.flush()
        assert find_signed_in(session, token, now=NOW) is None


def test_a_new_password_needs_the_old_one(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        user = add_user(session, found_company(session))

        with pytest.raises(Invalid) as refused:
            change_password(
                session,
                user.id,
                PasswordChange(old="wrong password", new="short"),
                passwords=PASSWORDS,
                now=NOW,
            )

        assert [one.field for one in refused.value.problems] == ["oldPassword", "newPassword"]
        assert PASSWORDS.fits(GOOD, user.password_hash)


def test_a_new_password_ends_all_other_sessions(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        user = add_user(session, found_company(session))
        mine, other = (open_session(session, user.id, HERE, now=NOW) for _ in range(2))
        session.flush()
        here = find_signed_in(session, mine, now=NOW)
        assert here is not None

        change = PasswordChange(old=GOOD, new="nine quiet otters", keep=here.session_id)
        change_password(session, user.id, change, passwords=PASSWORDS, now=NOW)
        session.flush()

        assert find_signed_in(session, mine, now=NOW) is not None
        assert find_signed_in(session, other, now=NOW) is None
        assert PASSWORDS.fits("nine quiet otters", user.password_hash)


def test_an_admin_sets_a_password_and_ends_all_sessions(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)
        user = add_user(session, admin)
        open_session(session, user.id, HERE, now=NOW)
        session.flush()

        set_password(
            session, admin, user.public_id, "nine quiet otters", passwords=PASSWORDS, now=NOW
        )

        assert list_sessions(session, user.id, now=NOW) == []
        assert PASSWORDS.fits("nine quiet otters", user.password_hash)


def test_preferences_are_kept_and_forgotten(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        user = add_user(session, found_company(session))
        change_preferences(session, user.id, {"theme": "dark", "density": "compact"})
        session.flush()

        change_preferences(session, user.id, {"density": ""})

        assert user.preferences == {"theme": "dark"}
        with pytest.raises(Refusal):
            change_preferences(session, user.id, {"theme": "x" * 201})


def test_the_founder_is_found_by_no_other_company(app: Flask) -> None:
    with app.app_context(), rehearsal() as session:
        admin = found_company(session)

        assert find_company(session, admin.company.public_id) is not None
        with pytest.raises(NotFound):
            get_member(session, found_company(session), admin.user_public_id)
