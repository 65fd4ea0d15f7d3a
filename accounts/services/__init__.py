"""Everything that changes people, teams and tokens."""

from accounts.services.people import (
    change_own_password,
    create_person,
    set_password,
    update_own_settings,
    update_person,
)
from accounts.services.team_editing import delete_team, save_team
from accounts.services.tokens import issue_token, revoke_token
from accounts.services.users import deactivate, grant_role, reactivate, revoke_role

__all__ = [
    "change_own_password",
    "create_person",
    "deactivate",
    "delete_team",
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
