"""The addresses of sign-in, a person's settings and sessions, the audit log, and teams."""

from allauth.account import views as allauth_views
from django.urls import path
from django.views.generic import RedirectView

from accounts.views import own_sessions, profile, teams
from accounts.views.audit_log import AuditListView
from accounts.views.password import OwnPasswordView
from accounts.views.sign_in import SignInView

# Of allauth's pages only these: people are added and their passwords reset by an admin, without mail.
urlpatterns = [
    path("accounts/", RedirectView.as_view(pattern_name="profile")),
    path("accounts/login/", SignInView.as_view(), name="account_login"),
    path("accounts/logout/", allauth_views.logout, name="account_logout"),
    path("accounts/password/change/", OwnPasswordView.as_view(), name="account_change_password"),
    path("accounts/password/set/", RedirectView.as_view(pattern_name="profile"), name="account_set_password"),
    path("accounts/inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/tokens/", profile.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", profile.revoke_own_token, name="token-revoke"),
    path("settings/sessions/<int:pk>/end/", own_sessions.end_one_session, name="session-end"),
    path("settings/sessions/end-others/", own_sessions.end_all_others, name="sessions-end-others"),
    path("audit/", AuditListView.as_view(), name="audit"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<slug:slug>/", teams.team, name="team"),
]
