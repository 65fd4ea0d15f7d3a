"""Profile, tokens and teams."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.forms import ProfileForm
from accounts.models import ApiToken, HistoryEntry, User
from accounts.roles import Role, Scope
from accounts.services import deactivate, issue_token, revoke_token
from tests.factories.accounts import TeamFactory, UserFactory, admin, person
from tests.page_text import one_line

pytestmark = pytest.mark.django_db

PAGES = ["/settings/profile/", "/settings/tokens/", "/teams/", "/teams/checkout/"]


@pytest.fixture
def browser(stranger, team, client_of):
    return client_of(stranger)


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_people_who_signed_in(path, team):
    assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", Role)
def test_pages_open_for_every_role(path, role, team, client_of):
    page = client_of(person(role, team=team)).get(path)
    assert page.status_code == 200
    assert page.content.count(b"<h1") == 1


@pytest.mark.parametrize("path", [*PAGES, "/accounts/login/"])
def test_pages_let_no_other_host_read_them_and_hold_to_the_policy(path, browser):
    page = browser.get(path, HTTP_ORIGIN="https://elsewhere.example")
    assert not [name for name in page.headers if name.lower().startswith("access-control-")]
    assert "script-src" not in page["Content-Security-Policy"]
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|<script>|<style", page.content.decode())


def test_a_profile_is_saved(browser, stranger):
    form = {"name": "Mara", "time_zone": "Asia/Tokyo", "theme": "dark"}
    browser.cookies["theme"] = "light"
    assert browser.post("/settings/profile/", form)["Location"] == "/settings/profile/"
    stranger.refresh_from_db()
    assert (stranger.name, stranger.time_zone, stranger.theme) == ("Mara", "Asia/Tokyo", "dark")
    assert not stranger.has_shortcuts
    page = browser.get("/settings/profile/").content.decode()
    assert "Your settings are saved" in page
    assert 'data-bs-theme="dark"' in page


def test_a_profile_saved_at_the_same_time_undoes_no_deactivation(browser, stranger, monkeypatch):
    def validate_and_lose_the_account(form):
        valid = is_valid(form)
        deactivate(stranger, by=admin())
        return valid

    is_valid = ProfileForm.is_valid
    monkeypatch.setattr(ProfileForm, "is_valid", validate_and_lose_the_account)
    form = {"name": "Mara", "time_zone": "UTC", "theme": "auto"}
    assert browser.post("/settings/profile/", form).status_code == 403
    stranger = User.objects.get(pk=stranger.pk)
    assert not stranger.is_active and stranger.name != "Mara"


@pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Base"}, {"theme": "neon"}, {"name": "x" * 151}])
def test_a_profile_that_is_not_right_keeps_what_was_typed(browser, stranger, wrong):
    form = {"name": "Mara", "time_zone": "UTC", "theme": "auto"} | wrong
    page = browser.post("/settings/profile/", form)
    assert page.status_code == 422
    assert form["name"] in page.content.decode()
    stranger.refresh_from_db()
    assert stranger.name != form["name"]


def test_nobody_gives_themselves_more_through_the_profile(browser, stranger):
    form = {"name": "Mara", "time_zone": "UTC", "theme": "auto", "is_active": "", "username": "root", "role": "admin"}
    browser.post("/settings/profile/", form | {"is_system": "on", "memberships": "1"})
    stranger.refresh_from_db()
    assert (stranger.username, stranger.is_system, stranger.is_staff) == ("stranger", False, False)


@pytest.mark.parametrize(("time_zone", "day"), [("UTC", "1 Jan 2020"), ("Asia/Tokyo", "2 Jan 2020")])
def test_times_are_shown_in_the_person_s_zone(client_of, time_zone, day):
    user = UserFactory.create(time_zone=time_zone)
    issue_token(user=user, name="CI", scopes=["read"], by=user)
    ApiToken.objects.update(created_at="2020-01-01T20:00:00Z")
    assert f">{day}</time>" in client_of(user).get("/settings/tokens/").content.decode()
    assert timezone.get_current_timezone_name() == "UTC", "the zone ends with the request"


def test_a_token_is_shown_once(browser, stranger):
    form = {"name": "CI of the web shop", "scopes": ["check", "read"], "expires_on": ""}
    page = browser.post("/settings/tokens/", form)
    plain = re.search(r"sb_[\w-]{40,}", page.content.decode())
    assert plain, "the page shows the new token"
    assert page["Cache-Control"] == "no-store"
    assert Client().get("/api/schema/?format=json", HTTP_AUTHORIZATION=f"Bearer {plain[0]}").status_code == 200
    again = browser.get("/settings/tokens/").content.decode()
    assert plain[0] not in again and "CI of the web shop" in again and plain[0][:9] in again
    token = ApiToken.objects.get()
    assert (token.user, token.scopes, token.expires_at) == (stranger, ["check", "read"], None)


def test_a_token_may_have_a_last_day(browser, stranger):
    stranger.time_zone = "Asia/Tokyo"
    stranger.save()
    browser.post("/settings/tokens/", {"name": "CI", "scopes": ["read"], "expires_on": "2099-05-01"})
    last_moment = datetime(2099, 5, 1, 14, 59, 59, 999999, tzinfo=UTC)
    assert ApiToken.objects.get().expires_at == last_moment


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "required"),
        ({"scopes": []}, "required"),
        ({"scopes": ["everything"]}, "not one of the available choices"),
        ({"expires_on": "2020-01-01"}, "This day has passed"),
    ],
)
def test_a_token_that_is_not_right_is_not_made(browser, wrong, why):
    page = browser.post("/settings/tokens/", {"name": "CI", "scopes": ["read"]} | wrong)
    assert page.status_code == 422
    assert why in page.content.decode()
    assert not ApiToken.objects.exists()


def test_people_revoke_their_own_tokens_and_nobody_else_s(browser, stranger):
    own, _ = issue_token(user=stranger, name="own", scopes=["read"], by=stranger)
    other = person(Role.PM)
    foreign, _ = issue_token(user=other, name="foreign", scopes=["read"], by=other)
    assert browser.get(f"/settings/tokens/{own.pk}/revoke/")["Location"] == "/settings/tokens/"
    assert browser.post(f"/settings/tokens/{own.pk}/revoke/")["Location"] == "/settings/tokens/"
    assert browser.post(f"/settings/tokens/{foreign.pk}/revoke/").status_code == 404
    assert list(ApiToken.objects.usable()) == [foreign]
    page = browser.get("/settings/tokens/").content.decode()
    assert "own" in page and "foreign" not in page
    assert HistoryEntry.objects.for_subject("token", own.pk).filter(action="revoked").exists()


def names_shown(page: str) -> set[str]:
    """The names of the tokens that a page lists."""
    return set(re.findall(r"token \d+", page))


def test_tokens_are_filtered_and_paged_on_a_budget(browser, stranger, django_assert_max_num_queries):
    for number in range(51):
        issue_token(user=stranger, name=f"token {number}", scopes=[Scope.READ], by=stranger)
    revoke_token(ApiToken.objects.get(name="token 0"), by=stranger)
    with django_assert_max_num_queries(12):
        page = one_line(browser.get("/settings/tokens/", {"state": "usable"}).content.decode())
    assert names_shown(page) >= {"token 50"} and "token 0" not in names_shown(page)
    ended = one_line(browser.get("/settings/tokens/", {"state": "ended"}).content.decode())
    assert names_shown(ended) == {"token 0"}
    second = one_line(browser.get("/settings/tokens/", {"page": 2}).content.decode())
    assert names_shown(second) == {"token 0"}
    assert browser.get("/settings/tokens/", {"page": "x", "state": "odd"}).status_code == 200


def test_teams_are_listed_with_their_people_on_a_budget(browser, team, django_assert_max_num_queries):
    for _ in range(10):
        person(Role.DEVELOPER, team=TeamFactory.create())
    lin = person(Role.QA, team=team, name="Lin")
    lin.memberships.create(role=Role.DEVELOPER, team=team)
    person(Role.PM, team=team, name="Gone", is_active=False)
    with django_assert_max_num_queries(12):
        page = browser.get("/teams/").content.decode()
    assert "1 person" in page
    with django_assert_max_num_queries(12):
        page = browser.get("/teams/checkout/").content.decode()
    assert "Lin" in page and "QA" in page and "Developer" in page and "Gone" not in page


def test_teams_are_found_by_name_and_by_member(browser, team):
    other = TeamFactory.create(name="Growth")
    person(Role.QA, team=team, name="Lin")
    for query, found, not_found in (("check", team, other), ("lin", team, other), ("growth", other, team)):
        page = browser.get("/teams/", {"q": query}).content.decode()
        assert found.get_absolute_url() in page and not_found.get_absolute_url() not in page
    nothing = browser.get("/teams/", {"q": "zzz"}).content.decode()
    assert "No team matches" in nothing


def test_a_house_without_teams_says_what_a_team_is(stranger, client_of):
    page = client_of(stranger).get("/teams/").content.decode()
    assert "own sources and events together" in page


def test_a_team_that_is_not_there(browser):
    assert browser.get("/teams/nobody/").status_code == 404


def test_hostile_names_stay_text(browser, stranger):
    name = "<script>alert(1)</script>\u202e"
    person(Role.QA, team=TeamFactory.create(name="x", slug="x"), name=name)
    page = browser.get("/teams/x/").content.decode()
    assert "<script>alert" not in page
    User.objects.filter(pk=stranger.pk).update(name=name)
    assert "<script>alert" not in browser.get("/settings/profile/").content.decode()


def test_tokens_of_yesterday_are_shown_as_expired(browser, stranger):
    issue_token(user=stranger, name="old", scopes=["read"], by=stranger)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "Expired" in browser.get("/settings/tokens/").content.decode()


def test_a_form_that_was_open_too_long_shows_what_was_typed(stranger: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(stranger, "django.contrib.auth.backends.ModelBackend")
    typed = {"title": "<b>My question</b>", "password": "not shown", "csrfmiddlewaretoken": "old", "empty": " "}
    ours = {"referer": "http://testserver/requests/new/?event=1"}
    answer = browser.post("/requests/new/", typed, headers=ours)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This form was open too long" in page and "title: &lt;b&gt;My question&lt;/b&gt;" in page
    assert 'href="http://testserver/requests/new/?event=1"' in page
    assert "not shown" not in page and "old" not in answer.context["typed"]
    foreign = browser.post("/requests/new/", typed, headers={"referer": "https://elsewhere.example/"})
    assert "elsewhere" not in foreign.content.decode()


def test_the_sign_in_form_may_be_open_too_long_as_well(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "mara", "password": "secret phrase"})
    assert answer.status_code == 403
    assert "This form was open too long" in answer.content.decode()
    assert "secret phrase" not in answer.content.decode()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
@pytest.mark.parametrize("address", ["/", "/events/", "/settings/tokens/"])
def test_every_page_names_the_zone_of_its_times(client_of, stranger, zone, address):
    stranger.time_zone = zone
    stranger.save()
    page = client_of(stranger).get(address, follow=True).content.decode()
    assert f"Times and days are those of {zone}." in page
