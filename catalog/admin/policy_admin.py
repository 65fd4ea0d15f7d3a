"""The company's policy in the admin site."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.admin.service_admin import ServiceAdmin
from accounts.audit import RequestOrigin
from accounts.models import User
from catalog.models import CompanyPolicy
from catalog.services.policy_editing import save_company_policy


@admin.register(CompanyPolicy)
class CompanyPolicyAdmin(ServiceAdmin):
    """One row, which a migration made: changed, never added or deleted."""

    list_display = ("__str__", "null_handling")
    fields = ("null_handling",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_row(self, row: Model | None, form: ModelForm, *, by: User, origin: RequestOrigin) -> CompanyPolicy:
        return save_company_policy(null_handling=form.cleaned_data["null_handling"], by=by)
