"""Models for people, teams, tokens, sessions, history and the audit log."""

from accounts.models.audit_entry import AuditEntry, AuditKind
from accounts.models.history import HistoryEntry
from accounts.models.session import Session
from accounts.models.sign_in_attempt import SignInAttempt
from accounts.models.team import Membership, Team
from accounts.models.token import ApiToken
from accounts.models.user import Theme, User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "AuditKind",
    "HistoryEntry",
    "Membership",
    "Session",
    "SignInAttempt",
    "Team",
    "Theme",
    "User",
]
