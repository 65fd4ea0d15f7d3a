"""Everything that changes people, teams and tokens."""

from accounts.services.tokens import issue_token, revoke_token
from accounts.services.users import deactivate, grant_role, reactivate, withdraw_role

__all__ = ["deactivate", "grant_role", "issue_token", "reactivate", "revoke_token", "withdraw_role"]
