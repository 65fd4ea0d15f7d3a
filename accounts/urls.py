"""The addresses of sign-in, a person's settings, and teams."""

from allauth.account import views as allauth_views
from django.urls import path
from django.views.generic import RedirectView

from accounts.views import profile, teams
from accounts.views.sign_in import SignInView

# Of allauth's pages only these: people are added and their passwords reset by an admin, without mail.
urlpatterns = [
    path("accounts/", RedirectView.as_view(pattern_name="profile")),
    path("accounts/login/", SignInView.as_view(), name="account_login"),
    path("accounts/logout/", allauth_views.logout, name="account_logout"),
    path("accounts/password/change/", allauth_views.password_change, name="account_change_password"),
    path("accounts/password/set/", RedirectView.as_view(pattern_name="profile"), name="account_set_password"),
    path("accounts/inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/tokens/", profile.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", profile.revoke_own_token, name="token-revoke"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<slug:slug>/", teams.team, name="team"),
]
