"""Tokens issued and revoked, roles given and taken, people deactivated."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import ApiToken, HistoryEntry, Membership, Session, User
from accounts.permissions import WHOLE_COMPANY, Forbidden, can
from accounts.roles import COMPANY_ROLES, Capability, Role, Scope
from accounts.services import (
    change_own_password,
    deactivate,
    grant_role,
    issue_token,
    reactivate,
    revoke_role,
    revoke_token,
    set_password,
    update_own_settings,
    update_person,
)
from tests.factories.accounts import PASSWORD, UserFactory, admin, person

pytestmark = pytest.mark.django_db


def actions(subject_type, subject):
    return [entry.action for entry in HistoryEntry.objects.for_subject(subject_type, subject.pk)]


def test_a_token_is_stored_hashed_and_shown_once(stranger):
    token, plain = issue_token(user=stranger, name=" CI ", scopes=[Scope.CHECK, "read"], by=stranger)
    assert plain.startswith(token.prefix) and len(plain) > 40
    stored = ApiToken.objects.values().get(pk=token.pk)
    assert plain not in str(stored) and plain[9:] not in str(stored)
    assert stored["scopes"] == ["check", "read"] and stored["name"] == "CI"
    assert actions("token", token) == ["issued"]
    assert plain[9:] not in str(HistoryEntry.objects.values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"name": "x" * 121},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_a_token_that_makes_no_sense_is_refused(stranger, wrong):
    with pytest.raises(ValidationError):
        issue_token(**{"user": stranger, "name": "CI", "scopes": [Scope.READ], "by": stranger} | wrong)
    assert not ApiToken.objects.exists()


def test_tokens_belong_to_their_person_and_to_admins(stranger):
    other = person(Role.ANALYST)
    with pytest.raises(Forbidden):
        issue_token(user=stranger, name="x", scopes=[Scope.READ], by=other)
    token, _ = issue_token(user=stranger, name="x", scopes=[Scope.READ], by=admin())
    with pytest.raises(Forbidden):
        revoke_token(token, by=other)
    revoke_token(token, by=stranger)
    first = token.revoked_at
    revoke_token(ApiToken.objects.get(), by=admin())
    assert ApiToken.objects.get().revoked_at == first
    assert actions("token", token) == ["issued", "revoked"]


def test_usable_and_ended_tokens(stranger):
    fields = {"user": stranger, "scopes": [Scope.READ], "by": stranger}
    lasting, _ = issue_token(name="lasting", expires_at=timezone.now() + timedelta(days=1), **fields)
    expired, _ = issue_token(name="expired", **fields)
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    revoked, _ = issue_token(name="revoked", **fields)
    revoke_token(revoked, by=stranger)
    assert list(ApiToken.objects.usable()) == [lasting]
    assert set(ApiToken.objects.ended()) == {expired, revoked}


def test_roles_are_given_and_taken_with_history(stranger, team):
    chief = admin()
    assert not can(stranger, Capability.DELIVERY_DEVELOP, on=team)
    membership = grant_role(stranger, Role.DEVELOPER, team=team, by=chief)
    assert can(stranger, Capability.DELIVERY_DEVELOP, on=team)
    assert grant_role(stranger, Role.DEVELOPER, team=team, by=chief) == membership
    revoke_role(membership, by=chief)
    assert not can(membership.user, Capability.DELIVERY_DEVELOP, on=team)
    assert actions("user", stranger) == ["role given", "role taken"]


@pytest.mark.parametrize("role", Role)
def test_only_some_roles_are_held_in_the_whole_company(stranger, role):
    if role in COMPANY_ROLES:
        assert grant_role(stranger, role, by=admin()).team is None
    else:
        with pytest.raises(ValidationError, match="Choose a team"):
            grant_role(stranger, role, by=admin())
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=stranger, role=role)


def test_a_role_is_held_once(stranger):
    Membership.objects.create(user=stranger, role=Role.QA)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=stranger, role=Role.QA)


def test_people_are_managed_by_admins_of_the_whole_company(stranger, team):
    membership = Membership.objects.create(user=stranger, team=team, role=Role.VIEWER)
    for by in (stranger, person(Role.ANALYST), person(Role.ADMIN, team=team)):
        with pytest.raises(Forbidden):
            grant_role(stranger, Role.ADMIN, by=by)
        with pytest.raises(Forbidden):
            revoke_role(membership, by=by)
        with pytest.raises(Forbidden):
            deactivate(stranger, by=by)
        with pytest.raises(Forbidden):
            reactivate(stranger, by=by)


def test_the_last_admin_stays():
    chief = admin()
    admin(is_active=False)
    with pytest.raises(ValidationError, match="last admin"):
        revoke_role(chief.memberships.get(), by=chief)
    second = admin()
    revoke_role(chief.memberships.get(), by=second)
    assert not can(User.objects.get(pk=chief.pk), Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)


def test_the_system_user_is_no_admin_who_could_stay():
    chief = admin()
    Membership.objects.create(user=User.objects.system(), role=Role.ADMIN)
    with pytest.raises(ValidationError, match="last admin"):
        revoke_role(chief.memberships.get(), by=chief)
    with pytest.raises(ValidationError, match="last admin"):
        deactivate(chief, by=User.objects.system())
    assert chief.memberships.exists() and User.objects.get(pk=chief.pk).is_active


def test_one_s_own_settings_are_saved_beside_what_others_change_meanwhile(stranger):
    chief, read_earlier = admin(), User.objects.get(pk=stranger.pk)
    update_person(stranger, by=chief, username="renamed", email="new@example.com")
    set_password(stranger, "another phrase", by=chief)
    saved = update_own_settings(by=read_earlier, name="Mara", theme="dark")
    stored = User.objects.get(pk=stranger.pk)
    assert (saved.name, stored.name, stored.theme) == ("Mara", "Mara", "dark")
    assert (stored.username, stored.email) == ("renamed", "new@example.com")
    assert stored.check_password("another phrase")
    entry = HistoryEntry.objects.for_subject("user", stranger.pk).filter(actor=stranger).get()
    assert (entry.action, entry.evidence) == ("changed", {"fields": ["name", "theme"]})


def test_settings_that_do_not_change_leave_no_history(stranger):
    update_own_settings(by=stranger, name=stranger.name, theme=stranger.theme)
    assert actions("user", stranger) == []


def test_who_was_deactivated_meanwhile_changes_nothing_of_themselves(stranger):
    read_earlier = User.objects.get(pk=stranger.pk)
    deactivate(stranger, by=admin())
    with pytest.raises(Forbidden, match="deactivated"):
        update_own_settings(by=read_earlier, name="Mara")
    with pytest.raises(Forbidden, match="deactivated"):
        change_own_password("another phrase", by=read_earlier)
    stored = User.objects.get(pk=stranger.pk)
    assert not stored.is_active and stored.name != "Mara" and not stored.check_password("another phrase")


def test_a_changed_password_leaves_other_columns_alone(stranger):
    read_earlier = User.objects.get(pk=stranger.pk)
    update_person(stranger, by=admin(), username="renamed")
    change_own_password("another phrase", by=read_earlier)
    stored = User.objects.get(pk=stranger.pk)
    assert stored.username == "renamed" and stored.check_password("another phrase")
    assert "password changed" in actions("user", stranger)


def test_deactivation_ends_everything_and_coming_back_revives_none_of_it(stranger, client_of):
    chief = admin()
    browser, other = client_of(stranger), client_of(chief)
    token, _ = issue_token(user=stranger, name="x", scopes=[Scope.READ], by=stranger)
    deactivate(stranger, by=chief, message="left the company")
    deactivate(stranger, by=chief)
    assert not stranger.is_active
    assert not Session.objects.filter(session_key=browser.session.session_key).exists()
    assert Session.objects.filter(session_key=other.session.session_key).exists()
    reactivate(stranger, by=chief)
    reactivate(stranger, by=chief)
    assert User.objects.active().contains(stranger)
    assert not ApiToken.objects.get(pk=token.pk).is_usable
    assert actions("user", stranger) == ["deactivated", "reactivated"]


def test_nobody_deactivates_themselves_or_the_system():
    chief = admin()
    with pytest.raises(ValidationError, match="yourself"):
        deactivate(chief, by=chief)
    with pytest.raises(ValidationError, match="system"):
        deactivate(User.objects.system(), by=chief)


def test_there_is_one_system_user_and_nobody_signs_in_as_it(client):
    system = User.objects.system()
    assert User.objects.system() == system
    assert not system.has_usable_password()
    assert not client.login(username=system.username, password="!")
    assert system not in User.objects.people() and system not in User.objects.active()
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory.create(is_system=True)


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(lambda system, by: grant_role(system, Role.ADMIN, by=by), id="a role"),
        pytest.param(lambda system, by: issue_token(user=system, name="CI", scopes=[Scope.READ], by=by), id="a token"),
        pytest.param(lambda system, by: set_password(system, PASSWORD, by=by), id="a password"),
        pytest.param(lambda system, by: update_person(system, by=by, email="me@example.com"), id="an address"),
        pytest.param(lambda system, by: change_own_password(PASSWORD, by=system), id="a password of its own"),
    ],
)
@pytest.mark.parametrize("is_by_itself", [False, True])
def test_nobody_makes_the_system_user_an_account(attempt, is_by_itself):
    system = User.objects.system()
    before = HistoryEntry.objects.count()
    with pytest.raises(ValidationError, match="system user"):
        attempt(system, system if is_by_itself else admin())
    stored = User.objects.get(pk=system.pk)
    assert not stored.has_usable_password() and stored.email == ""
    assert not stored.memberships.exists() and not stored.tokens.exists()
    assert HistoryEntry.objects.count() == before


def test_a_password_of_the_system_user_opens_nothing(client):
    """Such as one that `changepassword` of Django wrote, which asks no service."""
    system = User.objects.system()
    system.set_password(PASSWORD)
    system.email = "system@example.com"
    system.save()
    for name in (system.username, system.email):
        assert not client.login(username=name, password=PASSWORD)
        page = client.post("/accounts/login/", {"login": name, "password": PASSWORD})
        assert "not correct" in page.content.decode()
    assert client.get("/settings/profile/").status_code == 302


def test_a_token_of_the_system_user_opens_nothing(api_of, stranger):
    client = api_of(stranger)
    assert client.get("/api/v1/events/").status_code == 200
    ApiToken.objects.update(user=User.objects.system())
    answer = client.get("/api/v1/events/")
    assert answer.status_code == 401 and "system user" in answer.json()["detail"]


def test_usernames_and_addresses_are_one_in_any_case(client):
    UserFactory.create(username="Lin", email="Lin@Example.com")
    for fields in ({"username": "lIN"}, {"email": "LIN@example.com"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            UserFactory.create(**fields)
    UserFactory.create(email="")
    UserFactory.create(email="")
    assert client.login(username="LIN", password=PASSWORD)


def test_createsuperuser_makes_an_admin():
    chief = User.objects.create_superuser("chief", PASSWORD)
    assert chief.is_staff and can(chief, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    assert chief.check_password(PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_remove_each_other_at_once_leave_one():
    first, second = admin(), admin()
    start = Barrier(2)

    def remove(user, by):
        start.wait(timeout=10)
        try:
            deactivate(user, by=User.objects.get(pk=by.pk))
        except (ValidationError, Forbidden):
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(remove, second, first), pool.submit(remove, first, second)]
        assert sorted(attempt.result(timeout=20) for attempt in tries) == [False, True]
    assert User.objects.active().count() == 1
