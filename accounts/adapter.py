"""Settings of allauth: accounts are created by admins, there is no sign-up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from accounts.services import change_own_password


class NoSignupAdapter(DefaultAccountAdapter):
    """allauth's adapter without sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False: people are added by an admin."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """Change the person's password and nothing else; allauth's own writes every column of what it read earlier."""
        change_own_password(password, by=user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where a person goes after changing their password."""
        return reverse("profile")
