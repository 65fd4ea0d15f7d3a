"""Admin pages that write through services only, which check permissions and record history."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ForeignKey, JSONField, Model, QuerySet
from django.forms import JSONField as JSONFormField
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from accounts.admin.shown_columns import ShownColumnsMixin
from accounts.audit import RequestOrigin, origin_of
from accounts.current_user import current_user
from accounts.models import User
from accounts.preconditions import UnmetConditionsError

MAX_ID_DIGITS = 18
REFUSAL_ATTRIBUTE = "_service_refusal"
"""The attribute of a request that holds a service's refusal until the form is shown again."""


class RefusedFormMixin:
    """A form whose values were valid, and were refused by the service all the same."""

    refusal: ClassVar[ValidationError]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, of the form beside this mixin
        form: Any = self
        by_field = self.refusal.message_dict if hasattr(self.refusal, "error_dict") else {"": self.refusal.messages}
        for field, texts in by_field.items():
            form.add_error(field if field in form.fields else None, texts)


class KnownRowSelect(AutocompleteSelect):
    """A choice of a row that is found by typing. What is no id is shown as nothing: Django would ask the database."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        """Return the chosen row alone, since others are found by typing."""
        ids = [each for each in value if each.isascii() and each.isdecimal() and len(each) <= MAX_ID_DIGITS]
        return super().optgroups(name, ids, attr)


class UnicodeJSONField(JSONFormField):
    """JSON whose texts are text: an escape of half a surrogate pair is refused, and shown again as it came."""

    def prepare_value(self, value: Any) -> Any:
        text = super().prepare_value(value)
        return json.dumps(value) if isinstance(text, str) and _has_surrogates(text) else text

    def to_python(self, value: Any) -> Any:
        """Return the value. Raises ValidationError where it is no JSON, or holds what is no character."""
        parsed = super().to_python(value)
        if _has_surrogates(json.dumps(parsed, ensure_ascii=False)):
            raise ValidationError("A text holds half of a surrogate pair, which is no character.", code="surrogate")
        return parsed


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


class KnownRowsMixin(ShownColumnsMixin):
    """Fields of `autocomplete_fields` show again whatever came."""

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", KnownRowSelect(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ServiceAdmin(KnownRowsMixin, admin.ModelAdmin):
    """Subclasses call the services that save (`save_row`) and delete (`delete_row`) a row.

    Both raise here: a page without one must not fall back on Django's own writing, which checks and records nothing.

    What a service refuses is shown at the form, or as a message where there is none; the attempt is rolled back.
    """

    formfield_overrides: ClassVar = {JSONField: {"form_class": UnicodeJSONField}}

    def save_row(self, row: Model | None, form: ModelForm, *, by: User, origin: RequestOrigin) -> Model:
        """Save what the form holds (None: as a new row) with a service, and return the row as it now is.

        `by` is who sent it, `origin` from where, for services that tell the audit log.
        """
        raise NotImplementedError

    def delete_row(self, row: Any, *, by: User) -> None:
        """Delete a row with a service."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        saved = self.save_row(obj if change else None, form, by=current_user(request), origin=origin_of(request))
        # What Django does next (inlines, its own log) is about the object of the form.
        obj.pk, obj._state.adding = saved.pk, False

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.delete_row(obj, by=current_user(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset.order_by("pk"):
            self.delete_row(row, by=current_user(request))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, REFUSAL_ATTRIBUTE, None)
        return form if refusal is None else type(form.__name__, (RefusedFormMixin, form), {"refusal": refusal})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (ValidationError, UnmetConditionsError) as error:
            # The attempt was rolled back. The same form again, now with the reason, does not reach the service.
            refusal = error if isinstance(error, ValidationError) else ValidationError(str(error))
            setattr(request, REFUSAL_ATTRIBUTE, refusal)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Lead to what Signalbook recorded of the row: Django's log knows only what was written in this site."""
        subject = {"subject_type__exact": self.opts.model_name, "subject_id__exact": unquote(object_id)}
        return HttpResponseRedirect(reverse("admin:accounts_historyentry_changelist", query=subject))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        view = super().delete_view
        return _message_on_refusal(request, lambda: view(request, object_id, extra_context))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        view = super().changelist_view
        return _message_on_refusal(request, lambda: view(request, extra_context))


def _message_on_refusal(request: HttpRequest, view: Callable[[], Any]) -> Any:
    """Return the view's response; where a service refuses, roll everything back, Django's log included, and say why."""
    try:
        with transaction.atomic():
            return view()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except UnmetConditionsError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(request.get_full_path())
