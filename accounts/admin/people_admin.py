"""People and teams in the admin site, with the roles that people hold."""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import password_validation
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.service_admin import KnownRowsMixin, ServiceAdmin
from accounts.audit import RequestOrigin, origin_of
from accounts.current_user import current_user
from accounts.forms import REVOKE, token_question
from accounts.models import Membership, Team, User
from accounts.roles import Role
from accounts.services import (
    create_person,
    deactivate,
    delete_team,
    grant_role,
    reactivate,
    revoke_role,
    save_team,
    set_password,
    update_person,
)

PERSON_FIELDS = ("username", "name", "email", "theme", "time_zone", "has_shortcuts")
TEAM_FIELDS = ("name", "slug", "contact", "own_approval_tiers")


class MembershipInline(KnownRowsMixin, admin.TabularInline):
    """Roles are given and taken, never changed, so that history has an entry for each."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user", "team")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class MembershipAdmin(ServiceAdmin):
    """A page with an inline of memberships, whose rows go to the services that give and take roles."""

    inlines = (MembershipInline,)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        by = current_user(request)
        added = formset.save(commit=False)
        for membership in formset.deleted_objects:
            # The rows cannot be edited, so the form has emptied their fields, which Django's own log names.
            membership.refresh_from_db()
            revoke_role(membership, by=by)
        for membership in added:
            grant_role(membership.user, Role(membership.role), team=membership.team, by=by)


class NewPersonForm(forms.ModelForm):
    """A new person and their first password, which they change after signing in."""

    password = forms.CharField(
        label="First password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text="You tell it to them. They have to change it before anything else opens.",
    )

    class Meta:
        model = User
        fields = ("username", "name", "email")

    def clean_password(self) -> str:
        """Raises ValidationError where the password is too weak."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.instance)
        return password


class PersonPasswordForm(AdminPasswordChangeForm):
    """Django's form for somebody's password, saved by the service. `by` is who sets it, `origin` from where.

    Where the person has API tokens, it asks what becomes of them.
    """

    tokens = token_question("Their API tokens", "their programs")

    def __init__(self, *args: Any, by: User, origin: RequestOrigin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.origin = by, origin
        self.fields["usable_password"].help_text = "Disabled: nobody signs in as them until an admin sets a password."
        if not self.user.tokens.usable().exists():
            del self.fields["tokens"]

    def set_password_and_save(self, user: User, *args: Any, **kwargs: Any) -> User:
        chosen = self.cleaned_data["password1"] if self.cleaned_data["set_usable_password"] else None
        revokes_tokens = self.cleaned_data.get("tokens") == REVOKE
        set_password(user, chosen, by=self.by, revokes_tokens=revokes_tokens, origin=self.origin)
        return user


@admin.register(User)
class PersonAdmin(MembershipAdmin, UserAdmin):
    """People: added, given roles, deactivated; never deleted."""

    add_form = NewPersonForm
    view_on_site = False  # a person's address is the reader's own profile
    list_display = ("username", "name", "email", "is_active", "last_login")
    list_filter = ("is_active", "memberships__role", ("memberships__team", admin.RelatedOnlyFieldListFilter))
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined", "signed_in_at_present")
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "email", "is_active")}),
        ("Settings", {"fields": ("theme", "time_zone", "has_shortcuts")}),
        ("Dates", {"fields": ("last_login", "date_joined", "signed_in_at_present")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "email", "password")}),)

    @admin.display(description="Signed in at present")
    def signed_in_at_present(self, person: User) -> SafeString:
        """A link to the person's sessions, which are ended there."""
        url = reverse("admin:accounts_session_changelist", query={"user__id__exact": person.pk})
        count = person.sessions.of_people().count()
        return format_html('<a href="{}">{} {}</a>', url, count, "session" if count == 1 else "sessions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.people()

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_row(self, row: Model | None, form: ModelForm, *, by: User, origin: RequestOrigin) -> User:
        values = form.cleaned_data
        if not isinstance(row, User):
            return create_person(
                username=values["username"],
                name=values["name"],
                email=values["email"],
                password=values["password"],
                by=by,
            )
        saved = update_person(row, by=by, **{field: values[field] for field in PERSON_FIELDS})
        if "is_active" in form.changed_data:
            if values["is_active"]:
                reactivate(saved, by=by)
            else:
                deactivate(saved, by=by, origin=origin)
        return saved

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        # Django gives the form nothing but the person, so this request's form is bound to who sets the password.
        page = copy(self)
        page.change_password_form = partial(PersonPasswordForm, by=current_user(request), origin=origin_of(request))
        return UserAdmin.user_change_password(page, request, id, form_url)


@admin.register(Team)
class TeamAdmin(MembershipAdmin):
    """Teams and who is in them."""

    list_display = TEAM_FIELDS
    search_fields = ("name", "slug", "contact")
    prepopulated_fields = {"slug": ("name",)}
    fields = TEAM_FIELDS

    def save_row(self, row: Model | None, form: ModelForm, *, by: User, origin: RequestOrigin) -> Team:
        team = row if isinstance(row, Team) else None
        return save_team(team, by=by, **{field: form.cleaned_data[field] for field in TEAM_FIELDS})

    def delete_row(self, row: Team, *, by: User) -> None:
        delete_team(row, by=by)
