"""Forms for sign-in, a person's settings and API tokens."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, ClassVar
from zoneinfo import available_timezones

from allauth.account.forms import ChangePasswordForm, LoginForm
from django import forms
from django.utils import timezone

from accounts.models import User
from accounts.roles import Scope


def time_zone_choices() -> list[tuple[str, str]]:
    """Every time zone that has a place in its name, and UTC first, as choices."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class SignInForm(LoginForm):
    """allauth's form with Signalbook's labels, which are shown above the fields and not inside them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Username or e-mail address"
        self.fields["remember"].label = "Stay signed in"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


KEEP, REVOKE = "keep", "revoke"


def token_question(label: str, programs: str) -> forms.ChoiceField:
    """Return the question that a change of a password asks: what becomes of the API tokens, which need none."""
    return forms.ChoiceField(
        choices=((KEEP, f"Keep them: {programs} go on"), (REVOKE, "Revoke them: somebody else may have seen them")),
        widget=forms.RadioSelect,
        label=label,
        error_messages={"required": "Choose whether these API tokens stay: they work without the password."},
    )


class OwnPasswordForm(ChangePasswordForm):
    """allauth's form for one's own password; whoever has API tokens says what becomes of them."""

    tokens = token_question("Your API tokens", "my programs")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"
        self.fields["password1"].label = "New password"
        self.fields["password2"].label = "New password, again"
        if not self.user.tokens.usable().exists():
            del self.fields["tokens"]

    def clean_password1(self) -> str:
        """Raises ValidationError for the password of now: nothing would be changed by it."""
        password: str = self.cleaned_data["password1"]
        if self.user.check_password(password):
            raise forms.ValidationError("That is the password that you have. Choose another one.")
        return password

    @property
    def revokes_tokens(self) -> bool:
        """Whether the person chose to revoke their tokens."""
        return self.cleaned_data.get("tokens") == REVOKE


class ProfileForm(forms.ModelForm):
    """A person's name and display settings."""

    time_zone = forms.ChoiceField(choices=time_zone_choices, help_text="Times on pages are shown in it.")

    class Meta:
        model = User
        fields: ClassVar = ["name", "time_zone", "theme", "has_shortcuts"]


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(max_length=120, help_text="What will use it, for example “CI of the web shop”.")
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="What it may be used for. It can never do more than you can.",
    )
    expires_on = forms.DateField(
        required=False,
        label="Last day",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="It stops working after this day. Empty: it works until you revoke it.",
    )

    def clean_expires_on(self) -> datetime | None:
        """The last moment of the chosen day in the person's time zone."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError("This day has passed. Choose today or a later day.")
        return timezone.make_aware(datetime.combine(day, time.max))

    def service_arguments(self) -> dict[str, Any]:
        """The arguments of `issue_token` that the form holds."""
        return {
            "name": self.cleaned_data["name"],
            "scopes": self.cleaned_data["scopes"],
            "expires_at": self.cleaned_data["expires_on"],
        }
