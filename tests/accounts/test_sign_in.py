"""Signing in and out, and changing one's password."""

import pytest
from django.core import management
from django.test import Client

from accounts.models import AuditEntry, User
from accounts.roles import Role
from tests.factories.accounts import PASSWORD, UserFactory, person

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
CHANGE = "/accounts/password/change/"
NEW = "an altogether new phrase"


@pytest.fixture
def lin():
    return UserFactory.create(username="lin", name="Lin", email="lin@example.com")


def is_signed_in(client):
    return client.get("/settings/profile/").status_code == 200


@pytest.mark.parametrize("login", ["lin", "LIN", "lin@example.com"])
def test_people_sign_in_by_name_or_address_and_go_where_they_wanted(lin, login):
    client = Client()
    assert client.get("/settings/tokens/")["Location"] == f"{LOGIN}?next=/settings/tokens/"
    page = client.get(f"{LOGIN}?next=/settings/tokens/")
    assert 'value="/settings/tokens/"' in page.content.decode()
    response = client.post(LOGIN, {"login": login, "password": PASSWORD, "next": "/settings/tokens/"})
    assert response["Location"] == "/settings/tokens/"
    assert is_signed_in(client)


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_host(lin, target):
    response = Client().post(LOGIN, {"login": "lin", "password": PASSWORD, "next": target})
    assert response["Location"] == "/"


@pytest.mark.parametrize("data", [{"login": "lin", "password": "wrong"}, {"login": "nobody", "password": PASSWORD}])
def test_a_wrong_password_and_an_unknown_name_look_alike(lin, data):
    client = Client()
    page = client.post(LOGIN, data).content.decode()
    assert "not correct" in page
    assert not is_signed_in(client)


def test_inactive_people_do_not_sign_in(lin):
    User.objects.update(is_active=False)
    client = Client()
    client.post(LOGIN, {"login": "lin", "password": PASSWORD}, follow=True)
    assert not is_signed_in(client)


def test_attempts_are_limited(lin, settings):
    client = Client()
    for _ in range(settings.SIGN_IN_ACCOUNT_FAILURES):
        assert client.post(LOGIN, {"login": "lin", "password": "wrong"}).status_code == 200
    page = client.post(LOGIN, {"login": "lin", "password": PASSWORD})
    assert page.status_code == 429 and "Too many attempts" in page.content.decode()
    assert not is_signed_in(client)


def test_people_sign_out(lin, client_of):
    client = client_of(lin)
    assert "Sign out" in client.get("/accounts/logout/").content.decode()
    assert is_signed_in(client), "a link alone must not sign anybody out"
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_people_change_their_password_and_other_sessions_end(lin, client_of):
    client, other = client_of(lin), client_of(lin)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.get(CHANGE).status_code == 200
    assert client.post(CHANGE, form).status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(other)
    lin.refresh_from_db()
    assert lin.check_password(NEW)


@pytest.mark.parametrize(
    "wrong", [{"oldpassword": "wrong"}, {"password1": "12345", "password2": "12345"}, {"password2": "something else"}]
)
def test_a_password_change_that_is_not_right_is_refused(lin, client_of, wrong):
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW} | wrong
    page = client_of(lin).post(CHANGE, form)
    assert page.status_code == 200
    assert 'id="errors"' in page.content.decode() or "errors" in page.content.decode()
    lin.refresh_from_db()
    assert lin.check_password(PASSWORD)


def test_changing_a_password_needs_somebody_signed_in():
    assert Client().get(CHANGE)["Location"].startswith(LOGIN)


@pytest.mark.parametrize("path", ["signup/", "email/", "password/reset/", "confirm-email/", "reauthenticate/"])
def test_pages_that_this_product_does_not_have_are_absent(path, lin, client_of):
    for client in (Client(), client_of(lin)):
        assert client.get(f"/accounts/{path}").status_code == 404


def test_the_folder_leads_on(lin, client_of):
    assert client_of(lin).get("/accounts/", follow=True).redirect_chain[-1][0] == "/settings/profile/"
    assert Client().get("/accounts/", follow=True).redirect_chain[-1][0].startswith(LOGIN)


def test_nothing_on_the_page_leads_nowhere(lin):
    page = Client().get(LOGIN).content.decode()
    assert "signup" not in page and "password/reset" not in page


def test_the_demo_names_its_accounts_and_no_password(settings):
    settings.IS_DEMO = True
    for role in Role:
        person(role, username=f"demo-{role}")
    person(Role.PM, username="second-pm")
    page = Client().get(LOGIN).content.decode()
    assert all(f"demo-{role}" in page for role in Role)
    assert "second-pm" not in page and PASSWORD not in page


def test_a_real_installation_names_nobody(lin):
    person(Role.ADMIN, username="chief")
    assert "chief" not in Client().get(LOGIN).content.decode()


def test_an_admin_is_made_on_the_command_line(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    management.call_command("createsuperuser", username="chief", interactive=False, verbosity=0)
    chief = User.objects.get(username="chief")
    assert chief.is_staff
    assert Client().login(username="chief", password=PASSWORD)


def test_two_whose_names_differ_by_more_than_case_are_two(lin):
    """*LIN* is what PostgreSQL writes for either in capitals; to the unique constraint they are two."""
    other = UserFactory.create(username="lın", email="lın@example.com", password="the phrase of another")
    for login, password, whose in (
        *(("lin", PASSWORD, lin), ("LIN", PASSWORD, lin), ("Lin@example.com", PASSWORD, lin)),
        *(("lın", "the phrase of another", other), ("lın@example.com", "the phrase of another", other)),
    ):
        client = Client()
        assert client.post(LOGIN, {"login": login, "password": password}).status_code == 302, ascii(login)
        assert client.get("/settings/profile/").context["user"] == whose
    assert not is_signed_in(_signed_in_as("lın", PASSWORD)), "the password of the other one"


def test_a_name_that_nobody_has_is_not_that_of_somebody_alike(lin):
    assert not is_signed_in(_signed_in_as("lın", PASSWORD))
    assert AuditEntry.objects.get().person is None


def _signed_in_as(login, password):
    client = Client()
    client.post(LOGIN, {"login": login, "password": password})
    return client
