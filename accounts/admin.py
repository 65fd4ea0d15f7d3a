"""The admin site's pages for people, teams, tokens and history."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import password_validation
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest, HttpResponse

from accounts.current_user import current_user
from accounts.models import ApiToken, HistoryEntry, Membership, Team, User
from accounts.permissions import WHOLE_COMPANY, require
from accounts.roles import Capability, Role
from accounts.services import deactivate, grant_role, reactivate, revoke_role, revoke_token

admin_login = secure_admin_login(admin.site.login)


def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The admin site is entered by the house's own sign-in; raises Forbidden for people who may not."""
    if request.user.is_authenticated:
        require(request.user, Capability.ADMIN_SITE, on=WHOLE_COMPANY)
    response: HttpResponse = admin_login(request, extra_context)
    return response


admin.site.login = sign_in  # type: ignore[method-assign]  # as allauth asks: one sign-in for pages and admin
admin.site.site_header = admin.site.site_title = "Signalbook admin"
admin.site.index_title = "What the company runs on"


class MembershipInline(admin.TabularInline):
    """Roles are given and taken, never changed, so that history tells both."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user", "team")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class MembershipServiceMixin:
    """Hands the rows of a memberships inline to the services that give and take roles."""

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        by = current_user(request)
        added = formset.save(commit=False)
        for membership in formset.deleted_objects:
            try:
                revoke_role(membership, by=by)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
        for membership in added:
            grant_role(membership.user, Role(membership.role), team=membership.team, by=by)


class NewPersonForm(forms.ModelForm):
    """A new person and their first password, which they change after signing in."""

    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False)

    class Meta:
        model = User
        fields = ("username", "name", "email")

    def clean_password(self) -> str:
        """Raises ValidationError where the password is too weak."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> User:
        self.instance.set_password(self.cleaned_data["password"])
        return super().save(commit)


# Roles stand on memberships, and addresses on the person: the stock pages of both would decide nothing.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


@admin.register(User)
class PersonAdmin(MembershipServiceMixin, UserAdmin):
    """People: added, given roles, deactivated; never deleted."""

    add_form = NewPersonForm
    list_display = ("username", "name", "email", "is_active", "last_login")
    list_filter = ("is_active", "memberships__role", ("memberships__team", admin.RelatedOnlyFieldListFilter))
    search_fields = ("username", "name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "email", "is_active")}),
        ("Settings", {"fields": ("theme", "time_zone", "has_shortcuts")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "email", "password")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.people()

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Saves what was typed; switching `active` goes through its service, which ends sessions and tokens."""
        by = current_user(request)
        switched = change and "is_active" in form.changed_data
        wanted = obj.is_active
        if switched:
            obj.is_active = not wanted
        super().save_model(request, obj, form, change)
        if switched:
            switch = reactivate if wanted else deactivate
            try:
                switch(obj, by=by)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))


@admin.register(Team)
class TeamAdmin(MembershipServiceMixin, admin.ModelAdmin):
    """Teams and who is in them."""

    list_display = ("name", "slug", "contact", "own_approval_tiers")
    search_fields = ("name", "slug", "contact")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that the admin site shows and never writes."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens can be revoked here, by the action; their text is nowhere."""

    list_display = ("name", "user", "prefix", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username", "user__name")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description="Revoke the chosen tokens")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Ends each of them at once."""
        by = current_user(request)
        for token in queryset:
            revoke_token(token, by=by)
        self.message_user(request, "The tokens are revoked.", messages.SUCCESS)


@admin.register(HistoryEntry)
class HistoryAdmin(ReadOnlyAdmin):
    """What happened; nobody edits it, not even here."""

    list_display = ("at", "actor", "subject_type", "subject_id", "action", "from_state", "to_state", "message")
    list_filter = ("subject_type", "action", "at")
    list_select_related = ("actor",)
    search_fields = ("=subject_id", "actor__username", "message")
    date_hierarchy = "at"
    show_full_result_count = False
