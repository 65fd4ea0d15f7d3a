"""Everything that changes people, teams and tokens."""

from accounts.services.tokens import issue_token, revoke_token
from accounts.services.users import deactivate, grant_role, reactivate, revoke_role

__all__ = ["deactivate", "grant_role", "issue_token", "reactivate", "revoke_role", "revoke_token"]
