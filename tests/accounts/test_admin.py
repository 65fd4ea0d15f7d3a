"""The admin site: open for admins, refused to others, history and tokens read-only."""

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, HistoryEntry, Membership, Team
from accounts.roles import Role, Scope
from accounts.services import issue_token, revoke_role
from tests.factories.accounts import PASSWORD, UserFactory, admin, person

pytestmark = pytest.mark.django_db

User = get_user_model()


@pytest.fixture
def chief():
    return admin(username="chief")


@pytest.fixture
def site(chief, client_of):
    return client_of(chief)


@pytest.fixture
def rows(stranger, team):
    """One row of each model that the site shows."""
    issue_token(user=stranger, name="CI", scopes=[Scope.READ], by=stranger)
    return {
        "user": stranger,
        "team": team,
        "apitoken": ApiToken.objects.get(),
        "historyentry": HistoryEntry.objects.get(),
    }


def memberships(prefix="memberships", *held):
    """The management form of the memberships inline and its rows."""
    data = {f"{prefix}-TOTAL_FORMS": len(held), f"{prefix}-INITIAL_FORMS": sum("id" in row for row in held)}
    for number, row in enumerate(held):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def person_form(user, **changes):
    form = {
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "is_active": "on",
        "theme": "auto",
        "time_zone": "UTC",
        "has_shortcuts": "on",
    } | changes
    return {name: value for name, value in form.items() if value is not None}


