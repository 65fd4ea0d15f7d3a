"""Everything that changes people, teams, tokens and sessions."""

from accounts.services.people import (
    change_own_password,
    create_person,
    set_password,
    update_own_settings,
    update_person,
)
from accounts.services.sessions import begin_session, end_other_sessions, end_own_session, end_session
from accounts.services.team_editing import delete_team, save_team
from accounts.services.tokens import issue_token, revoke_token
from accounts.services.users import deactivate, grant_role, reactivate, revoke_role

__all__ = [
    "begin_session",
    "change_own_password",
    "create_person",
    "deactivate",
    "delete_team",
    "end_other_sessions",
    "end_own_session",
    "end_session",
    "grant_role",
    "issue_token",
    "reactivate",
    "revoke_role",
    "revoke_token",
    "save_team",
    "set_password",
    "update_own_settings",
    "update_person",
]
