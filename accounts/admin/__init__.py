"""The admin site, and its pages for people, teams, tokens and history."""

from accounts.admin import site
from accounts.admin.people_admin import PersonAdmin, TeamAdmin
from accounts.admin.record_admin import ApiTokenAdmin, HistoryAdmin, SessionAdmin

__all__ = ["ApiTokenAdmin", "HistoryAdmin", "PersonAdmin", "SessionAdmin", "TeamAdmin", "site"]