@pytest.mark.parametrize("model", ["user", "team", "apitoken", "historyentry"])
def test_every_list_and_row_opens_for_an_admin(site, rows, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        assert site.get(reverse(f"admin:accounts_{model}_changelist")).status_code == 200
    assert site.get(reverse(f"admin:accounts_{model}_changelist"), {"q": "checkout 1"}).status_code == 200
    assert site.get(reverse(f"admin:accounts_{model}_change", args=[rows[model].pk])).status_code == 200


def test_the_index_and_the_search_for_people_open(site, stranger):
    assert b"What the company runs on" in site.get("/admin/").content
    query = {"app_label": "accounts", "model_name": "membership", "field_name": "user", "term": "strang"}
    found = site.get(reverse("admin:autocomplete"), query).json()["results"]
    assert found == [{"id": str(stranger.pk), "text": str(stranger)}]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_others_are_refused_and_told_why(role, client_of):
    admin(name="Ada Chief")
    response = client_of(person(role)).get("/admin/", follow=True)
    assert response.status_code == 403
    page = response.content.decode()
    assert "This needs the role admin" in page and "<dd>Admin</dd>" in page
    assert "Ada Chief" in page, "the page names who can give the role"


def test_an_admin_of_one_team_is_not_an_admin_of_the_site(team, client_of):
    assert client_of(person(Role.ADMIN, team=team)).get("/admin/accounts/user/", follow=True).status_code == 403


def test_strangers_sign_in_by_the_house_s_own_page():
    response = Client().get("/admin/accounts/team/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert response.status_code == 200


@pytest.mark.parametrize("model", ["user", "historyentry", "apitoken"])
def test_people_tokens_and_history_are_never_deleted(site, rows, model):
    assert (
        site.post(reverse(f"admin:accounts_{model}_delete", args=[rows[model].pk]), {"post": "yes"}).status_code == 403
    )
    listed = site.get(reverse(f"admin:accounts_{model}_changelist")).content.decode()
    assert "delete_selected" not in listed


@pytest.mark.parametrize("model", ["historyentry", "apitoken"])
def test_tokens_and_history_are_neither_added_nor_changed(site, rows, model):
    assert site.get(reverse(f"admin:accounts_{model}_add")).status_code == 403
    change = reverse(f"admin:accounts_{model}_change", args=[rows[model].pk])
    assert site.post(change, {"name": "other", "message": "other"}).status_code == 403
    assert b'name="_save"' not in site.get(change).content


def test_a_token_s_digest_is_not_shown(site, rows):
    page = site.get(reverse("admin:accounts_apitoken_change", args=[rows["apitoken"].pk])).content.decode()
    assert rows["apitoken"].digest not in page


def test_tokens_are_revoked(site, rows, chief):
    site.post(
        reverse("admin:accounts_apitoken_changelist"),
        {"action": "revoke", "_selected_action": [rows["apitoken"].pk]},
    )
    assert not ApiToken.objects.get().is_usable
    assert HistoryEntry.objects.for_subject("token", rows["apitoken"].pk).filter(action="revoked", actor=chief).exists()


def test_a_person_is_added_with_a_password_and_a_role(site, team, chief):
    data = {"username": "mara", "name": "Mara", "email": "mara@example.com", "password": PASSWORD}
    role = {"role": "pm", "team": team.pk}
    response = site.post(reverse("admin:accounts_user_add"), data | memberships("memberships", role))
    assert response.status_code == 302, response.context["errors"]
    mara = User.objects.get(username="mara")
    assert mara.check_password(PASSWORD)
    assert [str(held) for held in mara.cached_memberships] == ["Product manager · Checkout"]
    told = HistoryEntry.objects.for_subject("user", mara.pk)
    assert [(entry.action, entry.actor) for entry in told] == [("created", chief), ("role given", chief)]


def test_a_weak_first_password_is_refused(site):
    response = site.post(reverse("admin:accounts_user_add"), {"username": "mara", "password": "12345"} | memberships())
    assert response.status_code == 200
    assert not User.objects.filter(username="mara").exists()


def test_an_admin_sets_a_forgotten_password(site, stranger):
    new = "another phrase, also long"
    site.post(f"/admin/accounts/user/{stranger.pk}/password/", {"password1": new, "password2": new})
    stranger.refresh_from_db()
    assert stranger.check_password(new)


def test_switching_active_ends_the_person_s_tokens(site, rows, stranger):
    change = reverse("admin:accounts_user_change", args=[stranger.pk])
    response = site.post(change, person_form(stranger, is_active=None, name="Gone") | memberships())
    assert response.status_code == 302
    stranger.refresh_from_db()
    assert (stranger.is_active, stranger.name) == (False, "Gone")
    assert not ApiToken.objects.get().is_usable
    site.post(change, person_form(stranger) | memberships())
    assert [entry.action for entry in HistoryEntry.objects.for_subject("user", stranger.pk)] == [
        "changed",
        "deactivated",
        "reactivated",
    ]


def test_an_admin_cannot_lock_themselves_out(site, chief):
    change = reverse("admin:accounts_user_change", args=[chief.pk])
    page = site.post(change, person_form(chief, is_active=None) | memberships(), follow=True)
    assert "You cannot deactivate yourself" in page.content.decode()
    held = {"id": chief.memberships.get().pk, "user": chief.pk, "DELETE": "on"}
    page = site.post(change, person_form(chief) | memberships("memberships", held), follow=True)
    assert "This is the last admin" in page.content.decode()
    chief.refresh_from_db()
    assert chief.is_active and chief.is_staff


def test_roles_are_taken_in_a_team_s_page(site, team):
    user = person(Role.DEVELOPER, team=team)
    held = {"id": user.memberships.get().pk, "team": team.pk, "DELETE": "on"}
    data = {"name": team.name, "slug": team.slug, "own_approval_tiers": "3"} | memberships("memberships", held)
    assert site.post(reverse("admin:accounts_team_change", args=[team.pk]), data).status_code == 302
    assert not Membership.objects.filter(team=team).exists()
    assert Team.objects.get(pk=team.pk).own_approval_tiers == [3]
    assert HistoryEntry.objects.for_subject("user", user.pk).get().action == "role taken"


def test_a_role_taken_is_named_by_its_team_in_history_and_in_django_s_log(site, team):
    user = person(Role.ANALYST, team=team)
    # As browsers send it: a row that cannot be edited has no fields for its team and its role.
    held = {"id": user.memberships.get().pk, "user": user.pk, "DELETE": "on"}
    change = reverse("admin:accounts_user_change", args=[user.pk])
    assert site.post(change, person_form(user) | memberships("memberships", held)).status_code == 302
    taken = HistoryEntry.objects.for_subject("user", user.pk).get(action="role taken")
    assert taken.message == f"Analyst · {team}"
    assert taken.evidence == {"role": "analyst", "team": team.slug}
    assert f"Analyst · {team}" in LogEntry.objects.get(object_id=str(user.pk)).get_change_message()


def test_a_row_s_history_is_all_that_was_recorded_of_it(site, chief, team):
    user = person(Role.ANALYST, team=team)
    revoke_role(user.memberships.get(), by=chief)
    page = site.get(reverse("admin:accounts_user_history", args=[user.pk]), follow=True)
    assert page.redirect_chain[0][0].startswith("/admin/accounts/historyentry/?subject_type__exact=user")
    assert [entry.subject_id for entry in page.context["cl"].result_list] == [str(user.pk)]
    assert "role taken" in page.content.decode()


def test_the_system_user_is_not_among_the_people(site):
    system = User.objects.system()
    assert system.username not in site.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert site.get(reverse("admin:accounts_user_change", args=[system.pk])).status_code == 302


def test_a_team_with_members_is_not_deleted(site, team):
    UserFactory.create()
    person(Role.PM, team=team)
    page = site.post(reverse("admin:accounts_team_delete", args=[team.pk]), {"post": "yes"})
    assert page.status_code in {200, 403}
    assert Team.objects.filter(pk=team.pk).exists()


@pytest.mark.parametrize("filters", [{"action": "\0"}, {"subject_type": "a\0b"}, {"q": "\0"}, {"\0": "1"}])
def test_a_filter_that_no_column_can_hold_is_refused(site, filters):
    assert site.get(reverse("admin:accounts_historyentry_changelist"), filters).status_code == 400


def test_every_filter_of_every_list_refuses_it(site):
    for model, options in django_admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for each in options.list_filter:
            answer = site.get(url, {f"{each}__exact": "\0"})
            assert answer.status_code == 400, (url, each)
