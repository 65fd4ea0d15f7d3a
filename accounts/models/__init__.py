"""Models for people, teams, tokens and history."""

from accounts.models.history import HistoryEntry
from accounts.models.sign_in_attempt import SignInAttempt
from accounts.models.team import Membership, Team
from accounts.models.token import ApiToken
from accounts.models.user import Theme, User

__all__ = ["ApiToken", "HistoryEntry", "Membership", "SignInAttempt", "Team", "Theme", "User"]
